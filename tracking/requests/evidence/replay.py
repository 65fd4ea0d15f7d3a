"""The replay of a change: what the new version would say of events that already came."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core import signing
from django.db.models import Case, F, QuerySet, Sum, When, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from accounts.models import User
from catalog.choices import Environment
from catalog.contract import Comparison, VersionBump, compare, compile_contract, find_problems, named_sources
from catalog.resolution.null_handling import null_handling_of
from tracking.requests.choices import ChangeAction
from tracking.requests.evidence.content_hash import request_fingerprint
from tracking.requests.evidence.samples.change_seen_names import seen_names_by_change
from tracking.requests.evidence.samples.sample_dry_run import dry_run_samples
from tracking.requests.models import Change, Request
from tracking.traffic.models import Sample, SeenName, TrafficCount

TOKEN_SALT = "tracking.requests.replay"  # noqa: S105  a salt tells signatures apart and is no secret
TOKEN_MAX_AGE_SECONDS = 24 * 3600
LOOKBACK_PERIOD = timedelta(days=7)
PLACES = (True, False)
"""Whether samples come from production: these are tried and shown apart from all others."""
CHANGES_PER_REPLAY = 10
"""How many changes one page or one answer of the API replays; of a request with more the others are asked for apart."""


class StaleReplay(ValueError):
    """The token is not a replay's, is older than a day, or was made for other content or for somebody else."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What a request's changes would do to the newest events that came.

    `changes` holds for each of them the event, the comparison (with a payload that passes the base and not the new
    version; a page, which shows it anyway, leaves it out) and, by source, the counts and an event that came outside
    production. Under `production` stands the same of production, with how many events it sent in how many days,
    so that the sample can be scaled. `token` says that the person whom it was made for was shown this: a page has it in
    its form, a program reads it from the request. `left_out` are the ids of breaking changes that are not among these.
    """

    changes: tuple[dict[str, Any], ...]
    token: str
    left_out: tuple[int, ...] = ()


def is_breaking(change: Change) -> bool:
    """Whether a change is breaking or not proven compatible, so that its replay must be seen."""
    if change.action != ChangeAction.UPDATE or change.base is None or find_problems(change.definition):
        return False
    return any(comparison.version_bump == VersionBump.MAJOR for comparison in _comparisons(change))


def build_replay(request: Request, *, reader: User) -> Replay | None:
    """Return the replay of a request's first breaking changes for a person, or None where no change is breaking.

    What is replayed is bounded as for a page: at most `CHANGES_PER_REPLAY` changes, tried on
    `settings.REPLAY_SAMPLES_PER_PAGE` samples together, in a fixed number of queries. `build_replay_of_change` answers
    the others one by one.
    """
    pending = list(request.changes.filter(is_breaking=True).order_by("id").values_list("pk", flat=True))
    breaking: list[Change] = []
    # Drafts from before count as breaking until their next edit: these few are found not to be, and more are looked at.
    while pending and (room := CHANGES_PER_REPLAY - len(breaking)):
        rows = _changes_to_replay(request).filter(pk__in=pending[:room])
        breaking += [change for change in rows if is_breaking(change)]
        del pending[:room]
    return _compared_replay(request, breaking, reader=reader, left_out=pending)


def build_replay_of_change(request: Request, change_id: int, *, reader: User) -> Replay | None:
    """Return the replay of one change of a request, or None where it defines nothing that can be tried.

    The token is that of a breaking change, and empty for another. Raises Change.DoesNotExist where the request has no
    such change.
    """
    change = _changes_to_replay(request).get(pk=change_id)
    return _compared_replay(request, [change], reader=reader, left_out=())


def build_page_replay(request: Request, changes: Sequence[Change], *, reader: User) -> Replay | None:
    """Return the replay of some changes of a request, whatever their lane, or None where none of them defines anything.

    These are the changes that one page shows, with base, event and sources at hand. The work is bounded: all of
    them together are tried on `settings.REPLAY_SAMPLES_PER_PAGE` samples at most, in a fixed number of queries, and
    what is breaking is taken as it was stored with the draft. The token names what the page shows `reader` of
    breaking changes; it is empty where it shows none.
    """
    shown = [change for change in changes if change.has_valid_definition]
    if not shown:
        return None
    place_count = sum(len(change.sources.all()) for change in shown) * len(PLACES)
    per_place = max(1, min(settings.REPLAY_SAMPLES, settings.REPLAY_SAMPLES_PER_PAGE // max(1, place_count)))
    results = tuple(_replay_changes(shown, per_place))
    breaking_ids = {change.pk for change in shown if change.is_breaking}
    breaking = tuple(result for result in results if result["change"] in breaking_ids)
    return Replay(results, _sign(request, breaking, reader) if breaking else "")


def _changes_to_replay(request: Request) -> QuerySet[Change]:
    return request.changes.select_related("event", "base").prefetch_related("sources").order_by("id")


def _compared_replay(
    request: Request, changes: Sequence[Change], *, reader: User, left_out: Sequence[int]
) -> Replay | None:
    """Return the replay of some changes, each with the comparison that a program cannot see elsewhere."""
    replay = build_page_replay(request, changes, reader=reader)
    if replay is None:
        return None
    changes_by_id = {change.pk: change for change in changes}
    for result in replay.changes:
        change = changes_by_id[result["change"]]
        if change.is_breaking:
            result["comparison"] = _first_breaking_comparison(change).as_json()
    return replace(replay, left_out=tuple(left_out))


def _sign(request: Request, results: tuple[dict[str, Any], ...], reader: User) -> str:
    content = {"content": request_fingerprint(request), "reader": reader.pk, "counts": _counts_by_event(results)}
    return signing.dumps(content, salt=TOKEN_SALT, compress=True)


def read_replay_token(request: Request, token: str, *, by: User) -> dict[str, Any]:
    """Return what the person was shown who sends this token, of the request's current content.

    Returns {} where no change of it is breaking: then no replay is needed, and the token is ignored, whatever it is.
    Raises StaleReplay where the token is invalid, older than a day, or was made for other content or somebody else.
    """
    rows = request.changes.select_related("base").prefetch_related("sources").order_by("id")
    if not any(is_breaking(change) for change in rows):
        return {}
    try:
        payload = signing.loads(token, salt=TOKEN_SALT, max_age=TOKEN_MAX_AGE_SECONDS)
    except signing.BadSignature as error:
        raise StaleReplay("This is no replay that was shown within a day.") from error
    if payload.get("reader") != by.pk:  # tokens from before name nobody, and end within a day
        raise StaleReplay("This replay was shown to somebody else.")
    if payload["content"] != request_fingerprint(request):
        raise StaleReplay("The request was edited since the replay was shown.")
    return {
        "counts": payload["counts"],
        "comparisons": {
            change.name: _first_breaking_comparison(change).as_json()
            for change in rows
            if change.name in payload["counts"] and is_breaking(change)
        },
    }


def _counts_by_event(results: tuple[dict[str, Any], ...]) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the counts by event and source: small enough to travel in a form."""
    return {
        result["event"]: {
            slug: _counts(dry_run) | {"production": _counts(dry_run["production"])}
            for slug, dry_run in result["sources"].items()
        }
        for result in results
    }


