from django.db import migrations

from copyhold.core.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial")]

    operations = [
        append_only("registry_letter"),
        append_only("registry_issuance"),
        append_only("registry_certificate"),
    ]
