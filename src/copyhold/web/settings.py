"""Django's settings, made from web.config. Nothing here is read from anywhere else."""

import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from copyhold.core.kept_secret import kept_secret
from copyhold.web import config

config.share_compiled_code()
CONFIG = config.load()
HOME = Path(CONFIG.home).resolve()
ROOMS = Path(__file__).resolve().parents[1]

SECRET_KEY = CONFIG.secret_key or kept_secret(HOME / "keys" / "django")
DEBUG = CONFIG.debug == "1"
ALLOWED_HOSTS = [host.strip() for host in CONFIG.allowed_hosts.split(",") if host.strip()]

COPYHOLD_HOME = HOME
COPYHOLD_PUBLIC_URL = CONFIG.public_url or f"http://127.0.0.1:{CONFIG.port}"
COPYHOLD_ORIGIN = CONFIG.origin
COPYHOLD_OFFICE_KEY = HOME / "keys" / "office"
COPYHOLD_VAULT = CONFIG.vault or (HOME / "vault").as_uri()
COPYHOLD_INDEX = HOME / "index"
COPYHOLD_WARC = HOME / "warc"
COPYHOLD_LAW_PACK = CONFIG.law_pack
COPYHOLD_EGRESS_HOSTS = config.pairs(CONFIG.egress_hosts)
COPYHOLD_CHROMIUM = CONFIG.chromium


def database(url: str) -> dict[str, object]:
    """A libpq URL (also with ?host=/socket/folder) → Django's database settings."""
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "postgres",
        "USER": unquote(parts.username or query.pop("user", "")),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": str(parts.port or query.pop("port", "")),
        "OPTIONS": query,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": database(os.environ.get("DATABASE_URL", "postgresql:///copyhold"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django_tasks",
    "copyhold.core",
    "copyhold.people",
    "copyhold.registry",
    "copyhold.reference",
    "copyhold.evidence",
    "copyhold.inspection",
    "copyhold.enforcement",
    "copyhold.web",
]
AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
TASKS = {"default": {"BACKEND": "copyhold.core.jobs.backend.LeaseBackend"}}

MIDDLEWARE = [
    "copyhold.web.middleware.numbered",
    "copyhold.web.middleware.security_headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "copyhold.web.middleware.language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "copyhold.web.middleware.actor",
    "copyhold.web.middleware.Doorkeeper",
]
ROOT_URLCONF = "copyhold.web.urls"
WSGI_APPLICATION = "copyhold.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "copyhold.web.context.shell",
            ],
            "builtins": ["copyhold.web.templatetags.look"],
        },
    }
]

LANGUAGE_CODE = CONFIG.language
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [ROOMS / room / "locale" for room in ("recognition", "proofs", "jurisdictions", "guards")]
LANGUAGE_COOKIE_NAME = "language"
TIME_ZONE = CONFIG.time_zone
USE_I18N = USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS: list[Path] = []
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/desk/"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = COPYHOLD_PUBLIC_URL.startswith("https://")
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "copyhold.web.trouble.stale_form"
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
