"""Guards on the changes: there is at least one, each definition is valid and builds on the newest version."""

from collections.abc import Iterable

from django.utils import timezone

from accounts.preconditions import UnmetCondition
from catalog.contract import LintSeverity, find_problems, json_equal, name_hash
from catalog.models import EventName, Version
from tracking.requests.choices import ChangeAction
from tracking.requests.drafted_names import NameKey, drafted_call, drafted_name_key
from tracking.requests.evidence.draft_lint import issues_of, lint_issues, lint_request_dates
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
    known = {row.source_id for row in base.for_sources.all()}
    return {source.pk for source in change.sources.all()} <= known


def definitions_valid(context: StepContext) -> list[UnmetCondition]:
    """Each definition compiles, each change says which event it is about, and no event is asked for twice."""
    unmet = []
    defining_changes = [change for change in context.changes if change.is_defining]
    event_ids_by_name = _event_ids_by_name(defining_changes)
    for change in defining_changes:
        unmet += [
            UnmetCondition(
                "definition",
                f"{change.name or 'The new event'}: {problem['path'] or 'the definition'}: {problem['detail']}",
            )
            for problem in _problems(change, context)
        ]
        unmet += _name_conflicts(change, event_ids_by_name)
    return unmet + _repeated_changes(context.changes)


def _problems(change: Change, context: StepContext) -> list[dict[str, str]]:
    """Return what keeps a definition from compiling: for a preview as it was stored, for a step checked anew."""
    if context.is_preview:
        return list(change.problems)
    return [problem.as_json() for problem in find_problems(change.definition)]


def no_lint_errors(context: StepContext) -> list[UnmetCondition]:
    """No definition says what nobody checks or no event can meet."""
    return [
        UnmetCondition("lint", f"{change.name or 'The new event'}: {issue.sentence}")
        for change in context.changes
        if change.is_defining
        for issue in issues_of(lint_issues(change, is_preview=context.is_preview), LintSeverity.ERROR)
    ]


def dates_to_come(context: StepContext) -> list[UnmetCondition]:
    """The days that it names can do their work: somebody can still be asked, and an event can still end."""
    issues = lint_request_dates(context.request, context.changes, today=timezone.localdate(context.at))
    return [
        UnmetCondition(issue.path.removeprefix("/"), issue.detail) for issue in issues_of(issues, LintSeverity.ERROR)
    ]


def _repeated_changes(changes: Iterable[Change]) -> list[UnmetCondition]:
    """One change for each event, whatever it does to it and calls it, and no two events drafted under one name."""
    unmet = []
    seen_event_ids: set[int] = set()
    seen_names: set[NameKey] = set()
    for change in changes:
        name_key = drafted_name_key(drafted_call(change.definition), change.name) if change.is_defining else None
        if change.event_id in seen_event_ids:
            detail = f"{change.event} is changed twice here. Put both changes into one, or remove one of them."
            unmet.append(UnmetCondition("definition", detail))
        elif name_key in seen_names:
            detail = f"{change.name} is changed twice here. Put both changes into one."
            unmet.append(UnmetCondition("definition", detail))
        if change.event_id is not None:
            seen_event_ids.add(change.event_id)
        if name_key is not None:
            seen_names.add(name_key)
    return unmet


def _event_ids_by_name(changes: list[Change]) -> dict[NameKey, int]:
    """Return which events have the names of these changes already, by call and name; one query."""
    hashes = {name_hash(change.name) for change in changes}
    rows = EventName.objects.filter(name_hash__in=hashes).order_by()
    return {
        (call, bytes(digest)): event_id for call, digest, event_id in rows.values_list("call", "name_hash", "event")
    }


def _name_conflicts(change: Change, event_ids_by_name: dict[NameKey, int]) -> list[UnmetCondition]:
    """The name is free or the event's own, and an event keeps its call."""
    call = drafted_call(change.definition)
    if change.event is not None and call != change.event.call:
        return [
            UnmetCondition(
                "definition", f"{change.event} is sent by {change.event.call}; another call is another event."
            )
        ]
    if event_ids_by_name.get((call, name_hash(change.name)), change.event_id) == change.event_id:
        return []
    return [
        UnmetCondition("name_taken", f"{change.name} is an event already. Change that one, or choose another name.")
    ]


def based_on_newest(context: StepContext) -> list[UnmetCondition]:
    """Each change of an event builds on the newest approved version of it."""
    event_ids = [change.event_id for change in context.changes if change.event_id is not None]
    rows = Version.objects.filter(event_id__in=event_ids, withdrawn_at=None).order_by("major", "minor", "patch")
    newest = {version.event_id: version for version in rows.defer("definition", "comparison")}
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
