"""Whether production traffic already shows what a change writes down: the evidence of the documenting lane."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Case, F, Max, Min, Q, Sum, When

from accounts.preconditions import UnmetCondition
from catalog.choices import Environment
from catalog.contract import Contract, InvalidDefinition, compile_contract
from catalog.contract.schema.rule_descriptions import pluralize
from catalog.models import Source
from catalog.resolution.null_handling import null_handling_of
from tracking.requests.evidence.samples.change_seen_names import seen_names_for
from tracking.requests.evidence.samples.sample_dry_run import dry_run_samples, visible_violations
from tracking.requests.evidence.samples.sample_identity import device_hash_of_user, person_hash_of
from tracking.requests.evidence.thresholds import threshold_for_source
from tracking.requests.models import Change
from tracking.traffic.models import Sample, SeenName, TrafficCount

LOOKBACK_PERIOD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ObservedTraffic:
    """What a source's production sent of some names lately."""

    events: int
    first: datetime | None
    last: datetime | None

    @property
    def span(self) -> timedelta:
        return max(self.last - self.first, timedelta(0)) if self.first and self.last else timedelta(0)


def missing_observations(change: Change, *, expected_per_day: int | None, at: datetime) -> list[UnmetCondition]:
    """Return why the change does not merely document what flows; an empty list where it does.

    For each source: production traffic of the last seven days meets the proof, and every sample of it conforms
    to the drafted definition. Ids are counted in the samples, where masking leaves their pseudonyms.
    """
    sources = sorted(change.sources.all(), key=lambda source: source.pk)
    names = seen_names_for(change)
    return [
        unmet
        for source in sources
        for unmet in _missing_on_source(change, source, names, expected_per_day, len(sources), at)
    ]


def _missing_on_source(
    change: Change, source: Source, names: list[SeenName], expected_per_day: int | None, source_count: int, at: datetime
) -> list[UnmetCondition]:
    required = threshold_for_source(source, expected_per_day=expected_per_day, source_count=source_count)
    samples = list(
        Sample.objects.filter(
            source=source, environment=Environment.PRODUCTION, seen_name__in=names, is_repeat=False, is_evidence=True
        )
        .select_related("seen_name")
        .order_by("-id")[: settings.SAMPLES_KEPT]
    )
    observed = _observed_traffic(source, names, samples, at)
    unmet = []
    if observed.events < required.events:
        unmet.append(
            UnmetCondition(
                "traffic",
                f"{source} sent {change.name} {pluralize(observed.events, 'time')} in production in the last seven "
                "days; "
                f"{required.events} show that it flows.",
            )
        )
    elif observed.span < required.span:
        unmet.append(UnmetCondition("traffic", f"What {source} sent of {change.name} spans less than {required.span}."))
    id_count = _distinct_id_count(samples)
    if id_count < required.ids:
        unmet.append(
            UnmetCondition(
                "traffic",
                f"What {source} sent of {change.name} came from {id_count} of {required.ids} devices or people.",
            )
        )
    try:
        contract = compile_contract(change.definition, source=source.slug, nulls=null_handling_of(source))
    except InvalidDefinition:
        return [*unmet, UnmetCondition("definition", f"The definition of {change.name} does not compile.")]
    dry_run = dry_run_samples(contract, samples)
    if not unmet and not dry_run.total:
        unmet.append(
            UnmetCondition("traffic", f"No sample is kept of what {source} sent of {change.name}, so nothing shows it.")
        )
    if dry_run.nonconforming:
        unmet.append(
            UnmetCondition(
                "traffic",
                f"{dry_run.nonconforming} of the newest {pluralize(dry_run.total, 'event')} that {source} sent of "
                f"{change.name} do not conform to the definition.",
            )
        )
    return unmet + _missing_difference(change, source, contract, samples, required.events)


def _missing_difference(
    change: Change, source: Source, contract: Contract, samples: list[Sample], required_count: int
) -> list[UnmetCondition]:
    """Where a source sends the event as it is defined already, the change documents only what shows on samples.

    What the parent accepts as well proves nothing of the change: an optional property that nobody sends yet has to be
    built. Samples show it that break the parent, warnings included, and not the change.
    """
    if change.base is None or not change.base.for_sources.filter(source=source).exists():
        return []
    parent = compile_contract(change.base.definition, source=source.slug, nulls=null_handling_of(source))
    distinguishing_count = sum(
        1 for sample in samples if not visible_violations(contract, sample) and visible_violations(parent, sample)
    )
    if distinguishing_count >= required_count:
        return []
    detail = (
        f"{distinguishing_count} of the newest events that {source} sent of {change.name} show what changes; "
        f"{required_count} are needed."
    )
    return [UnmetCondition("traffic", detail)]


def _observed_traffic(
    source: Source, names: Iterable[SeenName], samples: list[Sample], at: datetime
) -> ObservedTraffic:
    """Sum up what arrived, without what cannot be dated; history is counted beside it and is none of it.

    Hours are coarse, so the samples say when it began within one. Where something else counts in the same row, its last
    time may be of that: then no more is certain than that it began by then and ended within the hour or later.
    """
    sample_times = [sample.received_at for sample in samples if at - LOOKBACK_PERIOD <= sample.received_at <= at]
    proof = Q(count__gt=F("undated"))
    is_alone = Q(undated=0, repeats=0, historical=0)
    counts = TrafficCount.objects.of_seen_names(name.pk for name in names).in_environment(Environment.PRODUCTION)
    totals = counts.filter(source=source, hour__gte=at - LOOKBACK_PERIOD, last_seen__lte=at).aggregate(
        events=Sum("count", default=0) - Sum("undated", default=0),
        first=Min("last_seen", filter=proof),
        last=Max(Case(When(is_alone, then=F("last_seen")), default=F("hour")), filter=proof),
    )
    first, last = (
        choose((time for time in (*sample_times, totals[name]) if time is not None), default=None)
        for name, choose in (("first", min), ("last", max))
    )
    return ObservedTraffic(totals["events"], first, last)


def _distinct_id_count(samples: list[Sample]) -> int:
    """Return from how many devices or people the samples came; what names nobody counts as one.

    A device that was seen with a user is that user.
    """
    users: dict[int, int] = {}
    for sample in samples:
        user, device = person_hash_of(sample), device_hash_of_user(sample)
        if user is not None and device is not None:
            users[device] = min(user, users.get(device, user))
    people = {person_hash_of(sample) for sample in samples}
    return len({users.get(person, person) if person is not None else None for person in people})
