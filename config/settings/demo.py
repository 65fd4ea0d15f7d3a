"""The demo company on one machine: what `make run` starts."""

import secrets
from datetime import timedelta

from config.settings.base import *  # noqa: F403  settings are the one place where Django expects this
from config.settings.base import STATE_DIR, env
from runtime.installation_state import installation_secret

IS_DEMO = True
SECRET_KEY = env.str("SECRET_KEY", "") or installation_secret(STATE_DIR) or secrets.token_urlsafe(48)
DEBUG = False
HOST = env.str("HOST", "127.0.0.1")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
STATIC_ROOT = STATE_DIR / "staticfiles"
PROOF_CLIENT = PROOF_SERVER = {"events": 3, "ids": 2, "span": timedelta(0)}
