"""Guards on what is asked for: that there is something, that it compiles, that it builds on the newest version."""

from accounts.preconditions import Unmet
from catalog.contract import canonical, name_hash, problems
from catalog.models import EventName, Version
from tracking.requests.choices import Action
from tracking.requests.models import Change
from tracking.requests.workflow.steps.step_context import Context


def has_changes(context: Context) -> list[Unmet]:
    """At least one change, and none that says what stands already."""
    if not context.changes:
        return [Unmet("changes", "The request changes nothing yet. Add the event that it creates or changes.")]
    return [
        Unmet("changes", f"{change.name} is to say what {change.base.number} says already. Change or remove it.")
        for change in context.changes
        if change.base is not None and _says_the_same(change, change.base)
    ]


def _says_the_same(change: Change, base: Version) -> bool:
    if change.action != Action.UPDATE or canonical(change.definition) != canonical(base.definition):
        return False
    known = set(base.for_sources.values_list("source_id", flat=True))
    return {source.pk for source in change.sources.all()} <= known


def valid(context: Context) -> list[Unmet]:
    """Each definition compiles, each change says which event it is about, and no event is asked for twice."""
    unmet = []
    asked: set[tuple[str, str]] = set()
    for change in context.changes:
        if not change.is_defining:
            continue
        unmet += [
            Unmet(
                "definition", f"{change.name or 'The new event'}: {problem.path or 'the definition'}: {problem.detail}"
            )
            for problem in problems(change.definition)
        ]
        unmet += _named(change)
        key = (str(change.definition.get("call", "track")), change.name)
        if key in asked:
            unmet.append(Unmet("definition", f"{change.name} is changed twice here. Put both changes into one."))
        asked.add(key)
    return unmet


def _named(change: Change) -> list[Unmet]:
    """The name is free or the event's own, and an event keeps its call."""
    call = str(change.definition.get("call", "track"))
    if change.event is not None and call != change.event.call:
        return [Unmet("definition", f"{change.event} is sent by {change.event.call}; another call is another event.")]
    holder = EventName.objects.filter(call=call, name_hash=name_hash(change.name)).select_related("event").first()
    if holder is None or holder.event_id == change.event_id:
        return []
    return [Unmet("name_taken", f"{change.name} is an event already. Change that one, or choose another name.")]


def parent_newest(context: Context) -> list[Unmet]:
    """Each change of an event builds on the newest approved version of it."""
    event_ids = [change.event_id for change in context.changes if change.event_id is not None]
    newest: dict[int, Version] = {}
    for version in Version.objects.filter(event_id__in=event_ids, withdrawn_at=None).order_by(
        "major", "minor", "patch"
    ):
        newest[version.event_id] = version
    unmet = []
    for change in context.changes:
        current = newest.get(change.event_id) if change.event_id is not None else None
        if current is None and change.base is not None:
            gone = f"{change.name} {change.base.number} was taken back, and no other version stands to build on."
            unmet.append(Unmet("rebase", gone))
        if current is not None and change.base_id != current.pk and change.version_id != current.pk:
            since = f"on {change.base.number}" if change.base else "on nothing"
            unmet.append(
                Unmet(
                    "rebase",
                    f"{change.name} was drafted {since}, and {current.number} has been approved since. Rebase it.",
                )
            )
    return unmet
