"""Requests of SDKs that were refused, counted: what people look at when events do not arrive."""

from django.db import models

from tracking.traffic.choices import RefusalReason


class RefusedRequest(models.Model):
    """How often the collector refused requests of one kind within a minute.

    Of the write key only its beginning is kept, and nothing of the body. The source is that of the key, where it is one
    of ours, in use or not.
    """

    minute = models.DateTimeField()
    status = models.PositiveSmallIntegerField(help_text="The HTTP status that was answered")
    reason = models.CharField(max_length=20, choices=RefusalReason)
    key_prefix = models.CharField(max_length=8, blank=True, help_text="How the write key began that came, if one came")
    source = models.ForeignKey("catalog.Source", models.CASCADE, null=True, blank=True, related_name="+")
    count = models.PositiveIntegerField()

    class Meta:
        ordering = ("-minute", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=("minute", "status", "reason", "key_prefix", "source"),
                name="refused_request_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.count} × {self.status} {self.reason} at {self.minute:%Y-%m-%d %H:%M}"
