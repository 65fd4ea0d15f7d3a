"""Events that were kept, checked again by today's code against the definitions that they were held against."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from catalog.contract import InvalidDefinition, Severity, Verdict
from catalog.contract.rules.rule_tables import EVENT_RULES
from catalog.models import Version
from catalog.resolution.contract_cache import get_contract
from pages.terminal_text import printable
from tracking.requests.evidence.samples.sample_dry_run import visible_verdict
from tracking.traffic.models import Sample

SAMPLES = 200

# These speak of a clock, an id or a secret, not of a definition, and are asked of the event before it is masked.
EVENT_RULE_CODES = frozenset(rule.code for rule in EVENT_RULES)
BY_DEFINITION = (Verdict.CONFORMING.value, Verdict.NONCONFORMING.value)


@dataclass(frozen=True, slots=True)
class ChangedVerdict:
    """A sample that its definition says something else of today."""

    sample_id: int
    event: str
    version: str
    source: str
    stored: str
    today: str

    def __str__(self) -> str:
        return (
            f"sample {self.sample_id}: {printable(self.event)} {self.version} from {self.source} "
            f"was {self.stored}, and is {self.today}"
        )


@dataclass(slots=True)
class Recheck:
    """How many samples have their verdict again, of how many a mask hides it, and which have another one."""

    same: int = 0
    hidden: int = 0
    changed: list[ChangedVerdict] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.same + self.hidden + len(self.changed)


def recheck_samples(limit: int = SAMPLES) -> Recheck:
    """Check kept events again, the newest of each version first, at most `limit` of them."""
    return _recheck(newest_of_each_version(limit))


def newest_of_each_version(limit: int) -> QuerySet[Sample]:
    """Return so many samples of defined events that as many versions as possible have one."""
    place = Window(RowNumber(), partition_by=F("version"), order_by=F("id").desc())
    defined = Sample.objects.filter(version__isnull=False, verdict__in=BY_DEFINITION).order_by()
    chosen = list(defined.annotate(place=place).order_by("place", "version").values_list("pk", flat=True)[:limit])
    return Sample.objects.filter(pk__in=chosen).select_related("source", "seen_name", "version").order_by("pk")


def _recheck(samples: Iterable[Sample]) -> Recheck:
    recheck = Recheck()
    for sample in samples:
        assert sample.version is not None, "only samples with one are chosen"
        stored, today = _stored_verdict(sample), _verdict_today(sample, sample.version)
        if today is None:
            recheck.hidden += 1
        elif today == stored:
            recheck.same += 1
        else:
            version = str(sample.version.number)
            recheck.changed.append(
                ChangedVerdict(sample.pk, sample.seen_name.name, version, sample.source.slug, stored.value, today.value)
            )
    return recheck


def _verdict_today(sample: Sample, version: Version) -> Verdict | None:
    """Return what the definition says of a sample now: None where a mask hides it, unchecked where it is invalid."""
    try:
        contract = get_contract(version.pk, sample.source)
    except InvalidDefinition:
        return Verdict.UNCHECKED
    return visible_verdict(contract, sample)[0]


def _stored_verdict(sample: Sample) -> Verdict:
    """Return what the definition alone said of a sample when it came."""
    errors = (found for found in sample.violations if found["severity"] == Severity.ERROR)
    is_broken = any(error["rule"] not in EVENT_RULE_CODES for error in errors)
    return Verdict.NONCONFORMING if is_broken else Verdict.CONFORMING
