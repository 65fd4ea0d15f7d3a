"""The app version of arriving events: at a place in the event, by the source's deploy markers, or nowhere."""

from collections.abc import Sequence

from catalog.choices import VersionFrom
from catalog.contract import Event, clean_name
from catalog.contract.json.pointers import parse_pointer, value_at
from catalog.models import Source
from catalog.services.deploys import app_versions_at
from tracking.traffic.check.event_parsing import ParsedEvent

MAX_LENGTH = 100


def resolve_app_versions(source: Source, environment: str, parsed_events: Sequence[ParsedEvent]) -> list[str]:
    """Return the app version of each event of a source, "" where it has none. At most two queries for all."""
    if source.version_from == VersionFrom.PAYLOAD:
        path = parse_pointer(source.version_path)
        return [_version_text(parsed.event, path) if parsed.event is not None else "" for parsed in parsed_events]
    if source.version_from == VersionFrom.DEPLOYS:
        times = [parsed.time.at for parsed in parsed_events]
        return [version[:MAX_LENGTH] for version in app_versions_at(source, environment, times)]
    return [""] * len(parsed_events)


def _version_text(event: Event, path: Sequence[str]) -> str:
    if not path:
        return ""
    value = value_at(getattr(event, path[0], None), path[1:])
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = value if isinstance(value, str) else str(value) if abs(value) < 10**18 else ""
    return clean_name(text.strip())[:MAX_LENGTH]
