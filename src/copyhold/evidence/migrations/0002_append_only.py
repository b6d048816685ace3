from django.db import migrations

from copyhold.core.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("evidence", "0001_initial")]

    operations = [
        append_only("evidence_exhibit"),
        append_only("evidence_exhibititem"),
        append_only("evidence_custody"),
    ]
