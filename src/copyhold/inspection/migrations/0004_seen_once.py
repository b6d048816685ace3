"""Sightings know their bytes by digest, so that only what matched is kept in the vault; addresses know their shape."""

from django.db import migrations, models

COPY = """
ALTER TABLE inspection_sighting DISABLE TRIGGER USER;
UPDATE inspection_sighting SET sha256 = blob_id;
ALTER TABLE inspection_sighting ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL refuses to alter a table that has trigger events of the same transaction

    dependencies = [("inspection", "0003_record_length")]

    operations = [
        migrations.AddField("address", "shape", models.CharField(default="", max_length=64)),
        migrations.AddIndex(
            "address", models.Index(fields=["patrol", "kind", "shape"], name="inspection__patrol_kind_shape")
        ),
        migrations.RemoveConstraint("sighting", "sighting_once"),
        migrations.AddField("sighting", "sha256", models.CharField(default="", max_length=64)),
        migrations.RunSQL(COPY, migrations.RunSQL.noop),
        migrations.AlterField(
            "sighting", "blob", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="core.blob")
        ),
        migrations.AddConstraint(
            "sighting", models.UniqueConstraint(fields=["patrol", "resource_url", "sha256"], name="sighting_once")
        ),
        migrations.AddIndex(
            "sighting", models.Index(fields=["patrol", "sha256", "medium"], name="inspection__patrol_sha_medium")
        ),
    ]
