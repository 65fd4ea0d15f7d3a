"""Guards on the changes: there is at least one, each definition is valid and builds on the newest version."""

from accounts.preconditions import UnmetCondition
from catalog.contract import find_problems, json_equal, name_hash
from catalog.models import EventName, Version
from tracking.requests.choices import ChangeAction
from tracking.requests.models import Change
from tracking.requests.workflow.steps.step_context import StepContext


def has_changes(context: StepContext) -> list[UnmetCondition]:
    """At least one change, and none that equals the version that it builds on."""
    if not context.changes:
        return [UnmetCondition("changes", "The request changes nothing yet. Add the event that it creates or changes.")]
    return [
        UnmetCondition(
            "changes", f"{change.name} is to say what {change.base.number} says already. Change or remove it."
        )
        for change in context.changes
        if change.base is not None and _equals_base(change, change.base)
    ]


def _equals_base(change: Change, base: Version) -> bool:
    if change.action != ChangeAction.UPDATE or not json_equal(change.definition, base.definition):
        return False
    known = set(base.for_sources.values_list("source_id", flat=True))
    return {source.pk for source in change.sources.all()} <= known


def definitions_valid(context: StepContext) -> list[UnmetCondition]:
    """Each definition compiles, each change says which event it is about, and no event is asked for twice."""
    unmet = []
    seen_keys: set[tuple[str, str]] = set()
    for change in context.changes:
        if not change.is_defining:
            continue
        unmet += [
            UnmetCondition(
                "definition", f"{change.name or 'The new event'}: {problem.path or 'the definition'}: {problem.detail}"
            )
            for problem in find_problems(change.definition)
        ]
        unmet += _name_conflicts(change)
        key = (str(change.definition.get("call", "track")), change.name)
        if key in seen_keys:
            unmet.append(
                UnmetCondition("definition", f"{change.name} is changed twice here. Put both changes into one.")
            )
        seen_keys.add(key)
    return unmet


def _name_conflicts(change: Change) -> list[UnmetCondition]:
    """The name is free or the event's own, and an event keeps its call."""
    call = str(change.definition.get("call", "track"))
    if change.event is not None and call != change.event.call:
        return [
            UnmetCondition(
                "definition", f"{change.event} is sent by {change.event.call}; another call is another event."
            )
        ]
    existing_name = (
        EventName.objects.filter(call=call, name_hash=name_hash(change.name)).select_related("event").first()
    )
    if existing_name is None or existing_name.event_id == change.event_id:
        return []
    return [
        UnmetCondition("name_taken", f"{change.name} is an event already. Change that one, or choose another name.")
    ]


def based_on_newest(context: StepContext) -> list[UnmetCondition]:
    """Each change of an event builds on the newest approved version of it."""
    event_ids = [change.event_id for change in context.changes if change.event_id is not None]
    newest: dict[int, Version] = {}
    for version in Version.objects.filter(event_id__in=event_ids, withdrawn_at=None).order_by(
        "major", "minor", "patch"
    ):
        newest[version.event_id] = version
    unmet = []
    for change in context.changes:
        newest_version = newest.get(change.event_id) if change.event_id is not None else None
        if newest_version is None and change.base is not None:
            detail = f"{change.name} {change.base.number} was taken back, and no other version stands to build on."
            unmet.append(UnmetCondition("rebase", detail))
        if (
            newest_version is not None
            and change.base_id != newest_version.pk
            and change.version_id != newest_version.pk
        ):
            drafted_on = f"on {change.base.number}" if change.base else "on nothing"
            unmet.append(
                UnmetCondition(
                    "rebase",
                    f"{change.name} was drafted {drafted_on}, and {newest_version.number} has been approved since. "
                    "Rebase it.",
                )
            )
    return unmet
