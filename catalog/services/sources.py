"""Sources are created and changed."""

from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.history import record
from accounts.models import Team, User
from accounts.permissions import require
from accounts.roles import Capability
from accounts.services.saved_rows import save_validated
from catalog.choices import NullHandlingChoice, Platform, VersionFrom, VersionOrder
from catalog.contract.versions.app_version_order import format_problem
from catalog.models import Binding, Source
from catalog.resolution.binding_resolver import app_version_sort_key

DEFAULT_VERSION_PATH = "/context/app/version"
ORDER_FIELDS = frozenset({"version_order", "version_format"})
"""What decides in which order a source's app versions come."""


class SourceFields(TypedDict, total=False):
    """What may be changed of a source. Its slug may not: definitions name it."""

    name: str
    description: str
    platform: Platform | str
    owner_team: Team
    version_from: VersionFrom | str
    version_path: str
    version_order: VersionOrder | str
    version_format: str
    null_handling: NullHandlingChoice | str
    max_events_per_second: int | None
    max_bytes_per_second: int | None


@transaction.atomic
def create_source(
    *,
    slug: str,
    name: str,
    platform: Platform | str,
    owner_team: Team,
    by: User,
    description: str = "",
    version_from: VersionFrom | str = VersionFrom.PAYLOAD,
    version_path: str = DEFAULT_VERSION_PATH,
    version_order: VersionOrder | str = VersionOrder.SEMVER,
    version_format: str = "",
    null_handling: NullHandlingChoice | str = "",
    max_events_per_second: int | None = None,
    max_bytes_per_second: int | None = None,
    is_sample: bool = False,
    at: datetime | None = None,
) -> Source:
    """Create an app that sends events; its write keys are created apart.

    Raises Forbidden where `by` may not manage sources of the team, and ValidationError where the slug is
    taken or a field does not hold what it should.
    """
    require(by, Capability.SOURCE_MANAGE, on=owner_team)
    moment = at or timezone.now()
    source = Source(
        slug=slug,
        name=name.strip(),
        description=description,
        platform=platform,
        owner_team=owner_team,
        version_from=version_from,
        version_path=version_path,
        version_order=version_order,
        version_format=version_format.strip(),
        null_handling=null_handling,
        max_events_per_second=max_events_per_second,
        max_bytes_per_second=max_bytes_per_second,
        is_sample=is_sample,
        created_at=moment,
    )
    _validate(source)
    save_validated(source)
    record(by=by, subject_type="source", subject_id=source.pk, action="created", message=source.name, at=moment)
    return source


@transaction.atomic
def update_source(source: Source, *, by: User, at: datetime | None = None, **fields: Unpack[SourceFields]) -> Source:
    """Change a source's settings, and return it as it now is. Where nothing differs, nothing is written.

    A new order or format of app versions puts its bindings into that order too. Raises Forbidden where `by` may not
    manage sources of the team (the old and, where it changes, the new), and ValidationError where a field
    does not hold what it should or a binding's app version cannot be read in the new order.
    """
    # A binding that is written meanwhile would miss a new order. What else changes need not keep events from arriving.
    is_reordered = not ORDER_FIELDS.isdisjoint(fields)
    locked = Source.objects.select_for_update(no_key=not is_reordered).get(pk=source.pk)
    require(by, Capability.SOURCE_MANAGE, on=locked)
    before = {field: getattr(locked, field) for field in fields}
    for field, value in fields.items():
        setattr(locked, field, value)
    changed = [field for field in fields if getattr(locked, field) != before[field]]
    if not changed:
        return locked
    if "owner_team" in changed:
        require(by, Capability.SOURCE_MANAGE, on=locked.owner_team)
    _validate(locked)
    locked.save(update_fields=changed)
    if not ORDER_FIELDS.isdisjoint(changed):
        _recompute_binding_sort_keys(locked)
    record(
        by=by,
        subject_type="source",
        subject_id=locked.pk,
        action="changed",
        evidence={field: [str(before[field]), str(getattr(locked, field))] for field in changed},
        at=at,
    )
    return locked


def _validate(source: Source) -> None:
    errors: dict[str, Any] = {}
    if source.version_from == VersionFrom.PAYLOAD and not source.version_path.startswith("/"):
        errors["version_path"] = "Say where the app version stands, as a path such as /context/app/version."
    if problem := format_problem(source.version_format):
        errors["version_format"] = problem
    source.full_clean(exclude=errors)
    if errors:
        raise ValidationError(errors)


def _recompute_binding_sort_keys(source: Source) -> None:
    bindings = list(Binding.objects.select_for_update().filter(source=source, since_version__gt="").order_by("pk"))
    for binding in bindings:
        key = app_version_sort_key(binding.since_version, source, binding.environment)
        if key is None:
            order = VersionOrder(source.version_order).label.lower()
            raise ValidationError(
                {"version_order": f"{binding.since_version}, from which {binding.event} counts, is no {order}."}
            )
        binding.since_key = key
    Binding.objects.bulk_update(bindings, ["since_key"])
