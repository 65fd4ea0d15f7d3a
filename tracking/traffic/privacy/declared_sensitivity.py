"""What definitions declare about the sensitivity of their properties, and which personal-looking keys they name."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.choices import Sensitivity
from catalog.contract import part_schemas
from catalog.contract.json.pointers import parse_pointer
from catalog.models import Version, VersionProperty
from tracking.traffic.privacy.pii_detection import is_sensitive_text

SENSITIVITY_KEYWORD = "sensitivity"
CACHE_SECONDS = 60.0
MAX_DEPTH = 50


@dataclass(frozen=True, slots=True)
class DeclaredSensitivity:
    """What a version declares: the sensitivity by definition path, such as `{"/properties/products/*/sku": "none"}`,
    and the paths of the keys that look personal and yet are names that somebody wrote down.
    """

    by_path: Mapping[str, str]
    defined_key_paths: frozenset[str] = frozenset()


NOTHING_DECLARED = DeclaredSensitivity({})

_cache: dict[int, tuple[float, DeclaredSensitivity]] = {}


def declared_sensitivity(version_id: int | None) -> DeclaredSensitivity:
    """Return what a version declares.

    The annotation `sensitivity` in the version's schema counts before the library's entry. The library may change,
    so the answer is remembered for a minute only. Nothing is declared of an event without a version.
    """
    if version_id is None:
        return NOTHING_DECLARED
    cached = _cache.get(version_id)
    if cached is None or cached[0] < time.monotonic():
        if len(_cache) > 10_000:
            _cache.clear()
        cached = _cache[version_id] = (time.monotonic() + CACHE_SECONDS, _load(version_id))
    return cached[1]


def _load(version_id: int) -> DeclaredSensitivity:
    library_sensitivity = dict(
        VersionProperty.objects.order_by().filter(version_id=version_id).values_list("path", "property__sensitivity")
    )
    by_path = {
        path: sensitivity
        for path, sensitivity in library_sensitivity.items()
        if sensitivity not in (None, Sensitivity.UNKNOWN)
    }
    definition = Version.objects.values_list("definition", flat=True).get(pk=version_id)
    for part, schema in part_schemas(definition).items():
        by_path.update(_schema_annotations(schema, f"/{part}", MAX_DEPTH))
    return DeclaredSensitivity(
        by_path, frozenset(path for path in library_sensitivity if is_sensitive_text(parse_pointer(path)[-1]))
    )


def _schema_annotations(schema: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    if not isinstance(schema, dict) or depth == 0:
        return
    if schema.get(SENSITIVITY_KEYWORD) in Sensitivity.values:
        yield path, schema[SENSITIVITY_KEYWORD]
    properties = schema.get("properties")
    for key, subschema in properties.items() if isinstance(properties, dict) else ():
        token = key.replace("~", "~0").replace("/", "~1")
        yield from _schema_annotations(subschema, f"{path}/{token}", depth - 1)
    yield from _schema_annotations(schema.get("items"), f"{path}/*", depth - 1)
