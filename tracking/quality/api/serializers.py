"""The shape of a finding over the API."""

from rest_framework import serializers

from accounts.api.strict_serializers import StrictSerializer
from catalog.models import Source
from tracking.quality.models import Finding


class FindingSerializer(serializers.ModelSerializer):
    """One finding. `event` is the name as traffic brought it."""

    source = serializers.SlugRelatedField[Source](slug_field="slug", read_only=True)
    event = serializers.CharField(source="seen_name.name", read_only=True)
    call = serializers.CharField(source="seen_name.call", read_only=True)
    owner = serializers.CharField(source="owner.username", read_only=True, default=None, allow_null=True)

    class Meta:
        model = Finding
        fields = (
            "id",
            "source",
            "environment",
            "call",
            "event",
            "path",
            "rule",
            "severity",
            "state",
            "owner",
            "count",
            "first_seen",
            "last_seen",
            "expected",
            "came",
            "app_versions",
            "versions",
            "unknown_keys",
        )
        read_only_fields = fields


class FindingMoveSerializer(StrictSerializer):
    """A step of triage: the state to move to, and the reason where one is asked."""

    to = serializers.CharField(max_length=20)
    reason = serializers.CharField(max_length=2_000, required=False, allow_blank=True, default="")
