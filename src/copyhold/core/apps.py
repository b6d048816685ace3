from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    name = "copyhold.core"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Every room's furniture is found by its name, so a room is added without editing another.
        autodiscover_modules("lifecycle", "jobs", "permissions")
