"""Which wires there are, and which of them answers at which path."""

from dataclasses import dataclass, replace

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
_HISTORY_WORDS = frozenset(path.rpartition("/")[2] for path, route in ROUTES.items() if route.is_history)


def is_collector_path(path: str) -> bool:
    """Return whether a path is below those of the SDKs, so that nothing but the collector answers there."""
    return next(iter(_words_of(path)), "") in _FIRST_WORDS


def find_route(path: str) -> Route | None:
    """Return what answers at a path, with the slash too many and the path in front that people type as an SDK's host.

    An SDK adds its own path to the host: `/v1` makes `/v1/v1/batch` of it, `/v1/batch` makes `/v1/batch/v1/batch` or
    `/v1/batch/t`. What it added counts, but where the host is the door of history, whatever comes is history: it would
    prove what happens now otherwise. None where there is a word that no SDK sends.
    """
    words = _words_of(path)
    if not _WORDS.issuperset(words) or (route := _last_route(words)) is None:
        return None
    return route if _HISTORY_WORDS.isdisjoint(words) else replace(route, is_history=True)


def _last_route(words: list[str]) -> Route | None:
    """Return what answers at the path that some words end in, where one of them may stand in front of the last."""
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
