"""The shapes of the catalog over the API."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.strict_serializers import StrictMembersMixin, StrictSerializer
from catalog.choices import Environment, NullHandlingChoice
from catalog.models import Category, Deploy, Event, Property, SensitiveExemption, Source, Version, WriteKey


class EventSerializer(serializers.ModelSerializer):
    """An event as a list shows it."""

    category = serializers.SlugRelatedField[Category](slug_field="slug", read_only=True, allow_null=True)
    tags = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True, many=True)
    owner_team = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True, allow_null=True)
    version = serializers.SerializerMethodField()
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Event
        fields = (
            "id",
            "call",
            "name",
            "title",
            "description",
            "kind",
            "tier",
            "status",
            "health",
            "version",
            "category",
            "tags",
            "owner_team",
            "ends_on",
            "last_seen_at",
            "volume",
            "created_at",
            "updated_at",
            "url",
        )
        read_only_fields = fields

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_version(self, event: Event) -> str | None:
        """The number of the version that is shown: the newest live one, else the newest approved."""
        shown = event.live_version or event.newest_version
        return str(shown.number) if shown else None


class OwnerSerializer(serializers.Serializer):
    """A person with a role on an event."""

    person = serializers.CharField(source="person.username", read_only=True)
    role = serializers.CharField(read_only=True)


class ExemptionSerializer(serializers.ModelSerializer):
    """A property of an event of which nobody is warned; `ended_at` is null while that holds."""

    event = serializers.IntegerField(source="event_id", read_only=True)
    created_by = serializers.CharField(source="created_by.username", read_only=True)

    class Meta:
        model = SensitiveExemption
        fields = ("event", "path", "reason", "created_by", "created_at", "ended_at")
        read_only_fields = fields


class EventDetailSerializer(EventSerializer):
    """An event with its definition document: the document's members are added to those of the list."""

    owners = OwnerSerializer(many=True, read_only=True)
    sources = serializers.SerializerMethodField()
    sensitive_exemptions = serializers.SerializerMethodField()
    schema = serializers.SerializerMethodField()
    definition = serializers.SerializerMethodField()

    class Meta(EventSerializer.Meta):
        fields = (*EventSerializer.Meta.fields, "owners", "sources", "sensitive_exemptions", "schema", "definition")
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_sources(self, event: Event) -> list[str]:
        return list(Source.objects.sending(event).order_by("slug").values_list("slug", flat=True))

    @extend_schema_field(ExemptionSerializer(many=True))
    def get_sensitive_exemptions(self, event: Event) -> Any:
        """The properties that the rule `sensitive` is off for."""
        return ExemptionSerializer(event.sensitive_exemptions.active().select_related("created_by"), many=True).data

    @extend_schema_field(serializers.DictField(allow_null=True))
    def get_schema(self, event: Event) -> Any:
        """JSON Schema (draft 2020-12) of the event's properties."""
        return self._document(event).get("schema")

    @extend_schema_field(serializers.DictField())
    def get_definition(self, event: Event) -> dict[str, Any]:
        """The whole definition document of the shown version."""
        return self._document(event)

    def _document(self, event: Event) -> dict[str, Any]:
        shown = event.live_version or event.newest_version
        return shown.definition if shown else {}


class VersionSerializer(serializers.ModelSerializer):
    """One version of an event, with what it says and how it was compared with its parent."""

    number = serializers.CharField(read_only=True)
    parent = serializers.CharField(source="parent.number", read_only=True, default=None, allow_null=True)
    created_by = serializers.CharField(source="created_by.username", read_only=True)
    definition = serializers.DictField(read_only=True)
    comparison = serializers.DictField(read_only=True)

    class Meta:
        model = Version
        fields = (
            "id",
            "number",
            "parent",
            "change_kind",
            "comparison",
            "definition",
            "origin_version",
            "message",
            "created_at",
            "created_by",
            "withdrawn_at",
        )
        read_only_fields = fields


class PropertySerializer(serializers.ModelSerializer):
    """An entry of the property library."""

    schema = serializers.DictField(read_only=True)
    examples = serializers.ListField(read_only=True)
    owner_team = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True, allow_null=True)
    events = serializers.IntegerField(source="use_count", read_only=True)

    class Meta:
        model = Property
        fields = (
            "id",
            "name",
            "description",
            "schema",
            "examples",
            "unit",
            "sensitivity",
            "origin",
            "owner_team",
            "events",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields


class CategorySerializer(serializers.ModelSerializer):
    """A category."""

    parent = serializers.SlugRelatedField[Category](slug_field="slug", read_only=True, allow_null=True)

    class Meta:
        model = Category
        fields = ("id", "slug", "name", "parent", "description")
        read_only_fields = fields


class WriteKeySerializer(serializers.ModelSerializer):
    """A write key; public by nature, so it is shown."""

    class Meta:
        model = WriteKey
        fields = ("id", "environment", "key", "created_at", "last_seen_at", "retires_at", "revoked_at")
        read_only_fields = fields


class SourceSerializer(serializers.ModelSerializer):
    """An app that sends events."""

    owner_team = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True, allow_null=True)
    null_handling = serializers.ChoiceField(choices=NullHandlingChoice.choices, read_only=True, allow_blank=True)
    last_seen_at = serializers.DateTimeField(read_only=True, allow_null=True)

    class Meta:
        model = Source
        fields = (
            "id",
            "slug",
            "name",
            "description",
            "platform",
            "owner_team",
            "version_from",
            "version_path",
            "version_order",
            "version_format",
            "null_handling",
            "last_seen_at",
            "created_at",
        )
        read_only_fields = fields


class SourceDetailSerializer(SourceSerializer):
    """A source with its write keys."""

    write_keys = WriteKeySerializer(many=True, read_only=True)

    class Meta(SourceSerializer.Meta):
        fields = (*SourceSerializer.Meta.fields, "write_keys")
        read_only_fields = fields


class SourceNullHandlingSerializer(StrictSerializer):
    """What a null means for an optional property of one source; empty: as the company says."""

    null_handling = serializers.ChoiceField(choices=NullHandlingChoice.choices, allow_blank=True)


class CompanyPolicySerializer(StrictSerializer):
    """What holds for every source that does not say otherwise."""

    null_handling = serializers.ChoiceField(
        choices=NullHandlingChoice.choices,
        help_text="What a null means for an optional property that does not allow it",
    )


class DeploySerializer(StrictMembersMixin, serializers.ModelSerializer):
    """A deploy marker. Without `at`, the deploy is dated now."""

    environment = serializers.ChoiceField(choices=Environment.choices)
    at = serializers.DateTimeField(required=False)
    created_by = serializers.CharField(source="created_by.username", read_only=True)

    class Meta:
        model = Deploy
        fields = ("id", "environment", "version", "at", "created_by")
        read_only_fields = ("id", "created_by")
        validators: list[Any] = []  # the service accepts the same marker twice
