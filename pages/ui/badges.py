"""How each fixed word of the product looks: its label, its icon and its tone."""

from __future__ import annotations

from typing import NamedTuple

TONES = ("neutral", "info", "ok", "warn", "bad", "violet")


class Chip(NamedTuple):
    """A word with an icon and a tone (one of `TONES`), so that colour is never the only difference."""

    label: str
    icon: str
    tone: str


CHIPS: dict[str, dict[str, Chip]] = {
    # Where an event stands.
    "status": {
        "planned": Chip("Planned", "circle", "neutral"),
        "live": Chip("Live", "broadcast", "ok"),
        "deprecated": Chip("Deprecated", "hourglass-split", "warn"),
        "retired": Chip("Retired", "archive", "neutral"),
    },
    # Where a request or one of its deliveries stands.
    "state": {
        "draft": Chip("Draft", "pencil", "neutral"),
        "requested": Chip("Requested", "send", "info"),
        "reviewed": Chip("Reviewed", "person-check", "info"),
        "developed": Chip("Developed", "code-slash", "violet"),
        "tested": Chip("Tested", "clipboard-check", "violet"),
        "live": Chip("Live", "broadcast", "ok"),
        "declined": Chip("Declined", "slash-circle", "warn"),
        "withdrawn": Chip("Withdrawn", "arrow-counterclockwise", "neutral"),
        "planned": Chip("Planned", "circle", "neutral"),
        "dropped": Chip("Dropped", "x-circle", "neutral"),
        "superseded": Chip("Superseded", "layers", "neutral"),
    },
    "verdict": {
        "conforming": Chip("Conforming", "check-circle-fill", "ok"),
        "nonconforming": Chip("Nonconforming", "x-circle-fill", "bad"),
        "undocumented": Chip("Undocumented", "question-circle", "warn"),
        "wrong_source": Chip("Wrong source", "signpost-split", "warn"),
        "retired": Chip("Retired", "archive", "warn"),
        "unreadable": Chip("Unreadable", "exclamation-octagon", "bad"),
        "unchecked": Chip("Unchecked", "hourglass", "neutral"),
        # No verdict: of a stored event whose mask hides what one would rest on.
        "hidden": Chip("Hidden", "eye-slash", "neutral"),
    },
    "severity": {
        "error": Chip("Error", "exclamation-circle-fill", "bad"),
        "warning": Chip("Warning", "exclamation-triangle", "warn"),
    },
    "finding": {
        "open": Chip("Open", "record-circle", "bad"),
        "acknowledged": Chip("Acknowledged", "eye", "info"),
        "resolved": Chip("Resolved", "check-circle", "ok"),
        "ignored": Chip("Ignored", "eye-slash", "neutral"),
        "regressed": Chip("Regressed", "arrow-repeat", "bad"),
    },
    # Quiet: longer without it than its own rhythm would let expect.
    "freshness": {
        "receiving": Chip("Receiving", "activity", "ok"),
        "quiet": Chip("Quiet", "moon", "warn"),
        "never": Chip("Never seen", "dash-circle", "neutral"),
    },
    "health": {
        "unknown": Chip("No recent traffic", "dash-circle", "neutral"),
        "ok": Chip("OK", "heart-pulse", "ok"),
        "warnings": Chip("Warnings", "exclamation-triangle", "warn"),
        "failing": Chip("Failing", "exclamation-octagon", "bad"),
    },
    "lane": {
        "words": Chip("Words", "type", "neutral"),
        "documenting": Chip("Documenting", "journal-text", "info"),
        "retiring": Chip("Retiring", "archive", "warn"),
        "new": Chip("Full way", "signpost-split", "neutral"),
    },
    # What a change does, and how far a version is from its parent.
    "change": {
        "create": Chip("Create", "plus-square", "ok"),
        "update": Chip("Update", "pencil-square", "info"),
        "deprecate": Chip("Deprecate", "hourglass-split", "warn"),
        "retire": Chip("Retire", "archive", "warn"),
        "none": Chip("No change", "dash", "neutral"),
        "patch": Chip("Patch", "type", "neutral"),
        "minor": Chip("Minor", "plus-circle", "info"),
        "major": Chip("Major", "exclamation-diamond", "bad"),
    },
    # One line of a diff.
    "difference": {
        "added": Chip("New", "plus-square", "ok"),
        "removed": Chip("Removed", "dash-square", "bad"),
        "changed": Chip("Changed", "pencil-square", "warn"),
        "words": Chip("Words", "type", "neutral"),
    },
    "verification": {
        "verified": Chip("Verified", "patch-check-fill", "ok"),
        "outdated": Chip("Verification outdated", "patch-exclamation", "warn"),
        "none": Chip("Not verified", "patch-question", "neutral"),
    },
    "priority": {
        "low": Chip("Low", "chevron-down", "neutral"),
        "normal": Chip("Normal", "dash", "neutral"),
        "high": Chip("High", "chevron-up", "warn"),
        "urgent": Chip("Urgent", "chevron-double-up", "bad"),
    },
    "environment": {
        "production": Chip("Production", "globe2", "info"),
        "staging": Chip("Staging", "layers", "violet"),
        "development": Chip("Development", "terminal", "neutral"),
    },
    "platform": {
        "web": Chip("Web", "window", "neutral"),
        "ios": Chip("iOS", "apple", "neutral"),
        "android": Chip("Android", "android2", "neutral"),
        "server": Chip("Server", "server", "neutral"),
        "other": Chip("Other", "cpu", "neutral"),
    },
    "sensitivity": {
        "none": Chip("Not sensitive", "unlock", "neutral"),
        "unknown": Chip("Not declared", "question-diamond", "neutral"),
        "personal": Chip("Personal", "person", "warn"),
        "secret": Chip("Secret", "shield-lock", "bad"),
    },
    # What became of one entry of an import, and of the import itself.
    "outcome": {
        "created": Chip("Created", "plus-square", "ok"),
        "updated": Chip("Updated", "pencil-square", "info"),
        "unchanged": Chip("Unchanged", "dash", "neutral"),
        "fragment": Chip("Part of others", "puzzle", "neutral"),
        "skipped": Chip("Skipped", "slash-circle", "warn"),
        "failed": Chip("Failed", "x-octagon", "bad"),
    },
    "import": {
        "waiting": Chip("Waiting", "hourglass", "neutral"),
        "running": Chip("Running", "arrow-repeat", "info"),
        "done": Chip("Done", "check-circle", "ok"),
        "failed": Chip("Failed", "x-octagon", "bad"),
    },
}


def chip_of(kind: str, value: str) -> Chip:
    """How `value` of `kind` looks. A value that the table does not know is shown as it is, in neutral.

    Raises KeyError where `kind` is unknown: that is a mistake in a template, not in data.
    """
    return CHIPS[kind].get(value) or Chip(value.replace("_", " ").capitalize() or "Unknown", "circle", "neutral")
