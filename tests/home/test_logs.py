"""Log lines: a traceback says where, and never what the variables held."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys

from config.logs import configure


def test_a_traceback_holds_no_values_of_variables() -> None:
    handlers, level = logging.root.handlers[:], logging.root.level
    try:
        configure({"level": "INFO"})
        written = io.StringIO()
        logging.root.handlers[0].setStream(written)  # type: ignore[attr-defined]
        try:
            secret = "wk_" + "do-not-print-me"
            raise RuntimeError("it broke")
        except RuntimeError:
            logging.getLogger("anything").exception("Something broke")
    finally:
        logging.root.handlers[:], logging.root.level = handlers, level
    assert "RuntimeError: it broke" in written.getvalue()
    assert secret not in written.getvalue()


WORKER = """
import django
django.setup()
import structlog
from config.celery import app
app.log.setup(loglevel="WARNING", redirect_stdouts=True)
log = structlog.get_logger("anything")
log.warning("a batch failed", source=7)
log.info("nobody reads this")
print("printed by a library")
"""


def test_workers_write_lines_as_all_processes_do() -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.demo"}
    done = subprocess.run(
        [sys.executable, "-c", WORKER], capture_output=True, text=True, check=True, env=environment, timeout=60
    )
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert "a batch failed" in lines[0] and "source=7" in lines[0] and "{" not in lines[0]
    assert done.stdout == "printed by a library\n"
