from django.db import migrations

from copyhold.core.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("reference", "0001_initial")]

    operations = [
        append_only("reference_fingerprint"),
        append_only("reference_withdrawal"),
        append_only("reference_likeness"),
    ]
