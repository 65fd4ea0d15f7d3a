"""Shapes of traffic in the API."""

from typing import Any, ClassVar

from rest_framework import serializers

from accounts.api.serializer_fields import NulSafeSlugRelatedField
from accounts.api.strict_serializers import StrictSerializer
from catalog.choices import Call, Environment
from catalog.models import Source
from tracking.traffic.check.dry_run import MAX_EVENTS, VERSION_PATTERN
from tracking.traffic.choices import VerdictChoice, WireChoice


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
    historical = serializers.IntegerField(help_text="In addition to `count`, of history")
    undated = serializers.IntegerField(
        help_text="Of `count`, from the future or from long ago by their own clocks: they prove nothing"
    )
    last_seen = serializers.DateTimeField()

    def get_version(self, row: dict[str, Any]) -> str | None:
        """The number, or null where they were validated against none."""
        return None if row["major"] is None else f"{row['major']}.{row['minor']}.{row['patch']}"


class AnyJSONField(serializers.JSONField):
    """Any JSON value as it was read: what is wrong with it is told by its verdict."""

    def to_internal_value(self, data: Any) -> Any:
        return data


class CheckOptionsSerializer(StrictSerializer):
    """Who sends the events, and what they are held against."""

    source = NulSafeSlugRelatedField(slug_field="slug", queryset=Source.objects.all())  # as above
    environment = serializers.ChoiceField(choices=Environment.choices, default=Environment.PRODUCTION)
    wire = serializers.ChoiceField(choices=WireChoice.choices, default=WireChoice.SEGMENT)
    call = serializers.ChoiceField(
        choices=Call.choices,
        default="",
        allow_blank=True,
        help_text="The call that the path names, for /v1/track and such",
    )
    version = serializers.RegexField(
        VERSION_PATTERN,
        default="",
        allow_blank=True,
        help_text=(
            "What they are held against: a number, approved (the newest that is approved for the source) or newest (of "
            "all); left out, what the source is bound to"
        ),
        error_messages={"invalid": "Enter a number as in 1.4.0, or approved, or newest."},
    )
    strict = serializers.BooleanField(default=False, help_text="Whether an event with a warning fails")


class CheckSerializer(CheckOptionsSerializer):
    """Events to be tried against the catalog: a list of them, or a batch as an SDK sends it."""

    member_hints: ClassVar[dict[str, str]] = {
        "app_version": "Each event says its app version where its source looks for it, such as at context.app.version; "
        "“version” is that of the definition."
    }

    events = serializers.ListField(
        child=AnyJSONField(allow_null=True),
        required=False,
        allow_empty=False,
        max_length=MAX_EVENTS,
        help_text="Each as the SDK sends it",
    )
    batch = serializers.ListField(
        child=AnyJSONField(allow_null=True),
        required=False,
        allow_empty=False,
        max_length=MAX_EVENTS,
        help_text="The same under the name that SDKs have for it",
    )
    context = AnyJSONField(required=False, allow_null=True, help_text="What is said once for all of them")
    sentAt = AnyJSONField(required=False, allow_null=True)
    writeKey = AnyJSONField(required=False, allow_null=True, help_text="As SDKs send it; it counts for nothing here")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The values. Raises ValidationError unless the events came, and under one name."""
        if ("events" in attrs) == ("batch" in attrs):
            raise serializers.ValidationError({"events": "Send the events as events, or as batch."})
        return attrs


class ViolationSerializer(serializers.Serializer[dict[str, Any]]):
    """One broken rule."""

    path = serializers.CharField()
    definition_path = serializers.CharField()
    rule = serializers.CharField()
    severity = serializers.ChoiceField(choices=("error", "warning"))
    expected = serializers.CharField()
    came = serializers.CharField()
    advice = serializers.CharField(allow_blank=True, help_text="What would do")


class VerdictSerializer(serializers.Serializer[dict[str, Any]]):
    """What the check says of one event."""

    index = serializers.IntegerField()
    event = serializers.CharField()
    event_id = serializers.IntegerField(allow_null=True)
    version = serializers.CharField(allow_null=True)
    passes = serializers.BooleanField(help_text="Whether it conforms; where strict, without a warning")
    verdict = serializers.ChoiceField(choices=VerdictChoice.choices)
    violations = ViolationSerializer(many=True)


class VerdictsSerializer(serializers.Serializer[dict[str, Any]]):
    """What the check says of all of them, in their order."""

    passes = serializers.BooleanField(help_text="Whether every one of them does")
    verdicts = VerdictSerializer(many=True)
