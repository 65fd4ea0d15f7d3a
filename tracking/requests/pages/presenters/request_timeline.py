"""The timeline of a request's history, as its page shows it."""

from collections.abc import Iterable, Mapping
from typing import Any

from accounts.models import HistoryEntry
from pages.ui.timeline import TimelineEntry
from tracking.requests.models import PinnedEvent, Request

MAX_ENTRIES = 100
MAX_VIOLATIONS = 5

TITLE_AND_ICON_BY_ACTION = {
    "created": ("wrote the draft", "pencil"),
    "edited": ("edited the draft", "pencil"),
    "change added": ("added a change", "plus-square"),
    "change edited": ("edited a change", "pencil-square"),
    "change removed": ("took a change out", "dash-square"),
    "change rebased": ("moved a change onto the newest version", "arrow-repeat"),
    "approved": ("approved it", "person-check"),
}
TRANSITION_ICON = "arrow-right"


def timeline_entries(request: Request) -> tuple[list[TimelineEntry], bool]:
    """Return what happened to a request and its deliveries, newest first, and whether older entries were left out."""
    history_entries = list(
        HistoryEntry.objects.for_subject_and_parts("request", request.pk).reverse()[: MAX_ENTRIES + 1]
    )
    snapshots = _snapshots_by_id(history_entries[:MAX_ENTRIES])
    return [_timeline_entry(entry, snapshots) for entry in history_entries[:MAX_ENTRIES]], len(
        history_entries
    ) > MAX_ENTRIES


def _snapshots_by_id(entries: Iterable[HistoryEntry]) -> dict[int, PinnedEvent]:
    """Return the events that these entries pinned, by id. One query, and none where nothing was pinned."""
    ids = [_snapshot_id(_evidence(entry)) for entry in entries]
    return PinnedEvent.objects.in_bulk([each for each in ids if each is not None])


def _snapshot_id(evidence: dict[str, Any]) -> int | None:
    found: int | None = evidence.get("sample", {}).get("pinned")
    return found


def _evidence(entry: HistoryEntry) -> dict[str, Any]:
    return entry.evidence if isinstance(entry.evidence, dict) else {}


def _timeline_entry(entry: HistoryEntry, snapshots: Mapping[int, PinnedEvent]) -> TimelineEntry:
    evidence = _evidence(entry)
    body = _entry_body(entry, evidence)
    if entry.action == "moved":
        row = snapshots.get(_snapshot_id(evidence) or 0)
        event = None if row is None else row.content["event"]
        title = _transition_title(entry, evidence)
        return TimelineEntry(entry.at, entry.actor, title, body, TRANSITION_ICON, to_state=entry.to_state, event=event)
    title, icon = TITLE_AND_ICON_BY_ACTION.get(entry.action, (entry.action, "dot"))
    detail = evidence.get("event") or ", ".join(_readable(evidence.get("fields", ())))
    return TimelineEntry(entry.at, entry.actor, f"{title}: {detail}" if detail else title, body, icon)


def _transition_title(entry: HistoryEntry, evidence: dict[str, Any]) -> str:
    """Return what moved, as a phrase that its new state follows."""
    if entry.subject_type != "delivery":
        return "moved the request to"
    where = " on ".join(str(evidence[key]) for key in ("event", "source") if evidence.get(key))
    return f"moved {where or 'a delivery'} to"


def _entry_body(entry: HistoryEntry, evidence: dict[str, Any]) -> str:
    lines = [entry.message] if entry.message else []
    if evidence.get("app_version"):
        lines.append(f"App version: {evidence['app_version']}")
    if evidence.get("sample"):
        lines += _failing_event_lines(evidence["sample"])
    if evidence.get("is_same_person"):
        lines.append("Same person: the team's policy allows it.")
    if evidence.get("approvals"):
        lines.append(", ".join(map(str, evidence["approvals"])))
    if evidence.get("versions"):
        lines.append(f"Versions: {', '.join(_readable(evidence['versions']))}")
    if evidence.get("withdrawn"):
        lines.append(f"Withdrawn: {', '.join(_readable(evidence['withdrawn']))}")
    return "\n".join(lines)


def _failing_event_lines(sample: dict[str, Any]) -> list[str]:
    """Return what a stored event shows, without its values: not everybody may look at them."""
    where = " ".join(str(sample[key]) for key in ("environment", "app_version") if sample.get(key))
    lines = [f"Shown by an event from {where}: {sample['verdict']}."]
    for found in sample["violations"][:MAX_VIOLATIONS]:
        path = found.get("path") or "The event"
        lines.append(f"{path}: {found.get('rule')}, expected {found.get('expected') or 'nothing'}")
    if len(sample["violations"]) > MAX_VIOLATIONS:
        lines.append(f"And {len(sample['violations']) - MAX_VIOLATIONS} more.")
    return lines


def _readable(values: Iterable[Any]) -> list[str]:
    return [str(value).replace("_", " ") for value in values]
