"""Settings. What a site may change comes from the environment; everything else is decided here, with its reason."""

import datetime
import os
import sqlite3
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF

from kongchuo import datadir

BASE_DIR = datadir.ROOT
DATA_DIR = datadir.data_dir()

# --- Database -------------------------------------------------------------------------------------------------
SQLITE_FILE = DATA_DIR / "kongchuo.sqlite3"


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Whether this SQLite is free of the WAL-reset bug (3.7.0 to 3.51.2, mended in three release lines)."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


# FULL and EXTRA flush each commit: a report that was acknowledged survives a power cut. NORMAL does not.
SQLITE_JOURNAL = ("WAL", "FULL") if wal_is_safe(sqlite3.sqlite_version_info) else ("DELETE", "EXTRA")

if os.environ.get("DATABASE_URL"):
    DATABASES = {"default": dj_database_url.config(conn_max_age=600, conn_health_checks=True)}
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(SQLITE_FILE),
            "CONN_MAX_AGE": 600,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {
                "timeout": 20,
                # A deferred transaction that turns into a write fails at once under load; IMMEDIATE waits its turn.
                "transaction_mode": "IMMEDIATE",
                "init_command": (
                    f"PRAGMA journal_mode={SQLITE_JOURNAL[0]};PRAGMA synchronous={SQLITE_JOURNAL[1]};"
                    "PRAGMA secure_delete=ON;PRAGMA trusted_schema=OFF;PRAGMA cell_size_check=ON;"
                ),
            },
        }
    }
# With IMMEDIATE, a transaction around every page would queue all readers behind each other: services open their own.
for database in DATABASES.values():
    database["ATOMIC_REQUESTS"] = False

KEYS = datadir.load_keys(database_exists=SQLITE_FILE.exists())
SECRET_KEY = KEYS.session

# --- Where it is reached --------------------------------------------------------------------------------------
DEBUG = False
# https://… switches on redirects, HSTS and secure cookies. Without it the site runs on a LAN under a red banner.
PUBLIC_URL = os.environ.get("KC_PUBLIC_URL", "")
HTTPS = PUBLIC_URL.startswith("https://")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS += [host for host in os.environ.get("KC_HOSTS", "").split(",") if host]
if PUBLIC_URL:
    ALLOWED_HOSTS.append(urlsplit(PUBLIC_URL).hostname or "")
    CSRF_TRUSTED_ORIGINS = [PUBLIC_URL.rstrip("/")]
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-sid" if HTTPS else "sid"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        # The roll call carries its styles in the page (one round trip less on a slow line); scripts never.
        "style-src": [SELF, "'unsafe-inline'"],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

# --- Apps and requests ----------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "schools",
    "students",
    "attendance",
    "followups",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "schools.middleware.AccessMiddleware",
]
ROOT_URLCONF = "kongchuo.urls"
WSGI_APPLICATION = "kongchuo.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "schools.context.site",
            ],
            "builtins": ["schools.templatetags.kc"],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_CLASS_CONVERTERS: dict[str, str] = {}

AUTH_USER_MODEL = "schools.User"
LOGIN_URL = "schools:login"
LOGIN_REDIRECT_URL = "/"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "phone")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# --- Language, time, files ------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = USE_TZ = True
FORMAT_MODULE_PATH = ["kongchuo.formats"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "kongchuo.storage.DurableFileStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Private files (photos, scans, exports) live under MEDIA_ROOT and have no URL: only scoped views serve them.
MEDIA_ROOT = DATA_DIR / "files"
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
# A roster (5 MB at most) stays in memory: a temporary file would hold the numbers in plain text.
FILE_UPLOAD_MAX_MEMORY_SIZE = 6_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# --- Demo -----------------------------------------------------------------------------------------------------
# Only an installation that the demo command made may stand still on a day; a real school's clock is never set.
_demo = datadir.demo_today_file()
DEMO = _demo.exists()
DEMO_TODAY = datetime.date.fromisoformat(os.environ.get("KC_DEMO_TODAY") or _demo.read_text().strip()) if DEMO else None

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"numbers": {"()": "kongchuo.logs.MaskNumbers"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["numbers"], "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    # Each stylesheet that a PDF reads would be a line; warnings still come through the parent logger.
    "loggers": {"weasyprint.progress": {"handlers": [], "propagate": False}},
}
PDF_FONT_FAMILIES = ("Noto Serif CJK SC", "Noto Sans CJK SC", "Source Han Serif SC", "WenQuanYi Micro Hei")
PDF_ROWS_PER_CHUNK = 200
Path(MEDIA_ROOT).mkdir(mode=0o700, parents=True, exist_ok=True)
