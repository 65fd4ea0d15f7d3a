"""The app version of arriving events: at a place in the event, by the source's deploy markers, or nowhere."""

from collections.abc import Sequence
from typing import Any

from catalog.choices import VersionFrom
from catalog.contract import Event, clean
from catalog.contract.json.pointers import tokens_of
from catalog.models import Source
from catalog.services.deploys import app_version_at
from tracking.traffic.check.event_parsing import Opened

LENGTH = 100


def app_versions(source: Source, environment: str, opened: Sequence[Opened]) -> list[str]:
    """Return the app version of each event of a source, "" where it has none. At most two queries for all."""
    if source.version_from == VersionFrom.PAYLOAD:
        place = tokens_of(source.version_path)
        return [_at(one.event, place) if one.event is not None else "" for one in opened]
    if source.version_from == VersionFrom.DEPLOYS:
        times = sorted({one.received_at for one in opened})
        at = dict(zip(times, app_version_at(source, environment, times), strict=True))
        return [at[one.received_at][:LENGTH] for one in opened]
    return [""] * len(opened)


def _at(event: Event, place: Sequence[str]) -> str:
    if not place:
        return ""
    value: Any = getattr(event, place[0], None)
    for step in place[1:]:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and len(step) < 6 and int(step) < len(value):
            value = value[int(step)]
        else:
            return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = value if isinstance(value, str) else str(value) if abs(value) < 10**18 else ""
    return clean(text.strip())[:LENGTH]
