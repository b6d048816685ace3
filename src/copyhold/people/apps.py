from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "copyhold.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from copyhold.core import ledger
        from copyhold.people.permissions import check

        ledger.set_gate(check)
