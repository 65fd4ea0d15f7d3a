"""Wires: one adapter for each format in which SDKs send events. They know no Django."""

from tracking.traffic.wires.base import Envelope, Wire, reading_of
from tracking.traffic.wires.registry import ROUTES, WIRES, Route, wire_named

__all__ = ["ROUTES", "WIRES", "Envelope", "Route", "Wire", "reading_of", "wire_named"]
