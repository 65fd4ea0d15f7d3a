"""The replay of a breaking change: what the new version would say of events that already came."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.db.models import F, Window
from django.db.models.functions import RowNumber

from catalog.choices import Environment
from catalog.contract import Comparison, VersionBump, compare, compile_contract, find_problems
from tracking.requests.choices import ChangeAction
from tracking.requests.evidence.content_hash import request_content_hash
from tracking.requests.evidence.samples.change_seen_names import seen_names_by_change
from tracking.requests.evidence.samples.sample_dry_run import dry_run_samples
from tracking.requests.models import Change, Request
from tracking.traffic.models import Sample, SeenName

TOKEN_SALT = "tracking.requests.replay"  # noqa: S105  a salt tells signatures apart and is no secret
TOKEN_MAX_AGE_SECONDS = 24 * 3600
CHANGES_PER_BATCH = 50
"""Whose samples are read at once: enough for most requests, few enough for the memory of one that imports hundreds."""


class StaleReplay(ValueError):
    """The token is not a replay's, is older than a day, or was made for other content."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What a request's breaking changes would do to the newest events outside production.

    `changes` holds for each of them the event, the comparison's counterexample (a payload that the base accepts and
    the new version refuses) and, by source, the counts and an event that came. `token` says that
    whoever sends it was shown this: a page has it in its form, a program reads it from the request.
    """

    changes: tuple[dict[str, Any], ...]
    token: str

    def as_json(self) -> dict[str, Any]:
        return {"changes": list(self.changes), "token": self.token}


def is_breaking(change: Change) -> bool:
    """Whether a change is breaking or not proven compatible, so that its replay must be seen."""
    if change.action != ChangeAction.UPDATE or change.base is None or find_problems(change.definition):
        return False
    return any(comparison.version_bump == VersionBump.MAJOR for comparison in _comparisons(change))


def build_replay(request: Request) -> Replay | None:
    """Return the replay of a request, or None where no change of it is breaking.

    For each breaking change and source: the newest samples outside production, `settings.REPLAY_SAMPLES` of them. The
    queries are the same for any number of changes up to `CHANGES_PER_BATCH`, and so again for each further batch.
    """
    changes = request.changes.filter(is_breaking=True).select_related("event", "base").prefetch_related("sources")
    changes = changes.order_by("id")
    breaking = [change for change in changes if is_breaking(change)]
    results = tuple(
        result
        for begin in range(0, len(breaking), CHANGES_PER_BATCH)
        for result in _replay_changes(breaking[begin : begin + CHANGES_PER_BATCH])
    )
    if not results:
        return None
    token = signing.dumps(
        {"content": request_content_hash(request).hex(), "counts": _counts_by_event(results)}, salt=TOKEN_SALT
    )
    return Replay(results, token)


def read_replay_token(request: Request, token: str) -> dict[str, Any]:
    """Return what a person with this token was shown of the request's current content.

    Returns {} where no change of it is breaking: then no replay is needed, and the token is ignored, whatever it is.
    Raises StaleReplay where the token is invalid, older than a day, or was made for other content.
    """
    rows = request.changes.select_related("base").prefetch_related("sources").order_by("id")
    breaking = [change for change in rows if is_breaking(change)]
    if not breaking:
        return {}
    try:
        payload = signing.loads(token, salt=TOKEN_SALT, max_age=TOKEN_MAX_AGE_SECONDS)
    except signing.BadSignature as error:
        raise StaleReplay("This is no replay that was shown within a day.") from error
    if payload["content"] != request_content_hash(request).hex():
        raise StaleReplay("The request was edited since the replay was shown.")
    return {
        "counts": payload["counts"],
        "comparisons": {change.name: _first_breaking_comparison(change).as_json() for change in breaking},
    }


def _counts_by_event(results: tuple[dict[str, Any], ...]) -> dict[str, dict[str, dict[str, int]]]:
    """Return the counts by event and source: small enough to travel in a form."""
    count_names = ("total", "conforming", "nonconforming", "unknown")
    return {
        result["event"]: {
            slug: {kind: dry_run[kind] for kind in count_names} for slug, dry_run in result["sources"].items()
        }
        for result in results
    }


def _replay_changes(changes: Sequence[Change]) -> list[dict[str, Any]]:
    names_by_change = seen_names_by_change(changes)
    samples = _newest_samples(changes, names_by_change)
    return [_replay_change(change, names_by_change[change.pk], samples) for change in changes]


def _newest_samples(
    changes: Sequence[Change], names_by_change: dict[int, list[SeenName]]
) -> dict[tuple[int, int], list[Sample]]:
    """Return by source and seen name the newest samples outside production, newest first. One query."""
    name_ids = {name.pk for names in names_by_change.values() for name in names}
    source_ids = {source.pk for change in changes for source in change.sources.all()}
    if not name_ids or not source_ids:
        return {}
    place = Window(RowNumber(), partition_by=[F("source"), F("seen_name")], order_by=F("id").desc())
    rows = (
        Sample.objects.filter(source__in=source_ids, seen_name__in=name_ids, is_repeat=False)
        .exclude(environment=Environment.PRODUCTION)
        .annotate(place=place)
        .filter(place__lte=settings.REPLAY_SAMPLES)
        .order_by("-id")
    )
    names = {name.pk: name for found in names_by_change.values() for name in found}
    samples: dict[tuple[int, int], list[Sample]] = defaultdict(list)
    for sample in rows:
        sample.seen_name = names[sample.seen_name_id]
        samples[sample.source_id, sample.seen_name_id].append(sample)
    return samples


def _replay_change(
    change: Change, names: Sequence[SeenName], samples: dict[tuple[int, int], list[Sample]]
) -> dict[str, Any]:
    by_source = {}
    for source in change.sources.all():
        found = [sample for name in names for sample in samples.get((source.pk, name.pk), [])]
        newest = sorted(found, key=lambda sample: sample.pk, reverse=True)[: settings.REPLAY_SAMPLES]
        contract = compile_contract(change.definition, source=source.slug)
        by_source[source.slug] = dry_run_samples(contract, newest).as_json()
    return {
        "change": change.pk,
        "event": change.name,
        "comparison": _first_breaking_comparison(change).as_json(),
        "sources": by_source,
    }


def _first_breaking_comparison(change: Change) -> Comparison:
    """Return the first breaking comparison among the change's sources."""
    found = list(_comparisons(change))
    return next((comparison for comparison in found if comparison.version_bump == VersionBump.MAJOR), found[0])


def _comparisons(change: Change) -> Iterator[Comparison]:
    assert change.base is not None, "only an update is compared"
    slugs: list[str | None] = [source.slug for source in change.sources.all()] or [None]
    for slug in slugs:
        yield compare(change.base.definition, change.definition, source=slug)
