"""Expiry of seen names that nobody defined and that are not received any more, with all rows that refer to them."""

from collections.abc import Callable, Collection
from datetime import datetime
from functools import cache

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from tracking.traffic import maintenance_lock
from tracking.traffic.models import Rollup, RollupDelta, SeenName

EXPIRY_BATCH_SIZE = 100

NameKeeper = Callable[[Collection[int]], set[int]]
"""What `settings.SEEN_NAME_KEEPERS` names: returns which of these seen names must stay, by their ids."""


def delete_expired_names(*, at: datetime | None = None) -> int:
    """Delete names that nobody defined and that did not come for `UNDEFINED_NAME_RETENTION`; return how many.

    Their samples, findings and counts go with them. What is defined stays, and what another app still needs: a name
    that an open request asks for, or with a finding that somebody took up. In small transactions.
    """
    cutoff = (at or timezone.now()) - settings.UNDEFINED_NAME_RETENTION
    total = last_id = 0
    while True:
        ids = list(
            _expired(cutoff).filter(pk__gt=last_id).order_by("pk").values_list("pk", flat=True)[:EXPIRY_BATCH_SIZE]
        )
        if not ids:
            return total
        last_id = ids[-1]
        if unused_ids := set(ids) - _kept(ids):
            total += _delete(unused_ids, cutoff)


@transaction.atomic
def _delete(ids: Collection[int], cutoff: datetime) -> int:
    """Delete these names unless they came again or somebody needs them meanwhile."""
    # A check that has looked a name up would else count it when it is gone.
    maintenance_lock.acquire_exclusive()
    locked = SeenName.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    locked_ids = list(locked.values_list("pk", flat=True))
    expired_ids = set(_expired(cutoff).filter(pk__in=locked_ids).values_list("pk", flat=True)) - _kept(locked_ids)
    SeenName.objects.filter(pk__in=expired_ids).delete()
    return len(expired_ids)


def _expired(cutoff: datetime) -> QuerySet[SeenName]:
    hour = cutoff.replace(minute=0, second=0, microsecond=0)
    names = SeenName.objects.undocumented().filter(first_seen__lt=cutoff)
    for model in (Rollup, RollupDelta):
        names = names.filter(~Exists(model._default_manager.filter(seen_name=OuterRef("pk"), hour__gte=hour)))
    return names


def _kept(ids: Collection[int]) -> set[int]:
    return set().union(*(keeper(ids) for keeper in _keepers()))


@cache
def _keepers() -> tuple[NameKeeper, ...]:
    return tuple(import_string(name) for name in settings.SEEN_NAME_KEEPERS)