def _counts(dry_run: dict[str, Any]) -> dict[str, int]:
    return {kind: dry_run[kind] for kind in ("total", "conforming", "nonconforming", "unknown", "stopping")}


def _replay_changes(changes: Sequence[Change], per_place: int) -> list[dict[str, Any]]:
    names_by_change = seen_names_by_change(changes)
    samples = _newest_samples(changes, names_by_change, per_place)
    events = _production_events(changes, names_by_change)
    return [_replay_change(change, names_by_change[change.pk], samples, events, per_place) for change in changes]


def _newest_samples(
    changes: Sequence[Change], names_by_change: dict[int, list[SeenName]], per_place: int
) -> dict[tuple[int, int, bool], list[Sample]]:
    """Return by source, seen name and whether it is production the newest samples, newest first. One query."""
    name_ids, source_ids = _scope(changes, names_by_change)
    if not name_ids or not source_ids:
        return {}
    is_production = Case(When(environment=Environment.PRODUCTION, then=True), default=False)
    place = Window(RowNumber(), partition_by=[F("source"), F("seen_name"), F("is_production")], order_by=F("id").desc())
    ranked = (
        Sample.objects.filter(source__in=source_ids, seen_name__in=name_ids, is_repeat=False)
        .annotate(is_production=is_production)
        .annotate(place=place)
    )
    # Ranked by ids alone: what is not read needs no sorting with all that an event holds.
    newest = ranked.order_by().filter(place__lte=per_place).values("pk")
    names = {name.pk: name for found in names_by_change.values() for name in found}
    samples: dict[tuple[int, int, bool], list[Sample]] = defaultdict(list)
    for sample in Sample.objects.filter(pk__in=newest).order_by("-id"):
        sample.seen_name = names[sample.seen_name_id]
        is_there = sample.environment == Environment.PRODUCTION
        samples[sample.source_id, sample.seen_name_id, is_there].append(sample)
    return samples


