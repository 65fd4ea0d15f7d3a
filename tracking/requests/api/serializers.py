"""The shapes of requests, their changes, deliveries, approvals and steps."""

from typing import Any

from django.db.models import Manager
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.serializer_fields import NulSafeSlugRelatedField
from accounts.api.strict_serializers import StrictSerializer, unknown_members
from accounts.current_user import current_user
from accounts.models import Team, User
from catalog.api.event_field import EventField
from catalog.contract import LintSeverity
from catalog.contract.definition.definition_document import DOCUMENT_MEMBERS
from catalog.library_warnings import LibraryWarning
from catalog.models import Event, Source
from tracking.requests.api.replay_serializers import ReplaySerializer
from tracking.requests.authoring.draft_editing import NAME_REASON_LENGTH
from tracking.requests.choices import ChangeAction, Priority
from tracking.requests.evidence.loaded_evidence import LoadedEvidence
from tracking.requests.evidence.replay import build_replay, build_replay_of_change
from tracking.requests.models import Approval, Change, Delivery, Request
from tracking.requests.models.delivery import APP_VERSION_MAX_LENGTH
from tracking.requests.workflow.approvals import is_ended
from tracking.requests.workflow.available_steps import available_steps
from tracking.requests.workflow.draft_warnings import warnings_of_changes


class UnmetSerializer(serializers.Serializer):
    """A condition of a step that does not hold."""

    code = serializers.CharField()
    detail = serializers.CharField()


class AskedSerializer(serializers.Serializer):
    """Something that a step wants of whoever takes it: `field` is the key to send, `details` what to read before."""

    field = serializers.CharField()
    label = serializers.CharField()
    is_required = serializers.BooleanField()
    details = serializers.ListField(child=serializers.CharField())


class StepSerializer(serializers.Serializer):
    """A step from here, whether the caller may take it now, and what is in the way."""

    to = serializers.CharField()
    label = serializers.CharField()
    allowed = serializers.BooleanField(source="is_allowed")
    unmet = UnmetSerializer(many=True)
    asks = AskedSerializer(many=True, source="inputs")


class DeliverySerializer(serializers.ModelSerializer):
    """A change on one source."""

    source = serializers.SlugRelatedField[Source](slug_field="slug", read_only=True)

    class Meta:
        model = Delivery
        fields = ("id", "source", "state", "app_version", "developed_at", "tested_at", "live_at")
        read_only_fields = fields


class DeliveryListSerializer(serializers.ListSerializer):
    """Deliveries whose steps are worked out from evidence that is read for all of them at once."""

    def to_representation(self, data: Any) -> list[Any]:
        rows = list(data)
        self.child.evidence = LoadedEvidence(rows)  # type: ignore[union-attr]
        return super().to_representation(rows)


class DeliveryDetailSerializer(DeliverySerializer):
    """A delivery with its request, its event and the steps from here."""

    evidence: LoadedEvidence | None = None  # of all deliveries of the list, where there is one
    request = serializers.IntegerField(source="change.request_id", read_only=True)
    event = serializers.CharField(source="change.name", read_only=True)
    allowed = serializers.SerializerMethodField()

    class Meta(DeliverySerializer.Meta):
        fields = (*DeliverySerializer.Meta.fields, "request", "event", "allowed")
        read_only_fields = fields
        list_serializer_class = DeliveryListSerializer

    @extend_schema_field(StepSerializer(many=True))
    def get_allowed(self, delivery: Delivery) -> Any:
        user = current_user(self.context["request"])
        return StepSerializer(available_steps(delivery, user, evidence=self.evidence), many=True).data


class ProblemSerializer(serializers.Serializer):
    """What keeps a definition from compiling; `path` is a JSON pointer into it."""

    code = serializers.CharField()
    path = serializers.CharField()
    detail = serializers.CharField()


class LintIssueSerializer(ProblemSerializer):
    """What the lint finds in a definition; `place` is the path as people read it.

    `sources`: on which alone it is so, by what the definition says of them; empty where it is so everywhere.
    """

    severity = serializers.ChoiceField(choices=[severity.value for severity in LintSeverity])
    place = serializers.CharField()
    sources = serializers.ListField(child=serializers.CharField(), default=list)


class WarningSerializer(serializers.Serializer):
    """What is allowed and yet looks wrong; `path` is the definition path of a property."""

    code = serializers.CharField()
    path = serializers.CharField()
    detail = serializers.CharField()


class ChangeListSerializer(serializers.ListSerializer):
    """Changes whose warnings are found for all of them at once."""

    def to_representation(self, data: Any) -> list[Any]:
        rows = list(data.all() if isinstance(data, Manager) else data)
        self.child.warnings_by_change = warnings_of_changes(rows)  # type: ignore[union-attr]
        return super().to_representation(rows)


