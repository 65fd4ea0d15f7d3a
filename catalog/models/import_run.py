"""Imports: the jobs that read other tools' dictionaries, and where each definition came from."""

from django.conf import settings
from django.db import models

from catalog.choices import Call, ImportOutcome, ImportState


class ImportRun(models.Model):
    """One import: what was uploaded, how far it is, and what came of it."""

    format = models.CharField(max_length=40)
    file_name = models.CharField(max_length=200)
    content = models.BinaryField(null=True, blank=True, help_text="The upload, until the run is done")
    is_dry_run = models.BooleanField(default=True)
    is_baseline = models.BooleanField(default=False)
    sources = models.ManyToManyField("catalog.Source", blank=True, related_name="imports")
    name_reason = models.CharField(
        max_length=500, blank=True, help_text="Why names are needed beside those that people read as the same"
    )
    owner_team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, blank=True, related_name="imports")
    state = models.CharField(max_length=16, choices=ImportState, default=ImportState.WAITING)
    phase = models.CharField(max_length=60, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return f"{self.file_name} ({self.format})"


class ImportEntry(models.Model):
    """One entry of an import and its outcome: the provenance of a definition."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="entries")
    path = models.CharField(max_length=1000)
    call = models.CharField(max_length=16, choices=Call, blank=True)
    name = models.CharField(max_length=512, blank=True)
    origin_version = models.CharField(max_length=100, blank=True)
    content_hash = models.BinaryField(max_length=32, null=True)
    source_text = models.TextField(blank=True)
    outcome = models.CharField(max_length=16, choices=ImportOutcome)
    notes = models.JSONField(default=list)
    event = models.ForeignKey("catalog.Event", models.PROTECT, null=True, blank=True, related_name="provenance")
    version = models.ForeignKey("catalog.Version", models.PROTECT, null=True, blank=True, related_name="provenance")

    class Meta:
        ordering = ("run", "id")
        verbose_name_plural = "import entries"
        indexes = [models.Index(fields=("call", "name", "origin_version"), name="import_entry_origin")]

    def __str__(self) -> str:
        return self.path
