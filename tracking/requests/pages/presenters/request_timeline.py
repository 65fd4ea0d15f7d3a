"""The history of a request as its page tells it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import HistoryEntry, User
from tracking.requests.models import PinnedEvent, Request

SHOWN = 100
VIOLATIONS_SHOWN = 5

TITLES = {
    "created": ("wrote the draft", "pencil"),
    "edited": ("edited the draft", "pencil"),
    "change added": ("added a change", "plus-square"),
    "change edited": ("edited a change", "pencil-square"),
    "change removed": ("took a change out", "dash-square"),
    "change rebased": ("moved a change onto the newest version", "arrow-repeat"),
    "approved": ("approved it as it stands", "person-check"),
}
MOVED = "arrow-right"


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of the timeline; `to_state` is where something moved, "" where nothing did.

    `event` is a stored event that shows why, for those who may look at samples.
    """

    at: datetime
    actor: User
    title: str
    body: str
    icon: str
    to_state: str = ""
    event: dict[str, Any] | None = None


def moments(request: Request) -> tuple[list[Moment], bool]:
    """Return what happened to a request and its deliveries, newest first, and whether older entries were left out."""
    entries = list(HistoryEntry.objects.within("request", request.pk).reverse()[: SHOWN + 1])
    pinned = _pinned(entries[:SHOWN])
    return [_moment(entry, pinned) for entry in entries[:SHOWN]], len(entries) > SHOWN


def _pinned(entries: Iterable[HistoryEntry]) -> dict[int, PinnedEvent]:
    """Return the events that these entries pinned, by id. One query, and none where nothing was pinned."""
    ids = [_pinned_id(_evidence(entry)) for entry in entries]
    return PinnedEvent.objects.in_bulk([each for each in ids if each is not None])


def _pinned_id(evidence: dict[str, Any]) -> int | None:
    found: int | None = evidence.get("sample", {}).get("pinned")
    return found


def _evidence(entry: HistoryEntry) -> dict[str, Any]:
    return entry.evidence if isinstance(entry.evidence, dict) else {}


def _moment(entry: HistoryEntry, pinned: Mapping[int, PinnedEvent]) -> Moment:
    evidence = _evidence(entry)
    body = _body(entry, evidence)
    if entry.action == "moved":
        row = pinned.get(_pinned_id(evidence) or 0)
        event = None if row is None else row.content["event"]
        return Moment(entry.at, entry.actor, _step(entry, evidence), body, MOVED, entry.to_state, event)
    title, icon = TITLES.get(entry.action, (entry.action, "dot"))
    about = evidence.get("event") or ", ".join(_words(evidence.get("fields", ())))
    return Moment(entry.at, entry.actor, f"{title}: {about}" if about else title, body, icon)


def _step(entry: HistoryEntry, evidence: dict[str, Any]) -> str:
    """Return what moved; the state that it moved to stands behind."""
    if entry.subject_type != "delivery":
        return "moved the request to"
    where = " on ".join(str(evidence[key]) for key in ("event", "source") if evidence.get(key))
    return f"moved {where or 'a delivery'} to"


def _body(entry: HistoryEntry, evidence: dict[str, Any]) -> str:
    lines = [entry.message] if entry.message else []
    if evidence.get("app_version"):
        lines.append(f"App version: {evidence['app_version']}")
    if evidence.get("sample"):
        lines += _failure(evidence["sample"])
    if evidence.get("is_same_person"):
        lines.append("Same person: the team's policy allows it.")
    if evidence.get("versions"):
        lines.append(f"Versions: {', '.join(_words(evidence['versions']))}")
    if evidence.get("withdrawn"):
        lines.append(f"Withdrawn: {', '.join(_words(evidence['withdrawn']))}")
    return "\n".join(lines)


def _failure(sample: dict[str, Any]) -> list[str]:
    """Return what a stored event shows, without its values: not everybody may look at them."""
    where = " ".join(str(sample[key]) for key in ("environment", "app_version") if sample.get(key))
    lines = [f"Shown by an event from {where}: {sample['verdict']}."]
    for found in sample["violations"][:VIOLATIONS_SHOWN]:
        path = found.get("path") or "The event"
        lines.append(f"{path}: {found.get('rule')}, expected {found.get('expected') or 'nothing'}")
    if len(sample["violations"]) > VIOLATIONS_SHOWN:
        lines.append(f"And {len(sample['violations']) - VIOLATIONS_SHOWN} more.")
    return lines


def _words(values: Iterable[Any]) -> list[str]:
    return [str(value).replace("_", " ") for value in values]
