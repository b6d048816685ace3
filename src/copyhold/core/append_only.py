"""INSERT-only tables, kept so by the database itself and not by good manners.

`append_only("core_entry")` is a migration operation: a trigger refuses UPDATE, DELETE and TRUNCATE on the table.
Rows that a test must throw away go with the whole database.
"""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION copyhold_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
"""


def append_only(table: str) -> migrations.RunSQL:
    """Migration operation that makes `table` refuse everything but INSERT and SELECT."""
    name = f"{table}_append_only"
    return migrations.RunSQL(
        sql=[
            FUNCTION,
            (
                f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION copyhold_append_only();"
            ),
            (
                f"CREATE TRIGGER {name}_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION copyhold_append_only();"
            ),
        ],
        reverse_sql=[
            f"DROP TRIGGER IF EXISTS {name} ON {table};",
            f"DROP TRIGGER IF EXISTS {name}_truncate ON {table};",
        ],
    )


class AppendOnly:
    """Marks a model whose table is append-only; a fitness test checks that its trigger exists."""
