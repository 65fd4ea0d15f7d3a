"""Whether a wake-up message waits: while this row is there, nobody sends another one."""

from django.db import models


class WaitingWakeUp(models.Model):
    """The one row, with the number 1. Written before a message is sent, deleted before its worker looks."""

    at = models.DateTimeField(help_text="When it was sent")

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_waiting_wake_up")]

    def __str__(self) -> str:
        return f"sent at {self.at}"
