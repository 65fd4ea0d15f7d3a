"""Settings of the tour's tests, for server and worker: those of the tests, as the demo."""

from pathlib import Path

from config.settings import demo
from config.settings.base import env
from config.settings.testing import *  # noqa: F403  settings are the one place where Django expects this

IS_DEMO = True
STATE_DIR = Path(env.str("TOUR_STATE"))
PROOF_CLIENT, PROOF_SERVER = demo.PROOF_CLIENT, demo.PROOF_SERVER
