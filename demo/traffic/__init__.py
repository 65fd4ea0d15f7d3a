"""Thirty days of generated events: mostly right, sometimes wrong on purpose, always through the ordinary check."""

from demo.traffic.batch_ingestion import ingest_events
from demo.traffic.event_generator import generate_events, generate_test_events
from demo.traffic.generated_event import DUPLICATE, GeneratedEvent

__all__ = ["DUPLICATE", "GeneratedEvent", "generate_events", "generate_test_events", "ingest_events"]
