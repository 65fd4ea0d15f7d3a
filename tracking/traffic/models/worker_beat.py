"""The worker's sign of life, which /readyz reads."""

from django.db import models


class WorkerBeat(models.Model):
    """When a worker last ran a task, by host."""

    name = models.CharField(max_length=200, unique=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
