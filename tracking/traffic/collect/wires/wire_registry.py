"""Which wires there are, and which of them answers at which path."""

from dataclasses import dataclass

from tracking.traffic.collect.wires.segment_wire import RudderStackWire, SegmentWire
from tracking.traffic.collect.wires.wire_protocol import Wire

WIRES: dict[str, Wire] = {wire.name: wire for wire in (SegmentWire(), RudderStackWire())}

# A prefix that content blockers let through; every path answers under it as well.
UNBLOCKED_PREFIX = "in/"


@dataclass(frozen=True, slots=True)
class Route:
    """The wire that answers at a path, and the call that the path names ("" where the body says it)."""

    wire: Wire
    call: str
    is_history: bool = False


def _build_routes() -> dict[str, Route]:
    routes: dict[str, Route] = {}
    for wire in WIRES.values():
        for path, call in wire.paths.items():
            for prefix in ("", UNBLOCKED_PREFIX):
                routes.setdefault(f"{prefix}{path}", Route(wire, call, path in wire.history_paths))
    return routes


ROUTES = _build_routes()
"""Every path of every wire, without its leading slash. Two wires at one path: the first one answers."""

_FIRST_WORDS = frozenset(path.partition("/")[0] for path in ROUTES)
_MAX_WORDS = max(path.count("/") + 1 for path in ROUTES)
_WORDS = frozenset(word for path in ROUTES for word in path.split("/"))


def is_collector_path(path: str) -> bool:
    """Return whether a path is below those of the SDKs, so that nothing but the collector answers there."""
    return next(iter(_words_of(path)), "") in _FIRST_WORDS


def find_route(path: str) -> Route | None:
    """Return what answers at a path, with the slash too many and the path in front that people type as an SDK's host.

    An SDK adds its own path to the host: `/v1` makes `/v1/v1/batch` of it, `/v1/batch` makes `/v1/batch/v1/batch` or
    `/v1/batch/t`. What it added counts. None where there is a word that no SDK sends.
    """
    words = _words_of(path)
    if not _WORDS.issuperset(words):
        return None
    for start in range(max(0, len(words) - _MAX_WORDS), len(words)):
        if route := ROUTES.get("/".join(words[start:])):
            return route
    added = (ROUTES.get(f"{word}/{words[-1]}") for word in words[:-1])
    return next((route for route in added if route is not None), None)


def _words_of(path: str) -> list[str]:
    return [word for word in path.split("/") if word]


def get_wire(name: str) -> Wire:
    """Return the wire of a name. Raises KeyError where there is none."""
    return WIRES[name]
