"""A delivery as pages read it: what came of it so far, and what still keeps it from its next step."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.conf import settings

from accounts.models import User
from accounts.preconditions import Unmet
from catalog.choices import Environment
from catalog.code_snippets.snippets import Snippet, snippets
from catalog.contract import InvalidDefinition
from catalog.models import WriteKey
from catalog.presenters.event_presenter import PLACEHOLDER_KEY
from tracking.requests.choices import TESTED, DeliveryState
from tracking.requests.evidence.delivery_app_version import Short
from tracking.requests.evidence.summaries import Measure, lit_by, needed_properties, proof_of, short_by, tested_by
from tracking.requests.evidence.thresholds import threshold_of
from tracking.requests.models import Delivery
from tracking.requests.workflow.available_steps import blocking

SNIPPETS_SHOWN = 6
REASONS_SHOWN = 5
LAST = "curl"  # every developer can run it


@dataclass(frozen=True, slots=True)
class Progress:
    """One condition of a proof, as a bar: how much is there of how much."""

    label: str
    have: str
    need: str
    is_enough: bool
    parts: tuple[tuple[str, float, str], ...]


@dataclass
class DeliveryReading:
    """One delivery; what needs the database is asked once, and only where the state makes it interesting."""

    delivery: Delivery

    @property
    def is_being_tested(self) -> bool:
        """Whether QA waits for events outside production."""
        return self.delivery.state == DeliveryState.DEVELOPED and self.delivery.change.lane in TESTED

    @property
    def is_being_proven(self) -> bool:
        """Whether the system waits for production."""
        return self.delivery.state == DeliveryState.TESTED

    @property
    def is_being_built(self) -> bool:
        """Whether a developer is about to send it for the first time."""
        return self.delivery.state == DeliveryState.REVIEWED and self.delivery.change.version_id is not None

    @cached_property
    def light(self) -> Measure:
        """What came since it was approved; its first proving event turns the light green."""
        return lit_by(self.delivery)

    @cached_property
    def measure(self) -> Measure:
        return tested_by(self.delivery)

    @cached_property
    def short(self) -> list[tuple[Short, int]]:
        """Why events came and none counts, with how many each: what a developer has to mend first."""
        return short_by(self.delivery)[:REASONS_SHOWN]

    @cached_property
    def not_seen(self) -> list[str]:
        """The properties that the change adds or alters and that no conforming event has had yet."""
        return [path for path in needed_properties(self.delivery) if path not in self.measure.seen]

    @cached_property
    def blocked_by(self) -> list[Unmet]:
        """What keeps the system from making it live; empty where it does so the next time it looks."""
        return blocking(self.delivery) if self.is_being_proven else []

    @property
    def blocked_besides(self) -> list[Unmet]:
        """Of these, what no figure of the proof shows."""
        return [condition for condition in self.blocked_by if not condition.code.startswith("proof_")]

    @cached_property
    def progress(self) -> list[Progress]:
        """How far the proof has come, condition by condition."""
        if not self.is_being_proven:
            return []
        needed, shown = threshold_of(self.delivery), proof_of(self.delivery)
        rows = [
            _progress("Proof events", shown.events, needed.events),
            _progress("Devices or people", shown.ids, needed.ids),
        ]
        if needed.span:
            minute = timedelta(minutes=1)
            rows.append(_progress("Minutes between first and last", shown.span // minute, needed.span // minute))
        return [*rows, _share(shown.newest.share, settings.PROOF_CONFORMING_SHARE)]


def _progress(label: str, have: int, need: int) -> Progress:
    there, is_enough = min(have, need), have >= need
    parts = (("there", there, "ok" if is_enough else "info"), ("missing", need - there, "neutral"))
    return Progress(label, str(have), str(need), is_enough, parts)


def _share(have: float, need: float) -> Progress:
    is_enough = have >= need
    parts = (("conforming", have, "ok" if is_enough else "bad"), ("not", 1 - have, "neutral"))
    return Progress("Conforming in the newest 24 hours", f"{have:.0%}", f"{need:.0%}", is_enough, parts)


@dataclass(frozen=True, slots=True)
class Sending:
    """How a developer sends a delivery's event: code with the development key of its source."""

    delivery: Delivery
    has_key: bool
    snippets: tuple[Snippet, ...]


def _shown(written: list[Snippet]) -> tuple[Snippet, ...]:
    """The platform's own language, and the one that needs nothing but a shell."""
    return tuple(snippet for at, snippet in enumerate(written) if at == 0 or snippet.slug == LAST)


def sendings(deliveries: Iterable[Delivery], *, by: User, host: str) -> list[Sending]:
    """Return the code for deliveries that are still to be built or seen, at most six; one query.

    Keys are public by nature: they ship inside apps, and everybody who has signed in may read them.
    """
    wanted = [row for row in deliveries if row.is_open and row.change.is_defining][:SNIPPETS_SHOWN]
    if not wanted or not by.is_authenticated:
        return []
    keys = {
        key.source_id: key.key
        for key in WriteKey.objects.filter(
            source__in={row.source_id for row in wanted}, environment=Environment.DEVELOPMENT, revoked_at=None
        ).order_by("created_at", "id")
    }
    found = []
    for row in wanted:
        try:
            key = keys.get(row.source_id, PLACEHOLDER_KEY)
            written = snippets(row.change.definition, row.source, key, host=host, app_version=row.app_version)
        except InvalidDefinition:
            continue
        found.append(Sending(row, row.source_id in keys, _shown(written)))
    return found
