"""The smallest office that has jobs: for worker processes that are killed."""

import os

from psycopg.conninfo import conninfo_to_dict

_server = conninfo_to_dict(os.environ["DATABASE_URL"])
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _server["dbname"],
        "USER": _server["user"],
        "HOST": _server["host"],
        "PORT": _server["port"],
    }
}
INSTALLED_APPS = ["django_tasks", "copyhold.core"]
TASKS = {"default": {"BACKEND": "copyhold.core.jobs.backend.LeaseBackend"}}
SECRET_KEY = "a test office"
USE_TZ = True
