"""Shapes of traffic in the API."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializer_fields import NulSafeSlugRelatedField
from accounts.api.strict_serializers import StrictSerializer
from catalog.choices import Call, Environment
from catalog.models import Source
from tracking.traffic.choices import VerdictChoice, WireChoice

MAX_EVENTS = 1_000


class TrafficRowSerializer(serializers.Serializer[dict[str, Any]]):
    """Counts of one hour, source, environment, name, app version, version and verdict."""

    hour = serializers.DateTimeField()
    source = serializers.CharField()  # hides a field's own attribute
    environment = serializers.ChoiceField(choices=Environment.choices)
    event = serializers.CharField(help_text="The name that traffic brought")
    call = serializers.ChoiceField(choices=Call.choices)
    app_version = serializers.CharField()
    version = serializers.SerializerMethodField(help_text="The version that the events were validated against")
    verdict = serializers.ChoiceField(choices=VerdictChoice.choices)
    count = serializers.IntegerField(source="total")
    warned = serializers.IntegerField()
    repeats = serializers.IntegerField()
    possible_repeats = serializers.IntegerField()
    late = serializers.IntegerField()
    last_seen = serializers.DateTimeField()

    def get_version(self, row: dict[str, Any]) -> str | None:
        """The number, or null where they were validated against none."""
        return None if row["major"] is None else f"{row['major']}.{row['minor']}.{row['patch']}"


class CheckSerializer(StrictSerializer):
    """Events to be tried against the catalog."""

    source = NulSafeSlugRelatedField(slug_field="slug", queryset=Source.objects.all())  # as above
    environment = serializers.ChoiceField(choices=Environment.choices, default=Environment.PRODUCTION)
    wire = serializers.ChoiceField(choices=WireChoice.choices, default=WireChoice.SEGMENT)
    events = serializers.ListField(
        child=serializers.JSONField(allow_null=True),
        allow_empty=False,
        max_length=MAX_EVENTS,
        help_text="Each as the SDK sends it",
    )


class ViolationSerializer(serializers.Serializer[dict[str, Any]]):
    """One broken rule."""

    path = serializers.CharField()
    definition_path = serializers.CharField()
    rule = serializers.CharField()
    severity = serializers.ChoiceField(choices=("error", "warning"))
    expected = serializers.CharField()
    came = serializers.CharField()


class VerdictSerializer(serializers.Serializer[dict[str, Any]]):
    """What the check says of one event."""

    index = serializers.IntegerField()
    event = serializers.CharField()
    event_id = serializers.IntegerField(allow_null=True)
    version = serializers.CharField(allow_null=True)
    verdict = serializers.ChoiceField(choices=VerdictChoice.choices)
    violations = ViolationSerializer(many=True)


class VerdictsSerializer(serializers.Serializer[dict[str, Any]]):
    """What the check says of all of them, in their order."""

    verdicts = VerdictSerializer(many=True)
