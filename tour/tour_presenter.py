"""What the page of the tour shows, worked out once each time it is asked for."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from accounts.models import User
from accounts.permissions import can
from accounts.preconditions import Unmet
from accounts.roles import Capability
from catalog.choices import Environment
from catalog.code_snippets.snippets import Snippet, snippets
from catalog.contract import Difference, PropertyEvidence, compile, diff, infer, problems, properties_of
from catalog.models import Event
from catalog.name_suggestions import suggest
from catalog.services.property_library import differs_from_library, library_for
from catalog.services.write_keys import current_key
from tour.tour_accounts import Player, players
from tour.tour_messages import Told, tell
from tour.tour_state import World
from tour.tour_steps import BOUGHT, BROKEN, CHAPTERS, HELLO, LIKED, MENDED, STEPS, Step, Stop, step_at
from tracking.requests.choices import State
from tracking.requests.evidence.samples.sample_dry_run import Trial, event_of, try_samples
from tracking.requests.evidence.summaries import proof_of
from tracking.requests.evidence.thresholds import threshold_of
from tracking.requests.pages.presenters.stepper import stepper
from tracking.requests.workflow.available_steps import blocking
from tracking.traffic.check.property_checks import Side, sides_of
from tracking.traffic.models import Sample

SAMPLES_READ = 200


@dataclass
class Reading:
    """The tour as one visitor sees it."""

    world: World
    user: User
    host: str
    refused: Sequence[Unmet] = ()
    typed: dict[str, str] = field(default_factory=dict)

    @cached_property
    def stop(self) -> Stop:
        return self.world.stop

    @property
    def step(self) -> Step:
        return step_at(self.stop)

    @property
    def broken_version(self) -> str:
        return BROKEN

    @property
    def mended_version(self) -> str:
        return MENDED

    @property
    def is_shipped_to_nobody(self) -> bool:
        """Whether production runs the new version and no event of it has come: its visitors could not get in."""
        delivery = self.world.delivery
        return self.stop == Stop.PROVE and delivery is not None and proof_of(delivery).events == 0

    @property
    def number(self) -> int:
        return STEPS.index(self.step) + 1

    @property
    def total(self) -> int:
        return len(STEPS)

    @property
    def chapters(self) -> list[dict[str, str]]:
        """The chapters as steps of the stepper part."""
        at = CHAPTERS.index(self.step.chapter)
        states = ["done" if index < at else "current" if index == at else "todo" for index in range(len(CHAPTERS))]
        return [{"label": label, "state": state} for label, state in zip(CHAPTERS, states, strict=True)]

    @cached_property
    def players(self) -> list[Player]:
        return players(self.user)

    @property
    def player(self) -> Player | None:
        """Whoever is signed in."""
        return next((player for player in self.players if player.is_signed_in), None)

    @property
    def next_player(self) -> Player | None:
        """Whose turn it is, where that is somebody else's."""
        return next(
            (each for each in self.players if each.account == self.step.account and not each.is_signed_in), None
        )

    @cached_property
    def told(self) -> Told:
        """What just happened."""
        return tell(self.world, self.stop)

    @cached_property
    def may_look(self) -> bool:
        return bool(can(self.user, Capability.SAMPLES_VIEW))

    @property
    def arrivals(self) -> list[Sample]:
        return self.world.arrivals if self.may_look else []

    @property
    def newest(self) -> Sample | None:
        """The event that came last: the one to look at."""
        return self.arrivals[0] if self.arrivals else None

    @cached_property
    def sides(self) -> list[Side]:
        """It, expected beside received, without what need not come and did not."""
        return [side for side in sides_of(self.newest) if side.state != "absent"] if self.newest else []

    @property
    def wrong_sides(self) -> list[Side]:
        return [side for side in self.sides if side.state in ("wrong", "missing")]

    @property
    def right_sides(self) -> list[Side]:
        return [side for side in self.sides if side.state not in ("wrong", "missing")]

    @property
    def shows_finding(self) -> bool:
        """Whether what just arrived is what the finding is about."""
        is_broken = self.newest is not None and self.newest.seen_name.name == BOUGHT and bool(self.newest.violations)
        return self.world.finding is not None and (is_broken or self.stop == Stop.LIKE)

    @cached_property
    def broken_event(self) -> Event | None:
        """The event that the finding is about."""
        return Event.objects.named("track", BOUGHT).first()

    @cached_property
    def heart_samples(self) -> list[Sample]:
        """The newest taps on the heart outside production."""
        if self.world.liked is None:
            return []
        rows = Sample.objects.filter(source=self.world.shop, seen_name=self.world.liked)
        rows = rows.exclude(environment=Environment.PRODUCTION).select_related("seen_name")
        return list(rows.order_by("-id")[:SAMPLES_READ])

    @cached_property
    def evidence(self) -> tuple[PropertyEvidence, ...]:
        """What the taps showed of each property."""
        events = [event_of(sample) for sample in self.heart_samples]
        return infer(events).evidence if events else ()

    @cached_property
    def reused(self) -> set[str]:
        """The properties that say what the library says of their names."""
        if self.world.change is None:
            return set()
        lines = {line.name: line for line in properties_of(self.world.change.definition) if line.depth == 0}
        library = library_for(self.world.change.definition)
        return {name for name in lines.keys() & library.keys() if not differs_from_library(lines[name], library[name])}

    @cached_property
    def nearest(self) -> Event | None:
        """The event whose name is most like the heart's."""
        return next((event for event in suggest(LIKED, limit=3) if event.name != LIKED), None)

    @cached_property
    def differences(self) -> list[Difference]:
        """What the request would write into the catalog, against nothing."""
        if self.world.change is None:
            return []
        wanted = self.world.change.definition
        nothing = {key: wanted[key] for key in ("name", "call", "kind") if key in wanted}
        return diff(nothing | {"schema": {"type": "object", "properties": {}}}, wanted)

    @cached_property
    def replay(self) -> Trial | None:
        """How the taps that came stand under the definition."""
        change = self.world.change
        if change is None or problems(change.definition):
            return None
        return try_samples(compile(change.definition, source=self.world.shop.slug), self.heart_samples)

    @property
    def shows_way(self) -> bool:
        """Whether the request is on its way: before and after, the tour's own chapters say enough."""
        request = self.world.request
        return request is not None and request.state != State.DRAFT and self.stop not in (Stop.READ, Stop.YOURS)

    @property
    def shows_event(self) -> bool:
        """Whether what everybody will read is shown: at its stop, and later where a second walk passed that over."""
        own, delivery = self.world.own, self.world.delivery
        if self.stop != Stop.YOURS or own is None or delivery is None or delivery.live_at is None:
            return self.stop == Stop.READ
        return own.created_at < delivery.live_at

    @cached_property
    def stages(self) -> list[dict[str, str]]:
        """The way of the request."""
        return stepper(self.world.request).as_steps() if self.world.request else []

    @cached_property
    def snippet(self) -> Snippet | None:
        """The code that sends the heart's event from the shop."""
        if self.world.change is None or problems(self.world.change.definition):
            return None
        key = current_key(self.world.shop, Environment.STAGING)
        written = snippets(self.world.change.definition, self.world.shop, key.key if key else "", host=self.host)
        return written[0]

    @cached_property
    def proof(self) -> list[tuple[str, int, int]]:
        """How far the proof has come: what, how many there are, how many it takes."""
        delivery = self.world.delivery
        if delivery is None or self.stop != Stop.PROVE:
            return []
        needed, shown = threshold_of(delivery), proof_of(delivery)
        return [("Events", shown.events, needed.events), ("People", shown.ids, needed.ids)]

    @cached_property
    def blocked_by(self) -> list[Unmet]:
        """What still keeps it from going live."""
        return blocking(self.world.delivery) if self.world.delivery and self.stop == Stop.PROVE else []

    @cached_property
    def own_key(self) -> str:
        """The development key of the visitor's own source."""
        key = current_key(self.world.own, Environment.DEVELOPMENT) if self.world.own else None
        return key.key if key else ""

    @cached_property
    def own_snippets(self) -> list[Snippet]:
        """How each SDK sends to the visitor's own source; the line for a shell first."""
        if self.world.own is None:
            return []
        written = snippets(HELLO, self.world.own, self.own_key, host=self.host)
        return sorted(written, key=lambda snippet: snippet.slug != "curl")

    @property
    def own_arrivals(self) -> list[Sample]:
        """What came from the visitor's own app."""
        return self.world.own_arrivals if self.may_look else []

    @cached_property
    def now_stand(self) -> str:
        """A short text that differs as soon as there is something else to do, or for somebody else."""
        request, measure = self.world.request, self.world.measure
        parts: list[Any] = [
            self.stop,
            self.world.is_taken,
            self.user.pk,
            self.world.version,
            request and (request.pk, request.state),
        ]
        if self.stop == Stop.SIGN and measure:
            parts += [measure.conforming, measure.nonconforming]
        if self.stop == Stop.APPROVE:
            parts.append(len(self.heart_samples))
        return _digest(parts, self.proof, bool(self.blocked_by), self.own_arrivals and self.own_arrivals[0].pk)

    @cached_property
    def seen_stand(self) -> str:
        """A short text that differs as soon as something else arrived, or is shown of it."""
        finding = self.world.finding
        parts = [
            self.stop,
            self.may_look,
            self.world.waiting,
            self.newest and self.newest.pk,
            finding and (finding.pk, finding.count),
        ]
        return _digest(parts, [sample.pk for sample in self.own_arrivals])


def _digest(*parts: Any) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
