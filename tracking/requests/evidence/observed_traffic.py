"""Whether production traffic already shows what a change writes down: the evidence of the documenting lane."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max, Min, Sum

from accounts.preconditions import Unmet
from catalog.choices import Environment
from catalog.contract import Contract, InvalidDefinition, compile
from catalog.contract.schema.rule_descriptions import counted
from catalog.models import Source
from tracking.requests.evidence.samples.change_seen_names import seen_names
from tracking.requests.evidence.samples.sample_dry_run import seen_violations, try_samples
from tracking.requests.evidence.thresholds import threshold
from tracking.requests.models import Change
from tracking.traffic.models import Rollup, RollupDelta, Sample, SeenName

LOOKED_BACK = timedelta(days=7)
ID_FIELDS = ("anonymous_id", "user_id")


@dataclass(frozen=True, slots=True)
class Flow:
    """What a source's production sent of some names lately."""

    events: int
    first: datetime | None
    last: datetime | None

    @property
    def span(self) -> timedelta:
        return self.last - self.first if self.first and self.last else timedelta(0)


def flowing(change: Change, *, expected_per_day: int | None, at: datetime) -> list[Unmet]:
    """Return why the change does not merely document what flows; an empty list where it does.

    For each source: production traffic of the last seven days meets the proof, and every sample of it conforms
    to the drafted definition. Ids are told apart by the samples, where a mask leaves their keyed hashes.
    """
    sources = sorted(change.sources.all(), key=lambda source: source.pk)
    names = seen_names(change)
    return [
        unmet for source in sources for unmet in _on_source(change, source, names, expected_per_day, len(sources), at)
    ]


def _on_source(
    change: Change, source: Source, names: list[SeenName], expected_per_day: int | None, source_count: int, at: datetime
) -> list[Unmet]:
    needed = threshold(source, expected_per_day=expected_per_day, source_count=source_count)
    samples = list(
        Sample.objects.filter(source=source, environment=Environment.PRODUCTION, seen_name__in=names, is_repeat=False)
        .select_related("seen_name")
        .order_by("-id")[: settings.SAMPLES_KEPT]
    )
    flow = _flow(source, names, samples, at)
    unmet = []
    if flow.events < needed.events:
        unmet.append(
            Unmet(
                "traffic",
                f"{source} sent {change.name} {counted(flow.events, 'time')} in production in the last seven days; "
                f"{needed.events} show that it flows.",
            )
        )
    elif flow.span < needed.span:
        unmet.append(Unmet("traffic", f"What {source} sent of {change.name} spans less than {needed.span}."))
    ids = _ids(samples)
    if ids < needed.ids:
        unmet.append(
            Unmet("traffic", f"What {source} sent of {change.name} came from {ids} of {needed.ids} devices or people.")
        )
    try:
        contract = compile(change.definition, source=source.slug)
    except InvalidDefinition:
        return [*unmet, Unmet("definition", f"The definition of {change.name} does not compile.")]
    trial = try_samples(contract, samples)
    if not unmet and not trial.total:
        unmet.append(
            Unmet("traffic", f"No sample is kept of what {source} sent of {change.name}, so nothing shows it.")
        )
    if trial.nonconforming:
        unmet.append(
            Unmet(
                "traffic",
                f"{trial.nonconforming} of the newest {counted(trial.total, 'event')} that {source} sent of "
                f"{change.name} do not conform to the definition.",
            )
        )
    return unmet + _undistinguished(change, source, contract, samples, needed.events)


def _undistinguished(
    change: Change, source: Source, contract: Contract, samples: list[Sample], needed: int
) -> list[Unmet]:
    """Where a source sends the event as it is defined already, the change documents only what shows on samples.

    What the parent accepts as well proves nothing of the change: an optional property that nobody sends yet has to be
    built. Samples show it that break the parent, warnings included, and not the change.
    """
    if change.base is None or not change.base.for_sources.filter(source=source).exists():
        return []
    parent = compile(change.base.definition, source=source.slug)
    shown = sum(1 for sample in samples if not seen_violations(contract, sample) and seen_violations(parent, sample))
    if shown >= needed:
        return []
    detail = f"{shown} of the newest events that {source} sent of {change.name} show what changes; {needed} are needed."
    return [Unmet("traffic", detail)]


def _flow(source: Source, names: Iterable[SeenName], samples: list[Sample], at: datetime) -> Flow:
    """Count folded and unfolded rollups. Hours are coarse, so the samples say when it began within one."""
    events, times = 0, [sample.received_at for sample in samples if at - LOOKED_BACK <= sample.received_at <= at]
    for model in (Rollup, RollupDelta):
        row = model.objects.filter(
            source=source,
            environment=Environment.PRODUCTION,
            seen_name__in=names,
            hour__gte=at - LOOKED_BACK,
            last_seen__lte=at,
        ).aggregate(events=Sum("count"), first=Min("last_seen"), last=Max("last_seen"))
        events += row["events"] or 0
        times += [time for time in (row["first"], row["last"]) if time is not None]
    return Flow(events, min(times, default=None), max(times, default=None))


def _ids(samples: list[Sample]) -> int:
    """Return from how many devices or people the samples came; what names nobody counts as one."""
    return len(
        {next((str(sample.event[name]) for name in ID_FIELDS if sample.event.get(name)), "") for sample in samples}
    )
