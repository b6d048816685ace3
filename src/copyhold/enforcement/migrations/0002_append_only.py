from django.db import migrations

from copyhold.core.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("enforcement", "0001_initial")]

    operations = [
        append_only("enforcement_document"),
    ]
