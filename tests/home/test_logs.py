"""Log lines: a traceback says where, and never what the variables held."""

from __future__ import annotations

import io
import logging

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
