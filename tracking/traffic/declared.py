"""What definitions declare about the sensitivity of their properties."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from catalog.choices import Sensitivity
from catalog.contract import parts_of
from catalog.models import Version, VersionProperty

KEYWORD = "sensitivity"
KEPT_SECONDS = 60.0
DEPTH = 50

_kept: dict[int, tuple[float, Mapping[str, str]]] = {}


def declared(version_id: int | None) -> Mapping[str, str]:
    """Return what is declared by definition path, such as `{"/properties/products/*/sku": "none"}`.

    The annotation `sensitivity` in the version's schema counts before the library's entry. The library may change,
    so the answer is remembered for a minute only. Nothing is declared of an event without a version.
    """
    if version_id is None:
        return {}
    kept = _kept.get(version_id)
    if kept is None or kept[0] < time.monotonic():
        if len(_kept) > 10_000:
            _kept.clear()
        kept = _kept[version_id] = (time.monotonic() + KEPT_SECONDS, _read(version_id))
    return kept[1]


def _read(version_id: int) -> Mapping[str, str]:
    rows = VersionProperty.objects.order_by().filter(version_id=version_id, property__isnull=False)
    found = dict(rows.exclude(property__sensitivity=Sensitivity.UNKNOWN).values_list("path", "property__sensitivity"))
    definition = Version.objects.values_list("definition", flat=True).get(pk=version_id)
    for part, schema in parts_of(definition).items():
        found.update(_annotated(schema, f"/{part}", DEPTH))
    return found


def _annotated(schema: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    if not isinstance(schema, dict) or depth == 0:
        return
    if schema.get(KEYWORD) in Sensitivity.values:
        yield path, schema[KEYWORD]
    members = schema.get("properties")
    for key, inner in members.items() if isinstance(members, dict) else ():
        step = key.replace("~", "~0").replace("/", "~1")
        yield from _annotated(inner, f"{path}/{step}", depth - 1)
    yield from _annotated(schema.get("items"), f"{path}/*", depth - 1)
