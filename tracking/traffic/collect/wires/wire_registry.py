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


def _build_routes() -> dict[str, Route]:
    routes: dict[str, Route] = {}
    for wire in WIRES.values():
        for path, call in wire.paths.items():
            for prefix in ("", UNBLOCKED_PREFIX):
                routes.setdefault(f"{prefix}{path}", Route(wire, call))
    return routes


ROUTES = _build_routes()
"""Every path of every wire, without its leading slash. Two wires at one path: the first one answers."""


def get_wire(name: str) -> Wire:
    """Return the wire of a name. Raises KeyError where there is none."""
    return WIRES[name]
