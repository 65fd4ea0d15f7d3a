"""Thirty days of generated events: mostly right, sometimes wrong on purpose, always through the ordinary check."""

from demo.traffic.batch_ingestion import send
from demo.traffic.event_generator import generate, trial
from demo.traffic.generated_event import REPEAT, Sent

__all__ = ["REPEAT", "Sent", "generate", "send", "trial"]
