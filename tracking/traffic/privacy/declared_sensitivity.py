"""What definitions declare about the sensitivity of their properties, and which personal-looking keys they name."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.choices import Sensitivity
from catalog.contract import parts_of
from catalog.contract.json.pointers import tokens_of
from catalog.models import Version, VersionProperty
from tracking.traffic.privacy.pii_detection import is_sensitive_text

KEYWORD = "sensitivity"
KEPT_SECONDS = 60.0
DEPTH = 50


@dataclass(frozen=True, slots=True)
class Declared:
    """What a version declares: the sensitivity by definition path, such as `{"/properties/products/*/sku": "none"}`,
    and the paths of the keys that look personal and yet are names that somebody wrote down.
    """

    words: Mapping[str, str]
    named: frozenset[str] = frozenset()


NOTHING = Declared({})

_kept: dict[int, tuple[float, Declared]] = {}


def declared(version_id: int | None) -> Declared:
    """Return what a version declares.

    The annotation `sensitivity` in the version's schema counts before the library's entry. The library may change,
    so the answer is remembered for a minute only. Nothing is declared of an event without a version.
    """
    if version_id is None:
        return NOTHING
    kept = _kept.get(version_id)
    if kept is None or kept[0] < time.monotonic():
        if len(_kept) > 10_000:
            _kept.clear()
        kept = _kept[version_id] = (time.monotonic() + KEPT_SECONDS, _read(version_id))
    return kept[1]


def _read(version_id: int) -> Declared:
    rows = dict(
        VersionProperty.objects.order_by().filter(version_id=version_id).values_list("path", "property__sensitivity")
    )
    words = {path: word for path, word in rows.items() if word not in (None, Sensitivity.UNKNOWN)}
    definition = Version.objects.values_list("definition", flat=True).get(pk=version_id)
    for part, schema in parts_of(definition).items():
        words.update(_annotated(schema, f"/{part}", DEPTH))
    return Declared(words, frozenset(path for path in rows if is_sensitive_text(tokens_of(path)[-1])))


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
