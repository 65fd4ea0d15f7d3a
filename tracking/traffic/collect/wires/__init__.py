"""Wires: one adapter for each format in which SDKs send events. They know no Django."""

from tracking.traffic.collect.wires.body_limits import OversizedBody, TakesLong, TooManyEvents, require_few_values
from tracking.traffic.collect.wires.wire_protocol import Envelope, Wire, parse_event_json
from tracking.traffic.collect.wires.wire_registry import (
    ROUTES,
    WIRES,
    Route,
    find_route,
    get_wire,
    is_collector_path,
)

__all__ = [
    "ROUTES",
    "WIRES",
    "Envelope",
    "OversizedBody",
    "Route",
    "TakesLong",
    "TooManyEvents",
    "Wire",
    "find_route",
    "get_wire",
    "is_collector_path",
    "parse_event_json",
    "require_few_values",
]
