"""What every installation of Signalbook shares."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF

from config.task_queues import TaskQueue, broker_queue, declared_queues, task_routes
from runtime.installation_state import broker_url, database_urls
from runtime.supervision.process_memory import DEFAULT_LIMIT, LIMIT_VARIABLE

BASE_DIR = Path(__file__).resolve().parents[2]
STATE_DIR = BASE_DIR / ".signalbook"

env = environ.Env()

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "csp",
    "django_filters",
    "django_htmx",
    "django_prometheus",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "template_partials",
    "accounts",
    "catalog",
    "tracking.traffic",
    "tracking.profiling",
    "tracking.quality",
    "tracking.requests",
    "pages",
    "home",
    "demo",
    "erasure",
    "tour",
    "backup",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "tracking.traffic.collect.middleware.CollectorMiddleware",
    "accounts.middleware.RequestIdMiddleware",
    "accounts.middleware.Utf8Middleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "pages.cache_control.CacheControlMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "accounts.middleware.ApiSlashMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.sessions.middleware.SessionUseMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.FirstPasswordMiddleware",
    "accounts.middleware.TimeZoneMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "config.urls"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["template_partials.templatetags.partials"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "home.context_processors.page_layout",
            ],
        },
    }
]

# The application runs as a role that owns nothing; manage.py asks for the owner's where a command needs it.
DATABASE_URLS = database_urls(STATE_DIR)
IS_DATABASE_OWNER = env.str("DATABASE_ROLE", "") == "owner"
APPLICATION_DATABASE_ROLE = DATABASE_URLS.application_role
DATABASES = {
    "default": environ.Env.db_url_config(DATABASE_URLS.owner if IS_DATABASE_OWNER else DATABASE_URLS.application)
}
DATABASES["default"] |= {
    "ENGINE": "database",  # Django's own for PostgreSQL, with waits that can be bounded
    "ATOMIC_REQUESTS": False,
    "CONN_MAX_AGE": 60,
    "CONN_HEALTH_CHECKS": True,
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.NoSignupAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# Failures are limited by accounts/services/sign_in_limits.py. allauth's limit of "login" bounds what passwords cost to
# look at; a whole company may sign in from one address in the morning.
SIGN_IN_ACCOUNT_FAILURES = env.int("SIGN_IN_ACCOUNT_FAILURES", 10)
SIGN_IN_NETWORK_FAILURES = env.int("SIGN_IN_NETWORK_FAILURES", 50)
SIGN_IN_WINDOW = timedelta(minutes=15)
SIGN_IN_HOME_RETENTION = timedelta(days=30)
ACCOUNT_RATE_LIMITS = {
    "login_failed": "",
    "login": "300/m/ip",
    # Whoever sits down at a browser that was left open tries a password there no oftener than at the sign-in.
    "change_password": f"{SIGN_IN_ACCOUNT_FAILURES}/{SIGN_IN_WINDOW.seconds}s/user",
}
# The database keeps each entry for a week, whatever is asked for.
AUDIT_RETENTION = timedelta(days=max(8, env.int("AUDIT_RETENTION_DAYS", 90)))

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_entry",
        "OPTIONS": {"MAX_ENTRIES": 10_000},  # by default strangers could push out the limits of others with 300
    }
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: [] for name in ("camera", "geolocation", "microphone", "payment", "usb")
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_ENGINE = "accounts.sessions.session_store"
# A session ends when nobody has used it for so long, and so long after the sign-in, however much it is used.
SESSION_IDLE = timedelta(hours=env.float("SESSION_IDLE_HOURS", 12))
SESSION_LIFETIME = timedelta(days=env.float("SESSION_LIFETIME_DAYS", 14))
SESSION_COOKIE_AGE = int(SESSION_LIFETIME.total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "accounts.views.error_pages.csrf_failure"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.api.default_permission.IsSignedIn"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "accounts.api.pagination.StableCursorPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["accounts.api.parsers.BoundedJSONParser"],
    "EXCEPTION_HANDLER": "accounts.api.problem_details.problem_exception_handler",
    "PAGE_SIZE": 50,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Signalbook",
    "DESCRIPTION": "The event catalog that proves its definitions against live traffic.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["accounts.api.default_permission.IsSignedIn"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "accounts.api.openapi_problems.describe_problems",
    ],
    "ENUM_NAME_OVERRIDES": {
        "DeliveryState": "tracking.requests.choices.DeliveryState",
        "FindingState": "tracking.quality.choices.FindingState",
        "RequestState": "tracking.requests.choices.RequestState",
        "Environment": "catalog.choices.Environment",
    },
}

# Whether a failing part of a page fails the page, too, instead of a sentence in its place. For tests and debugging.
RAISE_IN_PAGE_PARTS = False

CELERY_BROKER_URL, CELERY_BROKER_TRANSPORT_OPTIONS = broker_url(STATE_DIR)
# Installations that share a broker need a name each: their queues begin with it.
BROKER_QUEUE = env.str("BROKER_QUEUE", "signalbook")
CELERY_TASK_QUEUES = declared_queues(BROKER_QUEUE)
CELERY_TASK_ROUTES = task_routes(BROKER_QUEUE)
CELERY_TASK_DEFAULT_QUEUE = broker_queue(BROKER_QUEUE, TaskQueue.JOBS)
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A worker answers no heartbeat of the broker during a task, and would lose its connection to one that asks for them.
# Whether messages come through is tried by the message that each worker sends to itself.
CELERY_BROKER_HEARTBEAT = 0
CELERY_TIMEZONE = "UTC"


def _every(task: str, seconds: float) -> dict[str, Any]:
    """Return a line of the schedule. A message that is not taken before the next one is due is worth nothing."""
    return {"task": task, "schedule": timedelta(seconds=seconds), "options": {"expires": seconds}}


CELERY_BEAT_SCHEDULE = {
    "drain the inbox": _every("traffic.drain_inbox", 2),
    "fold rollups": _every("traffic.fold_rollups", 5),
    "forget old traffic": _every("traffic.expire", 600),
    "forget old sessions": _every("accounts.expire", 3_600),
    "fold profiles": _every("profiling.fold", 5),
    "forget old profiles": _every("profiling.expire", 3_600),
    "sign of the schedule": _every("traffic.schedule_beat", 2),
    "advance deliveries": _every("requests.advance_deliveries", 3),
    "end abandoned imports": _every("requests.fail_abandoned_imports", 60),
}

# How long a worker may be at one task, by its queue, and a message that it sent to itself on its way, before the
# process is replaced.
WORKER_TASK_SECONDS = {
    TaskQueue.CHECK: env.float("WORKER_CHECK_SECONDS", 120),
    TaskQueue.PERIODIC: env.float("WORKER_PERIODIC_SECONDS", 900),
    TaskQueue.JOBS: env.float("WORKER_JOBS_SECONDS", 7_200),
}
WORKER_DEAF_SECONDS = env.float("WORKER_DEAF_SECONDS", 15)
WORKER_MAX_MEMORY = env.int(LIMIT_VARIABLE, DEFAULT_LIMIT)
# From when on `/readyz` calls the inbox late: the age of what has waited longest.
INBOX_LATE = timedelta(seconds=env.float("INBOX_LATE_SECONDS", 30))

# Called with each `CheckedBatch`, in the transaction of its counts, by `tracking.traffic`, which may not import the
# apps above it.
TRAFFIC_RECORDERS = [
    "tracking.profiling.profile_recorder.record_profiles",
    "tracking.quality.finding_recorder.record_findings",
    "tracking.requests.evidence.recording.recorder.record_evidence",
]

# What other apps still need of names that nobody defined and that do not come any more: each is a callable of ids of
# seen names, and returns those that must stay.
SEEN_NAME_KEEPERS = [
    "tracking.quality.services.triage.names_with_triaged_findings",
    "tracking.requests.authoring.proposals.names_in_open_requests",
]

# The front: what one process of the web server (runtime/web_server.py starts it) may be held up by, and for how long.
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
PAGE_THREADS = env.int("PAGE_THREADS", 4)
PAGE_MAX_WAITING = env.int("PAGE_MAX_WAITING", 100)
PAGE_WAIT_SECONDS = env.float("PAGE_WAIT_SECONDS", 10)
PAGE_ANSWER_SECONDS = env.float("PAGE_ANSWER_SECONDS", 60)
PAGE_DATABASE_SECONDS = env.float("PAGE_DATABASE_SECONDS", 45)
PAGE_MAX_BODY_BYTES = 130 * 1024 * 1024  # the largest upload of an importer, with its form
PAGE_BODIES_BYTES = env.int("PAGE_BODIES_BYTES", 512 * 1024 * 1024)
PAGE_BODY_SECONDS = env.float("PAGE_BODY_SECONDS", 300)
PAGE_PATHS_WITHOUT_DATABASE = ("/static/", "/metrics")
COLLECT_THREADS = env.int("COLLECT_THREADS", 4)
COLLECT_WRITER_THREADS = env.int("COLLECT_WRITER_THREADS", 2)
COLLECT_MAX_WAITING = env.int("COLLECT_MAX_WAITING", 1_000)
COLLECT_WAIT_SECONDS = 1.0
COLLECT_ANSWER_SECONDS = 1.9
COLLECT_DATABASE_SECONDS = 1.7
COLLECT_BODIES_BYTES = env.int("COLLECT_BODIES_BYTES", 128 * 1024 * 1024)
COLLECT_BODY_SECONDS = env.float("COLLECT_BODY_SECONDS", 30)
BODY_IDLE_SECONDS = env.float("BODY_IDLE_SECONDS", 10)
UNSENT_SECONDS = env.float("UNSENT_SECONDS", 30)
REFUSAL_RETENTION = timedelta(days=3)

# The address under which this installation reaches its own collector: test events are posted there, with write keys.
# A setting and never the Host of a request, which whoever asks may choose.
SIGNALBOOK_URL = env.str("SIGNALBOOK_URL", "")

INBOX_MAX_BYTES = env.int("INBOX_MAX_BYTES", 512 * 1024 * 1024)
# A source may fill the inbox up to so many times what is still free of it: alone two thirds, with one other two fifths.
INBOX_SHARE_FACTOR = 2.0
# What a write key and a source may send for long, over all processes; above it, so many seconds' worth at once.
KEY_EVENTS_PER_SECOND = env.int("KEY_EVENTS_PER_SECOND", 50_000)
KEY_BYTES_PER_SECOND = env.int("KEY_BYTES_PER_SECOND", 50_000_000)
SOURCE_EVENTS_PER_SECOND = env.int("SOURCE_EVENTS_PER_SECOND", 100_000)
SOURCE_BYTES_PER_SECOND = env.int("SOURCE_BYTES_PER_SECOND", 100_000_000)
RATE_BURST_SECONDS = env.float("RATE_BURST_SECONDS", 20)
INBOX_LEASE = timedelta(seconds=env.float("INBOX_LEASE_SECONDS", 30))
INBOX_MAX_ATTEMPTS = 3
INBOX_RETRY_DELAY = timedelta(seconds=10)  # the wait after a failure; twice that after each attempt used up
INBOX_CLAIM_BATCHES = 400  # beside the bounds on bytes and events of a claim
# Whether events are accepted by decoding them as the type of their definition. Without it each is parsed and validated
# as those that are not accepted so: the same verdicts, several times as slowly.
CHECK_FAST_PATH = env.bool("CHECK_FAST_PATH", True)
COLLECT_MAX_BODY_BYTES = 4_000 * 1024
COLLECT_MAX_INFLATED_BYTES = 16_000 * 1024
COLLECT_MAX_EVENTS = env.int("COLLECT_MAX_EVENTS", 5_000)
DEDUP_WINDOW = timedelta(hours=24)
SAMPLES_KEPT = 200
MAX_EVENT_NAMES_PER_HOUR = 1_000
MAX_APP_VERSIONS_PER_HOUR = 200
MAX_FINDINGS_PER_HOUR = 500
ROLLUP_RETENTION = timedelta(days=90)
QUARANTINE_RETENTION = timedelta(days=30)
# What came in the properties of events, by day: how long, and how many rows of one source on one day. Past them the
# events of new app versions are counted together.
PROFILE_RETENTION = timedelta(days=env.int("PROFILE_RETENTION_DAYS", 90))
PROFILE_MAX_ROWS = env.int("PROFILE_MAX_ROWS", 20_000)
UNDEFINED_NAME_RETENTION = timedelta(days=env.int("UNDEFINED_NAME_RETENTION_DAYS", 30))  # at most ROLLUP_RETENTION

# What production must show before a delivery is live: events, distinct ids, and the time
# they span. A public write key can be copied, so client sources must show more.
PROOF_CLIENT = {"events": 20, "ids": 5, "span": timedelta(minutes=10)}
PROOF_SERVER = {"events": 5, "ids": 1, "span": timedelta(0)}
PROOF_CONFORMING_SHARE = 0.95
EVIDENCE_MIN_CONFORMING = 1
EVIDENCE_IDS_KEPT = 1_000
REPLAY_SAMPLES = 200
REPLAY_SAMPLES_PER_PAGE = 400  # for all changes and sources that a page or an answer shows

IS_DEMO = False
METRICS_TOKEN = env.str("METRICS_TOKEN", "")
LOGGING_CONFIG = "config.logs.configure"
LOGGING = {"level": env.str("LOG_LEVEL", "INFO")}
