"""Events come into being, are renamed, and get their place and their owners."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.history import record
from accounts.models import Team, User
from accounts.permissions import require, require_any
from accounts.preconditions import Unmet, UnmetConditions
from accounts.roles import Capability
from catalog.choices import Call, Kind, OwnerRole
from catalog.contract import clean, name_hash
from catalog.models import Category, Event, EventName, Ownership, Tag

# Whoever may approve what an event says, or take an import as the baseline, brings events into being.
DEFINING = (Capability.REQUEST_APPROVE, Capability.IMPORT_BASELINE)
NAMED_BY_CALL = frozenset({Call.IDENTIFY, Call.GROUP, Call.ALIAS})
TITLE_LENGTH = 200


class NameTaken(UnmetConditions):
    """The name belongs, or once belonged, to another event; `event` is that one."""

    def __init__(self, event: Event) -> None:
        self.event = event
        detail = f"{event.name!r} ({event.get_call_display()}) is an event already. Change that one, or choose a name."
        super().__init__([Unmet("name_taken", detail)])


class Placement(TypedDict, total=False):
    """Where an event stands in the catalog; none of it is part of its definition."""

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
    at: datetime | None = None,
) -> Event:
    """Create an event that says nothing yet; `publish_version` writes its first version.

    identify, group and alias are named by their call, whatever `name` says. Raises Forbidden where `by`
    may neither approve requests nor take imports as the baseline for the owner team, NameTaken where the
    name is another event's, and ValidationError where it is empty or a field does not hold what it should.
    """
    moment = at or timezone.now()
    event = Event(
        call=Call(call),
        name=_spelled(name, call),
        kind=kind,
        tier=tier,
        category=category,
        owner_team=owner_team,
        owner_text=owner_text[:TITLE_LENGTH],
        is_sample=is_sample,
        created_at=moment,
        updated_at=moment,
    )
    require_any(by, DEFINING, on=[event])
    event.full_clean()
    event.save()
    event.tags.set(tags)
    _take_name(event, name, at=moment)
    record(by=by, subject_type="event", subject_id=event.pk, action="created", message=event.name, at=moment)
    return event


@transaction.atomic
def rename_event(event: Event, name: str, *, by: User, at: datetime | None = None) -> Event:
    """Give an event another name; the old one goes on matching what old apps send.

    A name that it had before becomes its name again. The same name: changes nothing. Raises Forbidden
    where `by` may not approve requests for the event, NameTaken where the name is another event's, and
    ValidationError where it is empty or the event is named by its call.
    """
    require_any(by, DEFINING, on=[event])
    locked = Event.objects.select_for_update(of=("self",)).get(pk=event.pk)
    if locked.call in NAMED_BY_CALL:
        raise ValidationError({"name": f"{locked.name} is named by its call and cannot be renamed."})
    moment = at or timezone.now()
    old, new = locked.name, _spelled(name, locked.call)
    if new == old and locked.names.filter(until=None, name_hash=name_hash(name)).exists():
        return locked
    locked.names.filter(until=None).update(until=moment)
    _take_name(locked, name, at=moment)
    locked.name = new
    locked.updated_at = moment
    locked.save(update_fields=["name", "updated_at"])
    record(
        by=by,
        subject_type="event",
        subject_id=locked.pk,
        action="renamed",
        message=f"{old} → {new}",
        evidence={"from": old, "to": new},
        at=moment,
    )
    return locked


@transaction.atomic
def place_event(event: Event, *, by: User, at: datetime | None = None, **placement: Unpack[Placement]) -> Event:
    """Set an event's category, tags, tier or owner team, and return it as it now is.

    Raises Forbidden where `by` may not curate the catalog for the event's team (the old and, where it
    changes, the new), and ValidationError where the tier is not 1, 2 or 3.
    """
    locked = Event.objects.select_for_update(of=("self",)).get(pk=event.pk)
    require(by, Capability.CATALOG_CURATE, on=locked)
    tags = placement.pop("tags", None)
    before = {field: str(getattr(locked, field)) for field in placement}
    for field, value in placement.items():
        setattr(locked, field, value)
    if "owner_team" in placement:
        require(by, Capability.CATALOG_CURATE, on=locked)
    locked.full_clean()
    changed = {field: [before[field], str(getattr(locked, field))] for field in placement}
    changed = {field: values for field, values in changed.items() if values[0] != values[1]}
    if tags is not None:
        old_tags = sorted(tag.slug for tag in locked.tags.all())
        locked.tags.set(tags)
        new_tags = sorted(tag.slug for tag in locked.tags.all())
        if old_tags != new_tags:
            changed["tags"] = [", ".join(old_tags), ", ".join(new_tags)]
    if changed:
        locked.updated_at = at or timezone.now()
        locked.save(update_fields=[*placement, "updated_at"])
        record(by=by, subject_type="event", subject_id=locked.pk, action="placed", evidence=changed, at=at)
    return locked


@transaction.atomic
def set_owner(event: Event, person: User, role: OwnerRole | str, *, by: User, at: datetime | None = None) -> Ownership:
    """Let a person answer for an event in a role; several people may share one. Again: the same row.

    Raises Forbidden where `by` may neither curate the catalog nor define the event, and UnmetConditions
    where the person is deactivated.
    """
    require_any(by, (Capability.CATALOG_CURATE, *DEFINING), on=[event])
    if not person.is_active:
        raise UnmetConditions([Unmet("owner", f"{person} is deactivated. Choose somebody who still works here.")])
    ownership, is_new = Ownership.objects.get_or_create(event=event, person=person, role=OwnerRole(role))
    if is_new:
        _record_owner(ownership, "owner set", by=by, at=at)
    return ownership


@transaction.atomic
def set_owners(
    event: Event, people: Mapping[OwnerRole, User], *, by: User, at: datetime | None = None
) -> list[Ownership]:
    """Let one person a role answer for an event beside those who do; return the rows that are new.

    Raises what `set_owner` raises.
    """
    require_any(by, (Capability.CATALOG_CURATE, *DEFINING), on=[event])
    gone = [person for person in people.values() if not person.is_active]
    if gone:
        raise UnmetConditions([Unmet("owner", f"{gone[0]} is deactivated. Choose somebody who still works here.")])
    held = set(event.owners.values_list("role", "person"))
    new = [
        Ownership(event=event, person=person, role=role)
        for role, person in people.items()
        if (role, person.pk) not in held
    ]
    Ownership.objects.bulk_create(new)
    for ownership in new:
        _record_owner(ownership, "owner set", by=by, at=at)
    return new


@transaction.atomic
def remove_owner(ownership: Ownership, *, by: User, at: datetime | None = None) -> None:
    """Take a person from an event's owners. Raises Forbidden as `set_owner` does."""
    require_any(by, (Capability.CATALOG_CURATE, *DEFINING), on=[ownership.event])
    _record_owner(ownership, "owner removed", by=by, at=at)
    ownership.delete()


def _spelled(name: str, call: Call | str) -> str:
    """Return the name as it is stored. Raises ValidationError where it is empty."""
    if Call(call) in NAMED_BY_CALL:
        return str(Call(call))
    spelled = clean(name)
    if not spelled.strip():
        raise ValidationError({"name": "An event needs a name."})
    return spelled


def _take_name(event: Event, name: str, *, at: datetime) -> None:
    """Write the event's name row, or open again the one it had. Raises NameTaken."""
    hashed = name_hash(event.name if event.call in NAMED_BY_CALL else name)
    if event.names.filter(name_hash=hashed).update(since=at, until=None):
        return
    try:
        with transaction.atomic():
            event.names.create(
                call=event.call,
                name=event.name if event.call in NAMED_BY_CALL else clean(name),
                name_hash=hashed,
                since=at,
            )
    except IntegrityError as error:
        holder = EventName.objects.select_related("event").get(call=event.call, name_hash=hashed).event
        raise NameTaken(holder) from error


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
