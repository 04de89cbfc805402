"""Django settings, derived from the effective configuration."""

import os
from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from guanxi.project.configuration import database_settings, load_configuration
from guanxi.project.mail import mail_server
from guanxi.project.packages import installed_packages

PACKAGE = Path(__file__).resolve().parent.parent
CONFIGURATION = load_configuration(os.environ, Path.cwd())
PACKAGES = installed_packages()

SECRET_KEY = CONFIGURATION.secret_key
ENCRYPTION_KEYS = CONFIGURATION.encryption_keys
ENCRYPTION_KEYS_FILE = CONFIGURATION.encryption_keys_file
DEBUG = CONFIGURATION.debug
ALLOWED_HOSTS = list(CONFIGURATION.allowed_hosts)
DATA_FOLDER = CONFIGURATION.data_folder
PUBLIC_URL = CONFIGURATION.public_url
TRUSTED_PROXIES = CONFIGURATION.trusted_proxies
IS_SECURE = PUBLIC_URL.startswith("https://")
LAKE_FOLDER = DATA_FOLDER / "lake"
MEDIA_ROOT = DATA_FOLDER / "files"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "guanxi.platform.ui",
    "guanxi.platform.people",
    "guanxi.platform.designer",
    "guanxi.platform.collaboration",
    "guanxi.platform.files",
    "guanxi.platform.transfer",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "guanxi.platform.jobs",
    "guanxi.platform.preferences",
    "guanxi.platform.audit",
    "guanxi.platform.access",
    "guanxi.platform.events",
    "guanxi.platform.records",
    "guanxi.platform.accounts",
    "guanxi.platform.search",
    "guanxi.platform.lake",
    "guanxi.platform.customfields",
    "guanxi.platform.objects",
    "guanxi.platform.api",
    "guanxi.customers",
    "guanxi.catalog",
    "guanxi.ledger",
    "guanxi.engagement",
    "guanxi.value",
    "guanxi.care",
    "guanxi.planning",
    "guanxi.stewardship",
    "guanxi.portal",
    *(package.app for package in PACKAGES),
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "guanxi.platform.ui.compression.CompressionMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "guanxi.platform.accounts.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "guanxi.platform.people.middleware.SecondFactorMiddleware",
    "guanxi.platform.ui.errors.ErrorMiddleware",
]

ROOT_URLCONF = "guanxi.project.urls"
WSGI_APPLICATION = "guanxi.project.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "guanxi.platform.ui.context.shell",
            ],
        },
    }
]

DATABASES = {"default": database_settings(CONFIGURATION)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache_entry"},
    "process": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["guanxi.platform.accounts.backend.Backend"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "guanxi.platform.accounts.passwords.HousePassword"}]
PASSWORD_RESET_TIMEOUT = 7 * 24 * 3600  # an invitation; the link to a new password lives an hour (accounts/links.py)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "guanxi.platform.accounts.adapters.AccountAdapter"
ACCOUNT_RATE_LIMITS = {"login_failed": "5/15m/key,20/15m/ip", "reset_password": "20/h/ip,3/h/key"}
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "guanxi.platform.accounts.links.LinkGenerator"  # noqa: S105  # a class
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_SESSION_REMEMBER = None
MFA_ADAPTER = "guanxi.platform.accounts.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Guanxi"
MFA_TOTP_TOLERANCE = 1
SOCIALACCOUNT_ADAPTER = "guanxi.platform.accounts.company_sign_in.CompanySignInAdapter"
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_PROVIDERS = (
    {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": CONFIGURATION.oidc_provider_id,
                    "name": CONFIGURATION.oidc_name,
                    "client_id": CONFIGURATION.oidc_client_id,
                    "secret": CONFIGURATION.oidc_client_secret,
                    "settings": {"server_url": CONFIGURATION.oidc_issuer},
                }
            ],
        }
    }
    if CONFIGURATION.oidc_issuer
    else {}
)
SESSION_ENGINE = "guanxi.platform.accounts.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = IS_SECURE
CSRF_COOKIE_SECURE = IS_SECURE
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if IS_SECURE else "http"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

MAIL_SERVER = mail_server(CONFIGURATION)
EMAIL_BACKEND = MAIL_SERVER.backend
EMAIL_FILE_PATH = CONFIGURATION.mail_folder
EMAIL_HOST = MAIL_SERVER.host
EMAIL_PORT = MAIL_SERVER.port
EMAIL_HOST_USER = MAIL_SERVER.user
EMAIL_HOST_PASSWORD = MAIL_SERVER.password
EMAIL_USE_SSL = MAIL_SERVER.has_tls
EMAIL_USE_TLS = MAIL_SERVER.has_starttls
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = CONFIGURATION.mail_from

LANGUAGE_CODE = CONFIGURATION.language
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = CONFIGURATION.time_zone

STATIC_URL = "/static/"
STATIC_ROOT = DATA_FOLDER / "run" / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
        if not DEBUG and (STATIC_ROOT / "staticfiles.json").exists()
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# A form of the sign-in page leads to the provider, which browsers count as an action of that form.
OIDC_ORIGINS = ["/".join(CONFIGURATION.oidc_issuer.split("/")[:3])] if CONFIGURATION.oidc_issuer else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF, *OIDC_ORIGINS],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000  # a questionnaire about a long plan is one form

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PGHISTORY_APPEND_ONLY = False
PGTRIGGER_MIGRATIONS = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"guanxi": {"level": "INFO"}, "procrastinate": {"level": "WARNING"}, "splink": {"level": "ERROR"}},
}
