"""The signs of life of workers and of the schedule, which /readyz reads."""

from django.db import models


class WorkerBeat(models.Model):
    """When a worker process last said that it lives, whose tasks it takes, and what its main thread was at."""

    name = models.CharField(max_length=200, unique=True)
    queue = models.CharField(max_length=16, blank=True)
    state = models.CharField(max_length=16, blank=True)
    task = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
