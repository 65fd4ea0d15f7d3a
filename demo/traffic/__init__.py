"""Thirty days of generated events: mostly right, sometimes wrong on purpose, always through the ordinary check."""

from demo.traffic.generating import generate, trial
from demo.traffic.sending import send
from demo.traffic.sent import REPEAT, Sent

__all__ = ["REPEAT", "Sent", "generate", "send", "trial"]
