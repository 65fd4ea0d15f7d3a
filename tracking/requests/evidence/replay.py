"""The replay of a breaking change: what the new version would say of events that already came."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing

from catalog.choices import Environment
from catalog.contract import Change as HowFar
from catalog.contract import Comparison, compare, compile, problems
from tracking.requests.choices import Action
from tracking.requests.evidence.content_hash import content_hash
from tracking.requests.evidence.samples.change_seen_names import seen_names
from tracking.requests.evidence.samples.sample_dry_run import try_samples
from tracking.requests.models import Change, Request
from tracking.traffic.models import Sample

SALT = "tracking.requests.replay"
SEEN_WITHIN_SECONDS = 24 * 3600


class StaleReplay(ValueError):
    """A token of no replay, of another content, or of one that was seen too long ago."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What a request's breaking changes would do to the newest events outside production.

    `changes` holds for each of them the event, the comparison's own witness (a payload that the base accepts and
    the new version refuses) and, by source, the counts and an event that came. `token` says that
    its bearer was shown this: a page carries it in its form, a program reads it from the request.
    """

    changes: tuple[dict[str, Any], ...]
    token: str

    def as_json(self) -> dict[str, Any]:
        return {"changes": list(self.changes), "token": self.token}


def is_breaking(change: Change) -> bool:
    """Whether a change is breaking or not proven compatible, so that its replay must be seen."""
    if change.action != Action.UPDATE or change.base is None or problems(change.definition):
        return False
    return any(comparison.change == HowFar.MAJOR for comparison in _comparisons(change))


def replay_of(request: Request) -> Replay | None:
    """Return the replay of a request, or None where no change of it is breaking.

    For each breaking change and source: the newest samples outside production, `settings.REPLAY_SAMPLES` of them.
    """
    changes = request.changes.select_related("event", "base").prefetch_related("sources").order_by("id")
    results = tuple(_of_change(change) for change in changes if is_breaking(change))
    if not results:
        return None
    token = signing.dumps({"content": content_hash(request).hex(), "counts": _counts(results)}, salt=SALT)
    return Replay(results, token)


def seen_replay(request: Request, token: str) -> dict[str, Any]:
    """Return what the bearer of a token was shown of this request's present content.

    Raises StaleReplay where the token is none, older than a day, or of another content.
    """
    try:
        shown = signing.loads(token, salt=SALT, max_age=SEEN_WITHIN_SECONDS)
    except signing.BadSignature as error:
        raise StaleReplay("This is no replay that was shown within a day.") from error
    if shown["content"] != content_hash(request).hex():
        raise StaleReplay("The request was edited since the replay was shown.")
    breaking = [change for change in request.changes.select_related("base").order_by("id") if is_breaking(change)]
    return {
        "counts": shown["counts"],
        "comparisons": {change.name: _comparison(change).as_json() for change in breaking},
    }


def _counts(results: tuple[dict[str, Any], ...]) -> dict[str, dict[str, dict[str, int]]]:
    """Return the counts by event and source: small enough to travel in a form."""
    kinds = ("total", "conforming", "nonconforming", "unknown")
    return {
        result["event"]: {slug: {kind: trial[kind] for kind in kinds} for slug, trial in result["sources"].items()}
        for result in results
    }


def _of_change(change: Change) -> dict[str, Any]:
    names = seen_names(change)
    by_source = {}
    for source in change.sources.all():
        samples = (
            Sample.objects.filter(source=source, seen_name__in=names, is_repeat=False)
            .exclude(environment=Environment.PRODUCTION)
            .select_related("seen_name")
            .order_by("-id")[: settings.REPLAY_SAMPLES]
        )
        by_source[source.slug] = try_samples(compile(change.definition, source=source.slug), samples).as_json()
    return {
        "change": change.pk,
        "event": change.name,
        "comparison": _comparison(change).as_json(),
        "sources": by_source,
    }


def _comparison(change: Change) -> Comparison:
    """Return the first breaking comparison among the change's sources."""
    found = list(_comparisons(change))
    return next((comparison for comparison in found if comparison.change == HowFar.MAJOR), found[0])


def _comparisons(change: Change) -> Iterator[Comparison]:
    assert change.base is not None, "only an update is compared"
    slugs: list[str | None] = [source.slug for source in change.sources.all()] or [None]
    for slug in slugs:
        yield compare(change.base.definition, change.definition, source=slug)
