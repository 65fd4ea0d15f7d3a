"""The shape of a finding over the API."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.strict_serializers import StrictSerializer
from catalog.choices import NullHandlingChoice
from catalog.models import Event, Source
from tracking.quality.misspelled_names import events_looked_like
from tracking.quality.models import Finding


class LooksLikeSerializer(serializers.Serializer):
    """An event that the sender of an undocumented name may have meant."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    url = serializers.CharField(source="get_absolute_url")


class FindingListSerializer(serializers.ListSerializer):
    """Findings whose look-alikes are read for all of them at once."""

    def to_representation(self, data: Any) -> list[Any]:
        rows = list(data)
        self.child.events_by_finding = events_looked_like(rows)  # type: ignore[union-attr]
        return super().to_representation(rows)


class FindingSerializer(serializers.ModelSerializer):
    """One finding. `event` is the name as traffic brought it.

    `looks_like` is the event whose name people read as that of an undocumented one, or of one that the rule `name`
    tells of: correct the sender first.
    """

    events_by_finding: dict[int, Event] | None = None  # of all findings of the list, where there is one
    source = serializers.SlugRelatedField[Source](slug_field="slug", read_only=True)
    event = serializers.CharField(source="seen_name.name", read_only=True)
    call = serializers.CharField(source="seen_name.call", read_only=True)
    owner = serializers.CharField(source="owner.username", read_only=True, default=None, allow_null=True)

    looks_like = serializers.SerializerMethodField()

    class Meta:
        model = Finding
        list_serializer_class = FindingListSerializer
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
            "resolved_at",
            "resolved_in",
            "older_count",
            "owner",
            "count",
            "first_seen",
            "last_seen",
            "expected",
            "came",
            "app_versions",
            "versions",
            "unknown_keys",
            "looks_like",
        )
        read_only_fields = fields

    @extend_schema_field(LooksLikeSerializer(allow_null=True))
    def get_looks_like(self, finding: Finding) -> Any:
        events = events_looked_like([finding]) if self.events_by_finding is None else self.events_by_finding
        event = events.get(finding.pk)
        return LooksLikeSerializer(event).data if event else None


class NullHandlingSerializer(StrictSerializer):
    """What nulls of optional properties count as from now on, and for whom."""

    null_handling = serializers.ChoiceField(choices=NullHandlingChoice.choices)
    applies_to = serializers.ChoiceField(choices=("source", "company"), default="source")


class ExemptionInputSerializer(StrictSerializer):
    """Whether the rule `sensitive` is asked no more of the property that the finding tells of, and why."""

    is_exempt = serializers.BooleanField()
    reason = serializers.CharField(max_length=500)


class NullHandlingResultSerializer(serializers.Serializer):
    """What changed, in a sentence."""

    message = serializers.CharField()


class FindingMoveSerializer(StrictSerializer):
    """A step of triage: the state to move to, and the reason where one is asked."""

    to = serializers.CharField(max_length=20)
    reason = serializers.CharField(max_length=2_000, required=False, allow_blank=True, default="")
    resolved_in = serializers.CharField(
        max_length=100,
        required=False,
        allow_blank=True,
        default="",
        help_text="The app version that has the fix: what older ones send does not make the finding regressed.",
    )
