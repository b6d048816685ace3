from django.db import migrations

from copyhold.core.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("inspection", "0001_initial")]

    operations = [
        append_only("inspection_sighting"),
        append_only("inspection_match"),
    ]
