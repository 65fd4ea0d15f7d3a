"""How a start ends early: it cannot go on, or somebody asked it to stop."""


class StartupError(Exception):
    """Signalbook cannot start or go on. The text is one sentence for a person: what happened, why, what to do next."""


class StopRequested(Exception):
    """Somebody asked us to stop (Ctrl-C, SIGTERM, a closed terminal)."""
