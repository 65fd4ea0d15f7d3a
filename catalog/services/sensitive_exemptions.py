"""Switching off the rule `sensitive` for one property of an event, and on again."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.history import record
from accounts.models import User
from accounts.permissions import require
from accounts.preconditions import UnmetCondition, UnmetConditionsError
from accounts.roles import Capability
from catalog.contract.json.pointers import ANY_INDEX, UNKNOWN_KEY, parse_pointer, path_label
from catalog.contract.rules.sensitive import PARTS
from catalog.models import Event, SensitiveExemption

REASON_LENGTH = SensitiveExemption._meta.get_field("reason").max_length or 0


def is_exemptable(path: str) -> bool:
    """Tell whether a definition path leads to one property or id.

    A text that came in place of all properties is found at `/properties`: an exemption there would be one of every
    property.
    """
    part, *steps = parse_pointer(path) or [""]
    return UNKNOWN_KEY not in steps and part != "" and (part not in PARTS or any(step != ANY_INDEX for step in steps))


@transaction.atomic
def exempt_property(
    event: Event, path: str, *, reason: str, by: User, at: datetime | None = None
) -> SensitiveExemption:
    """Ask the rule `sensitive` no more of a property, from the next check on, and return the exemption.

    `path` is a definition path. Raises Forbidden unless `by` may approve what the event's definition says, and
    UnmetConditionsError where the reason is missing or too long (`reason`), the path names no property (`path`), or it
    is exempted already (`exempted`).
    """
    locked = Event.objects.select_for_update(of=("self",), no_key=True).select_related("owner_team").get(pk=event.pk)
    require(by, Capability.REQUEST_APPROVE, on=locked)
    _require_reason(reason)
    if not is_exemptable(path):
        raise UnmetConditionsError(
            [
                UnmetCondition(
                    "path", "This names no single property. Describe the property first, or mend what is sent instead."
                )
            ]
        )
    if locked.sensitive_exemptions.active().filter(path=path).exists():
        raise UnmetConditionsError(
            [UnmetCondition("exempted", f"Nobody is warned of {path_label(path)} already. Reload the page.")]
        )
    exemption = SensitiveExemption.objects.create(
        event=locked, path=path, reason=reason.strip(), created_at=at or timezone.now(), created_by=by
    )
    _record(exemption, "sensitive rule off", reason, by=by, at=at)
    return exemption


@transaction.atomic
def end_exemption(event: Event, path: str, *, reason: str, by: User, at: datetime | None = None) -> SensitiveExemption:
    """Ask the rule `sensitive` of a property again, and return the exemption that ended.

    Raises Forbidden as `exempt_property` does, and UnmetConditionsError where the reason is missing or too long
    (`reason`), or nothing is exempted (`exempted`).
    """
    locked = Event.objects.select_for_update(of=("self",), no_key=True).select_related("owner_team").get(pk=event.pk)
    require(by, Capability.REQUEST_APPROVE, on=locked)
    _require_reason(reason)
    exemption = locked.sensitive_exemptions.active().filter(path=path).first()
    if exemption is None:
        raise UnmetConditionsError(
            [UnmetCondition("exempted", f"People are warned of {path_label(path)} already. Reload the page.")]
        )
    exemption.ended_at = at or timezone.now()
    exemption.save(update_fields=["ended_at"])
    _record(exemption, "sensitive rule on", reason, by=by, at=at)
    return exemption


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise UnmetConditionsError([UnmetCondition("reason", "Say why, so that others understand it.")])
    if len(reason.strip()) > REASON_LENGTH:
        raise UnmetConditionsError([UnmetCondition("reason", f"Say it in at most {REASON_LENGTH} characters.")])


def _record(exemption: SensitiveExemption, action: str, reason: str, *, by: User, at: datetime | None) -> None:
    record(
        by=by,
        subject_type="event",
        subject_id=exemption.event_id,
        action=action,
        message=reason.strip(),
        evidence={"path": exemption.path},
        at=at,
    )
