"""Events are created, renamed and classified, and get their owners."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.history import record
from accounts.models import Team, User
from accounts.permissions import require, require_any
from accounts.preconditions import UnmetCondition, UnmetConditionsError
from accounts.roles import Capability
from catalog.choices import Call, Kind, OwnerRole
from catalog.contract import clean_name, fold_name, name_hash
from catalog.look_alikes import event_names_like, folded_key
from catalog.models import Category, Event, EventName, Ownership, Tag

# Whoever may approve what an event says, or take an import as the baseline, creates events.
DEFINE_CAPABILITIES = (Capability.REQUEST_APPROVE, Capability.IMPORT_BASELINE)
NAMED_BY_CALL = frozenset({Call.IDENTIFY, Call.GROUP, Call.ALIAS})
TITLE_LENGTH = 200
NAME_SHOWN = 100
"""How much of a name a sentence shows, in characters."""
NAMES_LOCK_ID = 7_311_004
"""The advisory lock that lets one transaction at a time decide that a name is like no other."""


class NameTakenError(UnmetConditionsError):
    """The name belongs, or once belonged, to another event; `event` is that one."""

    def __init__(self, event: Event) -> None:
        self.event = event
        detail = f"{event.name!r} ({event.get_call_display()}) is an event already. Change that one, or choose a name."
        super().__init__([UnmetCondition("name_taken", detail)])


class SimilarNameError(UnmetConditionsError):
    """People read the name as that of another event, `event`, and no reason says why both are needed."""

    def __init__(self, name: str, event: Event) -> None:
        self.event = event
        super().__init__([UnmetCondition("similar_name", similar_name_message(name, event))])


class EventClassification(TypedDict, total=False):
    """An event's classification in the catalog, which is no part of its definition."""

    category: Category | None
    tags: Iterable[Tag]
    tier: int
    owner_team: Team | None


@transaction.atomic
def create_event(
    *,
    name: str,
    call: Call | str = Call.TRACK,
    by: User,
    kind: Kind | str = Kind.STANDARD,
    owner_team: Team | None = None,
    owner_text: str = "",
    category: Category | None = None,
    tags: Iterable[Tag] = (),
    tier: int = 3,
    is_sample: bool = False,
    name_reason: str = "",
    at: datetime | None = None,
) -> Event:
    """Create an event without a definition; `publish_version` writes its first version.

    identify, group and alias are named by their call, whatever `name` says. `name_reason` says why it is needed
    beside an event whose name people read as the same. Raises Forbidden where `by` may neither approve requests nor
    take imports as the baseline for the owner team, NameTakenError where the name is another event's,
    SimilarNameError where it is like another event's and no reason is given, and ValidationError where it is empty
    or a field does not hold what it should.
    """
    lock_event_names()
    moment = at or timezone.now()
    event = Event(
        call=Call(call),
        name=_normalize_name(name, call),
        kind=kind,
        tier=tier,
        category=category,
        owner_team=owner_team,
        owner_text=owner_text[:TITLE_LENGTH],
        is_sample=is_sample,
        created_at=moment,
        updated_at=moment,
    )
    require_any(by, DEFINE_CAPABILITIES, on=[event])
    event.full_clean()
    event.save()
    event.tags.set(tags)
    _claim_name(event, name, at=moment, reason=name_reason)
    record(
        by=by,
        subject_type="event",
        subject_id=event.pk,
        action="created",
        message=event.name,
        evidence={"name_reason": name_reason} if name_reason else {},
        at=moment,
    )
    return event


@transaction.atomic
def rename_event(event: Event, name: str, *, by: User, name_reason: str = "", at: datetime | None = None) -> Event:
    """Give an event another name; the old one still matches what old apps send.

    A name that it had before becomes its name again. The same name: changes nothing. Raises Forbidden
    where `by` may not approve requests for the event, NameTakenError where the name is another event's,
    SimilarNameError where it is like another event's and `name_reason` does not say why, and ValidationError where it
    is empty or the event is named by its call.
    """
    require_any(by, DEFINE_CAPABILITIES, on=[event])
    lock_event_names()
    locked = Event.objects.select_for_update(of=("self",)).get(pk=event.pk)
    if locked.call in NAMED_BY_CALL:
        raise ValidationError({"name": f"{locked.name} is named by its call and cannot be renamed."})
    moment = at or timezone.now()
    old, new = locked.name, _normalize_name(name, locked.call)
    if new == old and locked.names.filter(until=None, name_hash=name_hash(name)).exists():
        return locked
    locked.names.filter(until=None).update(until=moment)
    locked.name = new
    _claim_name(locked, name, at=moment, reason=name_reason)
    locked.updated_at = moment
    locked.save(update_fields=["name", "updated_at"])
    record(
        by=by,
        subject_type="event",
        subject_id=locked.pk,
        action="renamed",
        message=f"{old} → {new}",
        evidence={"from": old, "to": new} | ({"name_reason": name_reason} if name_reason else {}),
        at=moment,
    )
    return locked


