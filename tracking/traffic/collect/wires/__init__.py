"""Wires: one adapter for each format in which SDKs send events. They know no Django."""

from tracking.traffic.collect.wires.wire_protocol import Envelope, Wire, reading_of
from tracking.traffic.collect.wires.wire_registry import ROUTES, WIRES, Route, wire_named

__all__ = ["ROUTES", "WIRES", "Envelope", "Route", "Wire", "reading_of", "wire_named"]
