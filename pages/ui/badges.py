"""How each fixed word of the product looks: its label, its icon and its tone."""

from __future__ import annotations

from typing import NamedTuple

TONES = ("neutral", "info", "ok", "warn", "bad", "violet")


class Badge(NamedTuple):
    """A word with an icon and a tone (one of `TONES`), so that colour is never the only difference."""

    label: str
    icon: str
    tone: str


BADGES: dict[str, dict[str, Badge]] = {
    # The status of an event.
    "status": {
        "planned": Badge("Planned", "circle", "neutral"),
        "live": Badge("Live", "broadcast", "ok"),
        "deprecated": Badge("Deprecated", "hourglass-split", "warn"),
        "retired": Badge("Retired", "archive", "neutral"),
    },
    # The state of a request or of a delivery.
    "state": {
        "draft": Badge("Draft", "pencil", "neutral"),
        "requested": Badge("Requested", "send", "info"),
        "reviewed": Badge("Reviewed", "person-check", "info"),
        "developed": Badge("Developed", "code-slash", "violet"),
        "tested": Badge("Tested", "clipboard-check", "violet"),
        "live": Badge("Live", "broadcast", "ok"),
        "declined": Badge("Declined", "slash-circle", "warn"),
        "withdrawn": Badge("Withdrawn", "arrow-counterclockwise", "neutral"),
        "planned": Badge("Planned", "circle", "neutral"),
        "dropped": Badge("Dropped", "x-circle", "neutral"),
        "superseded": Badge("Superseded", "layers", "neutral"),
    },
    "verdict": {
        "conforming": Badge("Conforming", "check-circle-fill", "ok"),
        "nonconforming": Badge("Nonconforming", "x-circle-fill", "bad"),
        "undocumented": Badge("Undocumented", "question-circle", "warn"),
        "wrong_source": Badge("Wrong source", "signpost-split", "warn"),
        "retired": Badge("Retired", "archive", "warn"),
        "unreadable": Badge("Unreadable", "exclamation-octagon", "bad"),
        "unchecked": Badge("Unchecked", "hourglass", "neutral"),
        # No verdict: a stored event whose masked values cannot be validated.
        "hidden": Badge("Hidden", "eye-slash", "neutral"),
    },
    # Whether a write key is still being held back.
    "throttle": {
        "now": Badge("Being throttled", "hourglass-split", "warn"),
        "over": Badge("Over", "check-circle", "neutral"),
    },
    "severity": {
        "error": Badge("Error", "exclamation-circle-fill", "bad"),
        "warning": Badge("Warning", "exclamation-triangle", "warn"),
        "note": Badge("Note", "info-circle", "neutral"),
    },
    "finding": {
        "open": Badge("Open", "record-circle", "bad"),
        "acknowledged": Badge("Acknowledged", "eye", "info"),
        "resolved": Badge("Resolved", "check-circle", "ok"),
        "ignored": Badge("Ignored", "eye-slash", "neutral"),
        "regressed": Badge("Regressed", "arrow-repeat", "bad"),
    },
    # Quiet: absent for longer than usual.
    "freshness": {
        "receiving": Badge("Receiving", "activity", "ok"),
        "quiet": Badge("Quiet", "moon", "warn"),
        "never": Badge("Never seen", "dash-circle", "neutral"),
    },
    "health": {
        "unknown": Badge("No recent traffic", "dash-circle", "neutral"),
        "ok": Badge("OK", "heart-pulse", "ok"),
        "warnings": Badge("Warnings", "exclamation-triangle", "warn"),
        "failing": Badge("Failing", "exclamation-octagon", "bad"),
    },
    "lane": {
        "words": Badge("Words", "type", "neutral"),
        "documenting": Badge("Documenting", "journal-text", "info"),
        "retiring": Badge("Retiring", "archive", "warn"),
        "new": Badge("Full way", "signpost-split", "neutral"),
    },
    # What a change does, and how far a version is from its parent.
    "change": {
        "create": Badge("Create", "plus-square", "ok"),
        "update": Badge("Update", "pencil-square", "info"),
        "deprecate": Badge("Deprecate", "hourglass-split", "warn"),
        "retire": Badge("Retire", "archive", "warn"),
        "none": Badge("No change", "dash", "neutral"),
        "patch": Badge("Patch", "type", "neutral"),
        "minor": Badge("Minor", "plus-circle", "info"),
        "major": Badge("Major", "exclamation-diamond", "bad"),
    },
    # One line of a diff.
    "difference": {
        "added": Badge("New", "plus-square", "ok"),
        "removed": Badge("Removed", "dash-square", "bad"),
        "changed": Badge("Changed", "pencil-square", "warn"),
        "words": Badge("Words", "type", "neutral"),
    },
    # A property of one event beside its definition.
    "property_check": {
        "ok": Badge("As expected", "check", "ok"),
        "wrong": Badge("Wrong", "x-circle-fill", "bad"),
        "missing": Badge("Missing", "x-circle-fill", "bad"),
        "extra": Badge("Not expected", "exclamation-triangle", "warn"),
    },
    # A property of a version that is being verified.
    "expected_property": {
        "ok": Badge("Seen", "check-circle-fill", "ok"),
        "errors": Badge("Seen with errors", "x-circle-fill", "bad"),
        "missing": Badge("Not seen", "circle", "neutral"),
    },
    # What a person is told after a step; the levels of django.contrib.messages.
    "message": {
        "info": Badge("Note", "info-circle", "info"),
        "success": Badge("Done", "check-circle", "ok"),
        "warning": Badge("Warning", "exclamation-triangle", "warn"),
        "error": Badge("Error", "exclamation-octagon", "bad"),
    },
    "verification": {
        "verified": Badge("Verified", "patch-check-fill", "ok"),
        "outdated": Badge("Verification outdated", "patch-exclamation", "warn"),
        "none": Badge("Not verified", "patch-question", "neutral"),
    },
    "priority": {
        "low": Badge("Low", "chevron-down", "neutral"),
        "normal": Badge("Normal", "dash", "neutral"),
        "high": Badge("High", "chevron-up", "warn"),
        "urgent": Badge("Urgent", "chevron-double-up", "bad"),
    },
    "environment": {
        "production": Badge("Production", "globe2", "info"),
        "staging": Badge("Staging", "layers", "violet"),
        "development": Badge("Development", "terminal", "neutral"),
    },
    "platform": {
        "web": Badge("Web", "window", "neutral"),
        "ios": Badge("iOS", "apple", "neutral"),
        "android": Badge("Android", "android2", "neutral"),
        "server": Badge("Server", "server", "neutral"),
        "other": Badge("Other", "cpu", "neutral"),
    },
    # What the audit log tells of.
    "audit": {
        "sign_in": Badge("Signed in", "box-arrow-in-right", "ok"),
        "sign_in_failed": Badge("Failed to sign in", "shield-x", "warn"),
        "sign_out": Badge("Signed out", "box-arrow-right", "neutral"),
        "session_ended": Badge("Session ended", "power", "neutral"),
        "password_changed": Badge("Password changed", "lock", "info"),
        "refused": Badge("Refused", "slash-circle", "warn"),
        "token_issued": Badge("Token created", "key", "info"),
        "token_revoked": Badge("Token revoked", "x-circle", "neutral"),
        "token_network": Badge("Token used from a new network", "hdd-network", "warn"),
        "token_refused": Badge("Token refused", "shield-exclamation", "bad"),
    },
    # The outcome of one entry of an import, and the state of the import.
    "outcome": {
        "created": Badge("Created", "plus-square", "ok"),
        "updated": Badge("Updated", "pencil-square", "info"),
        "unchanged": Badge("Unchanged", "dash", "neutral"),
        "fragment": Badge("Part of others", "puzzle", "neutral"),
        "skipped": Badge("Skipped", "slash-circle", "warn"),
        "failed": Badge("Failed", "x-octagon", "bad"),
    },
    "import": {
        "waiting": Badge("Waiting", "hourglass", "neutral"),
        "running": Badge("Running", "arrow-repeat", "info"),
        "done": Badge("Done", "check-circle", "ok"),
        "failed": Badge("Failed", "x-octagon", "bad"),
    },
}


def register_badges(kind: str, badges: dict[str, Badge]) -> None:
    """Add a kind whose words stand in a table of another app; that app calls this when it is ready."""
    BADGES[kind] = badges


def badge_for(kind: str, value: str) -> Badge:
    """How `value` of `kind` looks. A value that the table does not know is shown as it is, in neutral.

    Raises KeyError where `kind` is unknown: that is a mistake in a template, not in data.
    """
    return BADGES[kind].get(value) or Badge(value.replace("_", " ").capitalize() or "Unknown", "circle", "neutral")