@transaction.atomic
def classify_event(
    event: Event, *, by: User, at: datetime | None = None, **fields: Unpack[EventClassification]
) -> Event:
    """Set an event's category, tags, tier or owner team, and return it as it now is.

    Raises Forbidden where `by` may not curate the catalog for the event's team (the old and, where it
    changes, the new), and ValidationError where the tier is not 1, 2 or 3.
    """
    locked = Event.objects.select_for_update(of=("self",)).get(pk=event.pk)
    require(by, Capability.CATALOG_CURATE, on=locked)
    tags = fields.pop("tags", None)
    before = {field: getattr(locked, field) for field in fields}
    for field, value in fields.items():
        setattr(locked, field, value)
    if "owner_team" in fields:
        require(by, Capability.CATALOG_CURATE, on=locked)
    locked.full_clean()
    # Compared as values: two categories or teams may bear the same name.
    after = {field: getattr(locked, field) for field in fields}
    changed = {field: [str(before[field]), str(after[field])] for field in fields if before[field] != after[field]}
    if tags is not None:
        old_tags = sorted(tag.slug for tag in locked.tags.all())
        locked.tags.set(tags)
        new_tags = sorted(tag.slug for tag in locked.tags.all())
        if old_tags != new_tags:
            changed["tags"] = [", ".join(old_tags), ", ".join(new_tags)]
    if changed:
        locked.updated_at = at or timezone.now()
        locked.save(update_fields=[*fields, "updated_at"])
        record(by=by, subject_type="event", subject_id=locked.pk, action="placed", evidence=changed, at=at)
    return locked


@transaction.atomic
def add_owner(event: Event, person: User, role: OwnerRole | str, *, by: User, at: datetime | None = None) -> Ownership:
    """Add an owner to an event; several people may have the same role. Again: the same row.

    Raises Forbidden where `by` may neither curate the catalog nor define the event, and UnmetConditionsError
    where the person is deactivated.
    """
    require_any(by, (Capability.CATALOG_CURATE, *DEFINE_CAPABILITIES), on=[event])
    if not person.is_active:
        raise UnmetConditionsError(
            [UnmetCondition("owner", f"{person} is deactivated. Choose somebody who still works here.")]
        )
    ownership, is_new = Ownership.objects.get_or_create(event=event, person=person, role=OwnerRole(role))
    if is_new:
        _record_owner(ownership, "owner set", by=by, at=at)
    return ownership


@transaction.atomic
def add_owners(
    event: Event, people: Mapping[OwnerRole, User], *, by: User, at: datetime | None = None
) -> list[Ownership]:
    """Add one owner for each role to those that an event has; return the new rows.

    Raises what `add_owner` raises.
    """
    require_any(by, (Capability.CATALOG_CURATE, *DEFINE_CAPABILITIES), on=[event])
    inactive = [person for person in people.values() if not person.is_active]
    if inactive:
        raise UnmetConditionsError(
            [UnmetCondition("owner", f"{inactive[0]} is deactivated. Choose somebody who still works here.")]
        )
    # Two people who add the same owners do so one after the other.
    Event.objects.select_for_update(of=("self",)).get(pk=event.pk)
    existing = set(event.owners.values_list("role", "person"))
    new = [
        Ownership(event=event, person=person, role=role)
        for role, person in people.items()
        if (role, person.pk) not in existing
    ]
    Ownership.objects.bulk_create(new)
    for ownership in new:
        _record_owner(ownership, "owner set", by=by, at=at)
    return new


@transaction.atomic
def remove_owner(ownership: Ownership, *, by: User, at: datetime | None = None) -> None:
    """Remove a person from an event's owners. Again: changes nothing. Raises Forbidden as `add_owner` does."""
    require_any(by, (Capability.CATALOG_CURATE, *DEFINE_CAPABILITIES), on=[ownership.event])
    deleted, _ = Ownership.objects.filter(pk=ownership.pk).delete()
    if deleted:
        _record_owner(ownership, "owner removed", by=by, at=at)


def _normalize_name(name: str, call: Call | str) -> str:
    """Return the name as it is stored. Raises ValidationError where it is empty."""
    if Call(call) in NAMED_BY_CALL:
        return str(Call(call))
    spelled = clean_name(name)
    if not spelled.strip():
        raise ValidationError({"name": "An event needs a name."})
    return spelled


def lock_event_names() -> None:
    """Wait until nobody else claims a name, and make others wait until this transaction ends.

    Taken before the row of any event is locked.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NAMES_LOCK_ID])


def similar_name_message(name: str, event: Event) -> str:
    """Return what a person is told who gives a name that reads like that of an event."""
    given, existing = clean_name(name)[:NAME_SHOWN], event.name[:NAME_SHOWN]
    return (
        f"{given!r} reads like {existing!r}, which is an event already. Use that one, and correct what sends another "
        "spelling; or say why both are needed."
    )


def _claim_name(event: Event, name: str, *, at: datetime, reason: str) -> None:
    """Write the event's name row, or reopen the one that it had. Raises NameTakenError and SimilarNameError."""
    hashed = name_hash(event.name if event.call in NAMED_BY_CALL else name)
    if event.names.filter(name_hash=hashed).update(since=at, until=None):
        return
    try:
        with transaction.atomic():
            event.names.create(
                call=event.call,
                name=event.name if event.call in NAMED_BY_CALL else clean_name(name),
                name_hash=hashed,
                folded_name=fold_name(event.name),
                since=at,
            )
    except IntegrityError as error:
        owner = EventName.objects.select_related("event").get(call=event.call, name_hash=hashed).event
        raise NameTakenError(owner) from error
    key = folded_key(event.call, event.name)
    others = [row.event for row in event_names_like([key]).get(key, ()) if row.event_id != event.pk]
    if others and not reason.strip():
        raise SimilarNameError(event.name, others[0])


def _record_owner(ownership: Ownership, action: str, *, by: User, at: datetime | None) -> None:
    record(
        by=by,
        subject_type="event",
        subject_id=ownership.event_id,
        action=action,
        message=str(ownership.person),
        evidence={"person": ownership.person_id, "role": ownership.role},
        at=at,
    )
