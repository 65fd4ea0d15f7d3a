"""How a start ends early: it cannot go on, or somebody asked it to stop."""


class CannotStart(Exception):
    """Signalbook cannot start or go on. The text is one sentence for a person: what happened, why, what to do next."""


class Stopped(Exception):
    """Somebody asked us to stop (Ctrl-C, SIGTERM, a closed terminal)."""
