from django.db import migrations

from copyhold.core.append_only import append_only


def first_head(apps, _editor):
    apps.get_model("core", "LedgerHead").objects.get_or_create(pk=1, defaults={"size": 0})



class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.RunSQL("CREATE EXTENSION IF NOT EXISTS pg_trgm", migrations.RunSQL.noop),
        migrations.RunPython(first_head, migrations.RunPython.noop),
        append_only("core_blob"),
        append_only("core_entry"),
        append_only("core_node"),
        append_only("core_checkpoint"),
    ]