class ChangeSerializer(serializers.ModelSerializer):
    """What a request does to one event. `warnings` are of what is not approved yet: they keep it from no step."""

    warnings_by_change: dict[int, list[LibraryWarning]] | None = None  # of all changes of the list, where there is one
    event = serializers.PrimaryKeyRelatedField[Event](read_only=True, allow_null=True)
    name = serializers.CharField(read_only=True)
    definition = serializers.DictField(read_only=True)
    sources = serializers.SlugRelatedField[Source](slug_field="slug", read_only=True, many=True)
    base = serializers.CharField(source="base.number", read_only=True, default=None, allow_null=True)
    version = serializers.CharField(source="version.number", read_only=True, default=None, allow_null=True)
    problems = ProblemSerializer(many=True, read_only=True)
    lint = LintIssueSerializer(many=True, read_only=True)
    deliveries = DeliverySerializer(many=True, read_only=True)
    warnings = serializers.SerializerMethodField()

    class Meta:
        model = Change
        list_serializer_class = ChangeListSerializer
        fields = (
            "id",
            "action",
            "lane",
            "event",
            "name",
            "definition",
            "sources",
            "base",
            "version",
            "ends_on",
            "name_reason",
            "warnings",
            "problems",
            "lint",
            "deliveries",
        )
        read_only_fields = fields

    @extend_schema_field(WarningSerializer(many=True))
    def get_warnings(self, change: Change) -> Any:
        known = warnings_of_changes([change]) if self.warnings_by_change is None else self.warnings_by_change
        return WarningSerializer(known.get(change.pk, []), many=True).data


class RequestSerializer(serializers.ModelSerializer):
    """A request as a list shows it."""

    author = serializers.CharField(source="author.username", read_only=True)
    owner = serializers.CharField(source="owner.username", read_only=True, default=None, allow_null=True)
    team = serializers.SlugRelatedField[Team](slug_field="slug", read_only=True, allow_null=True)
    priority = serializers.ChoiceField(choices=Priority.choices, read_only=True, allow_blank=True)
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Request
        fields = (
            "id",
            "title",
            "state",
            "lane",
            "priority",
            "author",
            "owner",
            "team",
            "question",
            "decision",
            "metric",
            "message",
            "reason",
            "expected_per_day",
            "review_by",
            "revision",
            "created_at",
            "updated_at",
            "url",
        )
        read_only_fields = fields


class RequestDetailSerializer(RequestSerializer):
    """A request with its changes, their deliveries, and the steps from here."""

    changes = ChangeSerializer(many=True, read_only=True)
    allowed = serializers.SerializerMethodField()
    replay = serializers.SerializerMethodField()

    class Meta(RequestSerializer.Meta):
        fields = (*RequestSerializer.Meta.fields, "changes", "allowed", "replay")
        read_only_fields = fields

    @extend_schema_field(StepSerializer(many=True))
    def get_allowed(self, request: Request) -> Any:
        return StepSerializer(available_steps(request, current_user(self.context["request"])), many=True).data

    @extend_schema_field(ReplaySerializer(allow_null=True))
    def get_replay(self, request: Request) -> Any:
        """What breaking changes would do to the newest samples, `production` apart; its token is sent back.

        Of the one change that `context["replayed_change"]` names, where it does, whether it is breaking or not.
        """
        change_id: int | None = self.context.get("replayed_change")
        reader = current_user(self.context["request"])
        if change_id is None:
            replay = build_replay(request, reader=reader)
        else:
            replay = build_replay_of_change(request, change_id, reader=reader)
        return None if replay is None else ReplaySerializer(replay, context=self.context).data


class NameReasonField(serializers.CharField):
    """Why a name is needed beside one that people read as the same."""

    def __init__(self, **options: Any) -> None:
        help_text = "Why the name is needed beside one that people read as the same"
        defaults: dict[str, Any] = {
            "required": False,
            "allow_blank": True,
            "max_length": NAME_REASON_LENGTH,
            "help_text": help_text,
        }
        super().__init__(**(defaults | options))


