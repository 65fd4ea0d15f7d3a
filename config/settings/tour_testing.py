"""What the test of the tour runs its server and worker with: the tests' settings, as the demo."""

from pathlib import Path

from config.settings import demo
from config.settings.base import env
from config.settings.testing import *  # noqa: F403  settings are the one place where Django expects this

IS_DEMO = True
STATE_DIR = Path(env.str("TOUR_STATE"))
PROOF_CLIENT, PROOF_SERVER = demo.PROOF_CLIENT, demo.PROOF_SERVER
