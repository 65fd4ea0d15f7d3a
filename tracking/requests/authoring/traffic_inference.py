"""From traffic that nobody defined to a request that documents it."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from accounts.permissions import require
from accounts.preconditions import Unmet, UnmetConditions
from accounts.roles import Capability
from catalog.choices import Environment
from catalog.contract import Event, compile, infer, problems
from catalog.models import EventName, Source
from catalog.services.property_library import with_library
from tracking.requests.authoring.draft_editing import REVIEWED_AFTER, add_change, create_request
from tracking.requests.authoring.proposals import under_way
from tracking.requests.choices import Action, Origin, Priority
from tracking.requests.evidence.samples.sample_dry_run import event_of
from tracking.requests.models import Request
from tracking.traffic.models import Rollup, RollupDelta, Sample, SeenName

SAMPLES_READ = 200
LOOKED_BACK = timedelta(days=7)


@transaction.atomic
def request_from_undocumented(
    seen_name: SeenName, *, by: User, at: datetime | None = None, sources: Collection[Source] = ()
) -> Request:
    """Begin a draft that defines an event which arrives undefined, and return it.

    The definition is inferred from the newest samples, and its properties are the library's where all of these keep to
    what the library says; the sources are those that sent them, or of these only the given ones. Where such a request
    is under way, that one is returned. Raises Forbidden where `by` may not create requests, and UnmetConditions where
    the name is an event's already (`name_taken`) or no sample of it is kept (`samples`).
    """
    require(by, Capability.REQUEST_CREATE)
    moment = at or timezone.now()
    # The row is held, so that two clicks make one request.
    SeenName.objects.select_for_update().get(pk=seen_name.pk)
    if EventName.objects.filter(call=seen_name.call, name_hash=seen_name.name_hash).exists():
        raise UnmetConditions([Unmet("name_taken", f"{seen_name.name} is an event already. Change that one.")])
    begun = under_way([seen_name]).get(seen_name.pk)
    if begun is not None:
        return begun
    kept = Sample.objects.filter(seen_name=seen_name).select_related("seen_name").order_by("-id")
    samples = list((kept.filter(source__in=sources) if sources else kept)[:SAMPLES_READ])
    if not samples:
        raise UnmetConditions([Unmet("samples", f"No sample of {seen_name.name} is kept. Wait for the next one.")])
    events = [event_of(sample) for sample in samples]
    inferred = infer(events).document | {"name": seen_name.name, "call": seen_name.call}
    definition = with_library(inferred, holds=lambda tried: _holds(tried, events))
    request = create_request(
        by=by,
        at=moment,
        origin=Origin.TRAFFIC,
        title=f"Document {seen_name.name}"[:200],
        # What a form suggests as well, so that nobody is asked for it.
        priority=Priority.NORMAL,
        review_by=timezone.localdate(moment) + REVIEWED_AFTER,
        expected_per_day=_a_day(seen_name, moment),
    )
    sent_by = Source.objects.filter(pk__in={sample.source_id for sample in samples})
    add_change(request, action=Action.CREATE, by=by, at=moment, definition=definition, sources=sent_by)
    request.refresh_from_db()
    return request


def _holds(definition: dict[str, Any], events: Sequence[Event]) -> bool:
    """Whether all events keep to a definition, warnings included."""
    if problems(definition):
        return False
    contract = compile(definition)
    return not any(contract.check(event).violations for event in events)


def _a_day(seen_name: SeenName, at: datetime) -> int | None:
    """Return how many came a day in production lately, rounded up; None where none did."""
    total = 0
    for model in (Rollup, RollupDelta):
        rows = model.objects.filter(seen_name=seen_name, environment=Environment.PRODUCTION, hour__gte=at - LOOKED_BACK)
        total += rows.aggregate(total=Sum("count"))["total"] or 0
    return -(-total // LOOKED_BACK.days) or None
