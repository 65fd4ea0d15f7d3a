"""The app version of arriving events: at a place in the event, by the source's deploy markers, or nowhere."""

from collections.abc import Mapping, Sequence

from django.db.models import Q

from catalog.choices import VersionFrom
from catalog.contract import Event, clean_name
from catalog.contract.fast_path.event_outline import EventOutline, unproven_event
from catalog.contract.json.json_type import json_type
from catalog.contract.json.pointers import ABSENT, parse_pointer, value_at
from catalog.models import Binding, Deploy, Source
from catalog.resolution.binding_resolver import app_version_sort_key
from catalog.services.deploys import app_versions_at
from tracking.traffic.check.cardinality_limits import DistinctValue, ExpectedValues
from tracking.traffic.check.event_parsing import ParsedEvent
from tracking.traffic.privacy.labels import mask_version

MAX_LENGTH = 100
LARGEST_NUMBER = 10**18


def resolve_app_versions(source: Source, environment: str, parsed_events: Sequence[ParsedEvent]) -> list[str]:
    """Return the app version of each event of a source, "" where it has none. At most two queries for all."""
    if source.version_from == VersionFrom.PAYLOAD:
        path = parse_pointer(source.version_path)
        return [_version_text(_readable(parsed, path), path) for parsed in parsed_events]
    if source.version_from == VersionFrom.DEPLOYS:
        times = [parsed.time.at for parsed in parsed_events]
        return [version[:MAX_LENGTH] for version in app_versions_at(source, environment, times)]
    return [""] * len(parsed_events)


def expected_app_versions(
    app_versions: Mapping[DistinctValue, str], *, sources: Mapping[int, Source]
) -> ExpectedValues:
    """Return which app versions somebody expects, of those that were past the cap of their source.

    Named are those of its deploy markers and of the starts of its bindings, which deliveries write. Alike is what sorts
    as one of them does, such as its pre-releases outside production. Two queries.
    """
    if not app_versions:
        return ExpectedValues()
    texts, source_ids = set(app_versions.values()), {value.source_id for value in app_versions}
    keys = {
        value: app_version_sort_key(text, sources[value.source_id], value.environment)
        for value, text in app_versions.items()
    }
    deploys = Deploy.objects.filter(source__in=source_ids, version__in=texts).order_by()
    named = set(deploys.values_list("source_id", "version").distinct())
    wanted_keys = {key for key in keys.values() if key is not None}
    bindings = Binding.objects.filter(source__in=source_ids, since_version__gt="").order_by()
    bindings = bindings.filter(Q(since_version__in=texts) | Q(since_key__in=wanted_keys))
    starts = set(bindings.values_list("source_id", "environment", "since_version", "since_key").distinct())
    named |= {(source_id, version) for source_id, _, version, _ in starts}
    named_keys = {(source_id, environment, key) for source_id, environment, _, key in starts}
    return ExpectedValues(
        named=frozenset(value for value, text in app_versions.items() if (value.source_id, text) in named),
        alike=frozenset(
            value for value, key in keys.items() if (value.source_id, value.environment, key) in named_keys
        ),
    )


def _readable(parsed: ParsedEvent, path: Sequence[str]) -> Event | EventOutline | None:
    """Return what of an event says its app version: of most that are not read yet their context."""
    if parsed.outline is None:
        return parsed.event
    return parsed.outline if path[:1] == ["context"] else unproven_event(parsed.outline)


def _version_text(event: Event | EventOutline | None, path: Sequence[str]) -> str:
    if event is None or not path:
        return ""
    value = value_at(getattr(event, path[0], None), path[1:])
    if value is None or value is ABSENT:
        return ""
    if isinstance(value, str):
        return clean_name(mask_version(value.strip()))[:MAX_LENGTH]
    if isinstance(value, bool | dict | list) or not abs(value) < LARGEST_NUMBER:
        return f"({json_type(value)})"  # no version is called so: it came, and cannot be read
    return clean_name(mask_version(str(value)))[:MAX_LENGTH]
