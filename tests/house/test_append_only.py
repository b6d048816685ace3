"""What must never change cannot change: the database itself refuses, whoever asks."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from copyhold.core.append_only import AppendOnly

TABLES = sorted(
    model._meta.db_table for model in apps.get_models() if issubclass(model, AppendOnly) and not model._meta.proxy
)
MUST_BE = {
    "core_entry", "core_node", "core_checkpoint", "core_blob", "registry_certificate", "registry_issuance",
    "registry_letter", "reference_fingerprint", "evidence_exhibit", "evidence_exhibititem", "evidence_custody",
    "inspection_sighting", "inspection_match", "enforcement_document",
}  # fmt: skip
REFUSED = "23001"  # restrict_violation, as raised by core.append_only
ROW, TRUNCATE = (
    1 | 2 | 8 | 16,
    2 | 32,
)  # bits of pg_trigger.tgtype: row-level, before, delete, update | before, truncate


def test_the_load_bearing_tables_are_marked():
    assert MUST_BE - set(TABLES) == set()


@pytest.mark.django_db
@pytest.mark.parametrize("table", TABLES)
def test_the_triggers_stand_and_are_on(table):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgtype FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE t.tgrelid = %s::regclass AND p.proname = 'copyhold_append_only' AND t.tgenabled = 'O'",
            [table],
        )
        assert {kind for (kind,) in cursor.fetchall()} == {ROW, TRUNCATE}


@pytest.mark.django_db
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE", "TRUNCATE"])
def test_the_database_refuses(table, verb):
    with connection.cursor() as cursor:
        column = put_any_row(cursor, table)
        statement = {
            "UPDATE": f'UPDATE {table} SET "{column}" = "{column}"',
            "DELETE": f"DELETE FROM {table}",
            "TRUNCATE": f"TRUNCATE {table} CASCADE",
        }[verb]
        with pytest.raises(DatabaseError) as refusal, transaction.atomic():
            cursor.execute(statement)
        assert refusal.value.__cause__.sqlstate == REFUSED
        assert "is append-only" in str(refusal.value)
        cursor.execute(f"SELECT count(*) FROM {table}")
        assert cursor.fetchone()[0] >= 1


def put_any_row(cursor, table: str) -> str:
    """A row that satisfies the column types; foreign keys are put aside while it is written. Gives a column's name."""
    cursor.execute(
        "SELECT column_name, data_type, is_identity, is_nullable, character_maximum_length "
        "FROM information_schema.columns WHERE table_name = %s AND table_schema = current_schema() "
        "ORDER BY ordinal_position",
        [table],
    )
    columns = cursor.fetchall()
    wanted = [column for column in columns if column[2] == "NO" and column[3] == "NO"]
    values = ", ".join(f"'{'a' * min(most, 64)}'" if most else ANY[kind] for _, kind, _, _, most in wanted)
    names = ", ".join(f'"{column[0]}"' for column in wanted)
    cursor.execute("SET LOCAL session_replication_role = replica")
    cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({values})")
    cursor.execute("SET LOCAL session_replication_role = origin")
    return columns[0][0]


ANY = {
    "bigint": "1", "integer": "1", "smallint": "1", "double precision": "0.5", "boolean": "false", "date": "now()",
    "character varying": "'a'", "text": "'a'", "bytea": "'\\x00'::bytea", "jsonb": "'{}'",
    "timestamp with time zone": "now()", "uuid": "gen_random_uuid()",
}  # fmt: skip