def _production_events(
    changes: Sequence[Change], names_by_change: dict[int, list[SeenName]]
) -> dict[tuple[int, int], int]:
    """Return by source and seen name how many events production brought in `LOOKBACK_PERIOD`. One query."""
    name_ids, source_ids = _scope(changes, names_by_change)
    if not name_ids or not source_ids:
        return {}
    counts = TrafficCount.objects.of_seen_names(name_ids).in_environment(Environment.PRODUCTION)
    rows = counts.since(timezone.now() - LOOKBACK_PERIOD).filter(source__in=source_ids).order_by()
    sums = rows.values_list("source_id", "seen_name_id").annotate(Sum("count"))
    return {(source_id, name_id): count for source_id, name_id, count in sums}


def _scope(changes: Sequence[Change], names_by_change: dict[int, list[SeenName]]) -> tuple[set[int], set[int]]:
    """Return the ids of the seen names and of the sources that the changes are about."""
    name_ids = {name.pk for names in names_by_change.values() for name in names}
    return name_ids, {source.pk for change in changes for source in change.sources.all()}


def _replay_change(
    change: Change,
    names: Sequence[SeenName],
    samples: dict[tuple[int, int, bool], list[Sample]],
    events: dict[tuple[int, int], int],
    per_place: int,
) -> dict[str, Any]:
    by_source = {}
    for source in change.sources.all():
        compiled = partial(compile_contract, source=source.slug, nulls=null_handling_of(source))
        contract = compiled(change.definition)
        base = compiled(change.base.definition) if change.base is not None else None
        production, elsewhere = (
            dry_run_samples(contract, _newest(samples, source.pk, names, is_there, per_place), base=base).as_json()
            for is_there in PLACES
        )
        sent = sum(events.get((source.pk, name.pk), 0) for name in names)
        by_source[source.slug] = elsewhere | {"production": production | {"events": sent, "days": LOOKBACK_PERIOD.days}}
    return {
        "change": change.pk,
        "event": change.name,
        "sources": by_source,
    }


def _newest(
    samples: dict[tuple[int, int, bool], list[Sample]],
    source_id: int,
    names: Sequence[SeenName],
    is_production: bool,
    limit: int,
) -> list[Sample]:
    found = [sample for name in names for sample in samples.get((source_id, name.pk, is_production), [])]
    return sorted(found, key=lambda sample: sample.pk, reverse=True)[:limit]


def _first_breaking_comparison(change: Change) -> Comparison:
    """Return the first breaking comparison among the change's sources."""
    found = list(_comparisons(change))
    return next((comparison for comparison in found if comparison.version_bump == VersionBump.MAJOR), found[0])


def _comparisons(change: Change) -> Iterator[Comparison]:
    """Yield the comparison with the base on each source; those that neither document names share one."""
    assert change.base is not None, "only an update is compared"
    slugs: list[str | None] = [source.slug for source in change.sources.all()] or [None]
    named = set(named_sources(change.base.definition, change.definition))
    for slug in dict.fromkeys(slug if slug in named else None for slug in slugs):
        yield compare(change.base.definition, change.definition, source=slug)
