"""Drafting a request that documents undocumented traffic."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from accounts.permissions import require_anywhere
from accounts.preconditions import UnmetCondition, UnmetConditionsError
from accounts.roles import Capability
from catalog.choices import Environment
from catalog.contract import compile_contract, find_problems, infer_definition
from catalog.models import EventName, Source
from catalog.resolution.null_handling import null_handling_of
from catalog.services.property_library import apply_library
from tracking.requests.authoring.draft_editing import DEFAULT_REVIEW_PERIOD, add_change, create_request
from tracking.requests.authoring.proposals import open_requests_for_names
from tracking.requests.choices import ChangeAction, Priority, RequestOrigin
from tracking.requests.evidence.samples.sample_dry_run import event_from_sample
from tracking.requests.models import Request
from tracking.traffic.models import Sample, SeenName, TrafficCount

MAX_SAMPLES = 200
LOOKBACK_PERIOD = timedelta(days=7)


@transaction.atomic
def request_from_undocumented(
    seen_name: SeenName, *, by: User, at: datetime | None = None, sources: Collection[Source] = ()
) -> Request:
    """Begin a draft that defines an event which arrives undefined, and return it.

    The definition is inferred from the newest samples, and its properties are the library's where all of these keep to
    what the library says, nulls read as their sources want them; the sources are those that sent them, or of these only
    the given ones. Where such a request is under way, that one is returned. Raises Forbidden where `by` may not create
    requests, and UnmetConditionsError where the name is an event's already (`name_taken`) or no sample of it is kept
    (`samples`).
    """
    require_anywhere(by, Capability.REQUEST_CREATE)
    now = at or timezone.now()
    # The row is locked, so that two clicks make one request.
    SeenName.objects.select_for_update().get(pk=seen_name.pk)
    if EventName.objects.filter(call=seen_name.call, name_hash=seen_name.name_hash).exists():
        raise UnmetConditionsError(
            [UnmetCondition("name_taken", f"{seen_name.name} is an event already. Change that one.")]
        )
    existing = open_requests_for_names([seen_name]).get(seen_name.pk)
    if existing is not None:
        return existing
    stored_samples = Sample.objects.filter(seen_name=seen_name).select_related("seen_name", "source").order_by("-id")
    samples = list((stored_samples.filter(source__in=sources) if sources else stored_samples)[:MAX_SAMPLES])
    if not samples:
        raise UnmetConditionsError(
            [UnmetCondition("samples", f"No sample of {seen_name.name} is kept. Wait for the next one.")]
        )
    inferred = infer_definition([event_from_sample(sample) for sample in samples]).document | {
        "name": seen_name.name,
        "call": seen_name.call,
    }
    definition = apply_library(inferred, is_accepted=lambda candidate: _all_conform(candidate, samples))
    request = create_request(
        by=by,
        at=now,
        origin=RequestOrigin.TRAFFIC,
        title=f"Document {seen_name.name}"[:200],
        # The same defaults that the form suggests.
        priority=Priority.NORMAL,
        review_by=timezone.localdate(now) + DEFAULT_REVIEW_PERIOD,
        expected_per_day=_events_per_day(seen_name, now),
    )
    sent_by = Source.objects.filter(pk__in={sample.source_id for sample in samples})
    add_change(request, action=ChangeAction.CREATE, by=by, at=now, definition=definition, sources=sent_by)
    request.refresh_from_db()
    return request


def _all_conform(definition: dict[str, Any], samples: Sequence[Sample]) -> bool:
    """Whether all samples keep to a definition, warnings included; nulls are what each sample's source says of them."""
    if find_problems(definition):
        return False
    nulls = {sample.source_id: null_handling_of(sample.source) for sample in samples}
    contracts = {handling: compile_contract(definition, nulls=handling) for handling in set(nulls.values())}
    return not any(contracts[nulls[sample.source_id]].check(event_from_sample(sample)).violations for sample in samples)


def _events_per_day(seen_name: SeenName, at: datetime) -> int | None:
    """Return the recent daily count in production, rounded up; None where there were none."""
    counts = TrafficCount.objects.of_seen_names([seen_name.pk]).in_environment(Environment.PRODUCTION)
    total = counts.filter(hour__gte=at - LOOKBACK_PERIOD).aggregate(total=Sum("count", default=0))["total"]
    return -(-total // LOOKBACK_PERIOD.days) or None