class ChangeInputSerializer(StrictSerializer):
    """A change as a program asks for it; `event` is an id or a name, and left out for one to create."""

    action = serializers.ChoiceField(choices=ChangeAction.choices)
    event = EventField(required=False, allow_null=True)
    definition = serializers.DictField(required=False)
    sources = NulSafeSlugRelatedField(slug_field="slug", queryset=Source.objects.all(), many=True, required=False)
    successor = EventField(required=False, allow_null=True)
    has_no_successor = serializers.BooleanField(required=False)
    ends_on = serializers.DateField(required=False, allow_null=True)
    name_reason = NameReasonField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The values. Raises ValidationError for a member of the definition that is none, unless the event has it."""
        unknown = [str(name) for name in attrs.get("definition", {}) if name not in DOCUMENT_MEMBERS]
        event: Event | None = attrs.get("event")
        if unknown and event is not None and event.newest_version is not None:
            unknown = [name for name in unknown if name not in event.newest_version.definition]
        if unknown:
            beside = {str(name) for name in self.fields} - {"definition"}
            hints = {name: f"“{name}” belongs beside “definition”, not into it." for name in beside}
            raise serializers.ValidationError({"definition": unknown_members(unknown, DOCUMENT_MEMBERS, hints=hints)})
        return attrs


class RequestInputSerializer(StrictSerializer):
    """A draft as a program writes it. Whatever it lacks is asked for when it is submitted."""

    title = serializers.CharField(max_length=200)
    question = serializers.CharField(required=False, allow_blank=True, max_length=5_000)
    decision = serializers.CharField(required=False, allow_blank=True, max_length=5_000)
    metric = serializers.CharField(required=False, allow_blank=True, max_length=200)
    message = serializers.CharField(required=False, allow_blank=True, max_length=5_000)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=5_000)
    priority = serializers.ChoiceField(choices=Priority.choices, required=False)
    expected_per_day = serializers.IntegerField(required=False, min_value=0, max_value=10**15, allow_null=True)
    review_by = serializers.DateField(required=False, allow_null=True)
    owner = NulSafeSlugRelatedField(slug_field="username", queryset=User.objects.people(), required=False)
    team = NulSafeSlugRelatedField(slug_field="slug", queryset=Team.objects.all(), required=False)


class RequestCreateSerializer(RequestInputSerializer):
    """A draft with its changes."""

    changes = ChangeInputSerializer(many=True, required=False)


class RequestEditSerializer(RequestInputSerializer):
    """An edit of a draft: the fields to change, and the `revision` that was read."""

    title = serializers.CharField(max_length=200, required=False)
    revision = serializers.IntegerField(min_value=1)


class SeenSerializer(StrictSerializer):
    """What a breaking change would do to the newest samples, as it was seen: the token that the request showed."""

    replay = serializers.CharField(required=False, allow_blank=True, default="", max_length=20_000)


class ChosenSerializer(StrictSerializer):
    """What a step of a delivery rests on.

    To verify: the keyed ids of the people or devices whose events QA looked at; left out, all count. To send back: the
    id of the sample that shows what failed; left out, the newest that failed.
    """

    ids = serializers.ListField(child=serializers.IntegerField(), required=False, allow_null=True, max_length=1_000)
    sample = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=2**63 - 1)


class TransitionSerializer(StrictSerializer):
    """A step of a request; 409 (`edited`) where it was edited since the `revision` that was read."""

    to = serializers.CharField(max_length=20)
    comment = serializers.CharField(required=False, allow_blank=True, default="", max_length=5_000)
    revision = serializers.IntegerField(min_value=1, required=False)
    evidence = SeenSerializer(required=False)


class DeliveryTransitionSerializer(StrictSerializer):
    """A step of a delivery."""

    to = serializers.CharField(max_length=20)
    comment = serializers.CharField(required=False, allow_blank=True, default="", max_length=5_000)
    app_version = serializers.CharField(required=False, allow_blank=True, default="", max_length=APP_VERSION_MAX_LENGTH)
    evidence = ChosenSerializer(required=False)


class ApprovalSerializer(serializers.ModelSerializer):
    """One person's yes: in which area, for which team's part (null: every team's), and whether it still counts.

    `is_stale`: the request says something else by now. `is_ended`: it was sent back to draft since.

    `context["content_hash"]` is the hash of what the request says, worked out once for all its approvals.
    """

    team = serializers.SlugRelatedField[Team](slug_field="slug", read_only=True, allow_null=True)
    person = serializers.CharField(source="person.username", read_only=True)
    is_stale = serializers.SerializerMethodField()
    is_ended = serializers.SerializerMethodField()

    class Meta:
        model = Approval
        fields = ("id", "person", "area", "team", "comment", "is_same_person", "is_stale", "is_ended", "created_at")
        read_only_fields = fields

    def get_is_stale(self, approval: Approval) -> bool:
        content_hash: bytes = self.context["content_hash"]
        return bytes(approval.content_hash) != content_hash

    def get_is_ended(self, approval: Approval) -> bool:
        return is_ended(approval)


class ApprovalInputSerializer(StrictSerializer):
    """An approval without the step; 409 (`edited`) where it was edited since the `revision` that was read."""

    comment = serializers.CharField(required=False, allow_blank=True, default="", max_length=5_000)
    revision = serializers.IntegerField(min_value=1, required=False)
    evidence = SeenSerializer(required=False)


class DocumentSerializer(StrictSerializer):
    """A definition document handed over whole, and the sources it is for."""

    name = serializers.CharField(required=False, max_length=2_000)
    call = serializers.CharField(required=False, max_length=20)
    kind = serializers.CharField(required=False, max_length=20)
    title = serializers.CharField(required=False, allow_blank=True, max_length=200)
    description = serializers.CharField(required=False, allow_blank=True)
    trigger = serializers.CharField(required=False, allow_blank=True)
    unit = serializers.CharField(required=False, allow_blank=True)
    computed = serializers.CharField(required=False, allow_blank=True)
    schema = serializers.DictField(required=False)
    context = serializers.DictField(required=False)
    traits = serializers.DictField(required=False)
    per_source = serializers.DictField(required=False)
    examples = serializers.ListField(required=False)
    sources = NulSafeSlugRelatedField(slug_field="slug", queryset=Source.objects.all(), many=True, required=False)
    name_reason = NameReasonField()


class DocumentedSerializer(serializers.Serializer):
    """The request that came of a document, and what keeps it from the next step."""

    request = RequestDetailSerializer()
    unmet = UnmetSerializer(many=True)
