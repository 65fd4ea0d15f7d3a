"""What the small project needs: a database, a broker, one app."""

import sys
from datetime import timedelta
from pathlib import Path

import environ

from runtime.installation_state import broker_url, database_urls, installation_secret

BASE_DIR = Path(__file__).resolve().parents[2]
STATE_DIR = BASE_DIR / ".signalbook"
SECRET_KEY = installation_secret(STATE_DIR)
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
INSTALLED_APPS = ["django.contrib.staticfiles", "company"]
ROOT_URLCONF = "company.views"
IS_OWNER = sys.argv[1:2] in (["migrate"], ["createcachetable"])
URLS = database_urls(STATE_DIR)
DATABASES = {
    "default": environ.Env.db_url_config(URLS.owner if IS_OWNER else URLS.application) | {"CONN_HEALTH_CHECKS": True}
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "staticfiles"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache_entry"}}
CELERY_BROKER_URL, CELERY_BROKER_TRANSPORT_OPTIONS = broker_url(STATE_DIR)
CELERY_TASK_DEFAULT_QUEUE = "periodic"
CELERY_TASK_IGNORE_RESULT = True
CELERY_BEAT_SCHEDULE = {"beat": {"task": "company.beat", "schedule": timedelta(seconds=1)}}
CELERY_WORKER_POOL = "solo"  # ends sooner than a worker with a process for its tasks
