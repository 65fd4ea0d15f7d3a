"""Requests for tests: each state is reached by walking the real way to it, with real events and real contracts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Team, User
from accounts.roles import Role
from catalog.choices import Environment
from catalog.contract import Event as SentEvent
from catalog.contract import Judgement, name_hash, retired, undocumented, wrong_source
from catalog.models import Event, EventName, Source
from catalog.resolution.binding_resolver import Held, Holder, Standing
from catalog.resolution.contract_cache import contract_of
from catalog.services.deploys import app_version_at
from tests.factories.accounts import TeamFactory, person
from tests.factories.catalog import SourceFactory, definition
from tracking.requests.authoring.draft_editing import add_change, create_request
from tracking.requests.choices import Action, DeliveryState, State
from tracking.requests.evidence.recording.recorder import record_evidence
from tracking.requests.evidence.replay import replay_of
from tracking.requests.models import Change, Delivery, Request
from tracking.requests.tasks import advance_deliveries
from tracking.requests.workflow.transition_service import move_delivery, move_request
from tracking.traffic.check.check_results import CheckedBatch, CheckedEvent
from tracking.traffic.check.event_validator import second_verdicts
from tracking.traffic.models import RollupDelta, Sample, SeenName

VALID = {"total": 12.5, "coupon": "SPRING"}
BROKEN = {"total": "a lot"}


@dataclass(frozen=True, slots=True)
class Cast:
    """A team with one person for each part of the way."""

    team: Team
    pm: User
    analyst: User
    developer: User
    qa: User
    lead: User  # a second analyst
    viewer: User
    admin: User

    @classmethod
    def of(cls, team: Team | None = None) -> Cast:
        """People of one team, each with one role in it."""
        team = team or TeamFactory.create()
        return cls(
            team,
            *(
                person(role, team=team)
                for role in (
                    Role.PM,
                    Role.ANALYST,
                    Role.DEVELOPER,
                    Role.QA,
                    Role.ANALYST,
                    Role.VIEWER,
                    Role.ADMIN,
                )
            ),
        )


def new_fields(**fields: Any) -> dict[str, Any]:
    """Everything that a request of the lane *new* must say."""
    return {
        "title": "Know what orders are worth",
        "question": "How much is an order worth?",
        "decision": "Which shops get the new checkout",
        "priority": "normal",
        "expected_per_day": 1000,
        "review_by": date(2030, 1, 1),
        **fields,
    }


@dataclass(slots=True)
class Walk:
    """A request on its way, the people who walk it, and the sources it is for."""

    cast: Cast
    request: Request
    sources: list[Source]
    _clock: datetime = field(default_factory=timezone.now)

    @property
    def change(self) -> Change:
        """The request's first change as it now is."""
        return self.request.changes.select_related("event", "version", "base").order_by("id").get()

    @property
    def deliveries(self) -> list[Delivery]:
        """Its deliveries as they now are, by id."""
        rows = Delivery.objects.filter(change__request=self.request)
        return list(rows.select_related("source", "change__version", "change__event", "change__request").order_by("id"))

    @property
    def delivery(self) -> Delivery:
        """Its one delivery, or the first of several, as it now is."""
        return self.deliveries[0]

    @property
    def event(self) -> Event:
        """The event that the approval created or changed."""
        event = self.change.event
        assert event is not None
        return event

    def submit(self) -> Walk:
        """draft → requested, by the author."""
        self.request = move_request(self.request, State.REQUESTED, by=self.request.author)
        return self

    def approve(self, *, by: User | None = None) -> Walk:
        """requested → reviewed, by the analyst, who has seen the replay where there is one."""
        replay = replay_of(self.request)
        self.request = move_request(
            self.request, State.REVIEWED, by=by or self.cast.analyst, replay=replay.token if replay else ""
        )
        return self

    def develop(self, *, app_version: str = "2.0.0", only: Iterable[Delivery] | None = None) -> Walk:
        """reviewed → developed, each delivery by a developer of the source's team."""
        for delivery in self.deliveries if only is None else only:
            move_delivery(delivery, DeliveryState.DEVELOPED, by=self.cast.developer, app_version=app_version)
        return self._again()

    def verify(self, *, app_version: str = "2.0.0") -> Walk:
        """developed → tested, with a conforming event from staging each."""
        for delivery in self.deliveries:
            arrive(delivery.source, self.change.name, [VALID], environment="staging", app_version=app_version)
            move_delivery(delivery, DeliveryState.TESTED, by=self.cast.qa)
        return self._again()

    def prove(self, *, app_version: str = "2.0.0", payload: Mapping[str, Any] | None = None) -> Walk:
        """Let production send a proof from 20 ids over half an hour, and the system move what it proves."""
        since = timezone.now()
        for delivery in self.deliveries:
            prove_by(delivery.source, self.change.name, app_version=app_version, since=since, payload=payload)
        advance_deliveries()
        return self._again()

    def _again(self) -> Walk:
        self.request = Request.objects.get(pk=self.request.pk)
        return self


class RequestFactory:
    """Requests that create one event on one web source with app versions, in any state."""

    @staticmethod
    def draft(
        *,
        cast: Cast | None = None,
        sources: Sequence[Source] | None = None,
        document: dict[str, Any] | None = None,
        event: Event | None = None,
        action: Action = Action.CREATE,
        change: Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> Walk:
        """A draft that lacks nothing. With `event` it updates (or, by `action`, ends) that one."""
        cast = cast or Cast.of()
        sources = [SourceFactory.create(owner_team=cast.team)] if sources is None else list(sources)
        values = {"by": cast.pm} | new_fields(**fields)
        request = create_request(**values)
        if event is not None and action == Action.CREATE:
            action = Action.UPDATE
        if action in (Action.CREATE, Action.UPDATE):
            change = {"definition": document or definition()} | dict(change or {})
        add_change(request, action=action, by=values["by"], event=event, sources=sources, **dict(change or {}))
        return Walk(cast, Request.objects.get(pk=request.pk), sources)

    @classmethod
    def requested(cls, **options: Any) -> Walk:
        """Submitted."""
        return cls.draft(**options).submit()

    @classmethod
    def reviewed(cls, **options: Any) -> Walk:
        """Approved by an analyst."""
        return cls.requested(**options).approve()

    @classmethod
    def developed(cls, *, app_version: str = "2.0.0", **options: Any) -> Walk:
        """Developed on every source."""
        return cls.reviewed(**options).develop(app_version=app_version)

    @classmethod
    def tested(cls, *, app_version: str = "2.0.0", **options: Any) -> Walk:
        """Verified on every source."""
        return cls.developed(app_version=app_version, **options).verify(app_version=app_version)

    @classmethod
    def live(cls, *, app_version: str = "2.0.0", **options: Any) -> Walk:
        """Proven by production on every source."""
        walk = cls.tested(app_version=app_version, **options).prove(app_version=app_version)
        assert walk.request.state == State.LIVE
        return walk

    @classmethod
    def at(cls, state: State | str, **options: Any) -> Walk:
        """In this state."""
        ended = {State.DECLINED: "analyst", State.WITHDRAWN: "pm"}
        if state not in ended:
            return getattr(cls, State(state).value)(**options)
        walk = cls.requested(**options)
        by = getattr(walk.cast, ended[State(state)])
        walk.request = move_request(walk.request, state, by=by, comment="Not now.")
        return walk


def arrive(
    source: Source,
    name: str,
    payloads: Sequence[Mapping[str, Any]],
    *,
    call: str = "track",
    environment: Environment | str = Environment.PRODUCTION,
    app_version: str = "",
    people: Sequence[int] = (1,),
    at: datetime | None = None,
    step: timedelta = timedelta(0),
    masked: Sequence[str] = (),
) -> CheckedBatch:
    """Let events arrive, one a payload, as the check hands them on: judged, sampled, counted, recorded.

    The ids come from `people` in turn; `step` lies between two events. A source with deploy markers gets its
    app version from them.
    """
    moment = at or timezone.now()
    times = [moment + number * step for number in range(len(payloads))]
    hashed = name_hash(name)
    seen, _ = SeenName.objects.get_or_create(call=call, name_hash=hashed, defaults={"name": name, "first_seen": moment})
    owner = EventName.objects.filter(call=call, name_hash=hashed).first()
    event_id = owner.event_id if owner else None
    holder = Holder.load(source, environment, [event_id] if event_id else [])
    versions = [app_version] * len(times)
    if source.version_from == "deploys":
        versions = app_version_at(source, environment, times)
    checked = []
    for number, (payload, received_at, version) in enumerate(zip(payloads, times, versions, strict=True)):
        sent = SentEvent(
            call=call, event=name, properties=dict(payload), anonymous_id=f"p{people[number % len(people)]}"
        )
        held, judgement = _judge(holder, event_id, sent, received_at, version)
        one = CheckedEvent(
            event=sent,
            judgement=judgement,
            seen_name_id=seen.pk,
            call=call,
            name=name,
            event_id=event_id,
            version_id=held.version_id,
            version_number=held.number,
            app_version=version,
            received_at=received_at,
            person_hash=people[number % len(people)],
            is_repeat=False,
            masked_event=sent.as_json(),
            masked_paths=tuple(masked),
        )
        checked.append(one)
        _keep(holder, source, environment, one)
    batch = CheckedBatch(source=source, environment=str(environment), events=checked, holder=holder)
    record_evidence(batch)
    return batch


def prove_by(
    source: Source,
    name: str,
    *,
    app_version: str = "",
    since: datetime | None = None,
    payload: Mapping[str, Any] | None = None,
    count: int = 25,
) -> CheckedBatch:
    """Let production send enough for any proof: 25 events from five ids, two minutes apart."""
    return arrive(
        source,
        name,
        [payload or VALID] * count,
        app_version=app_version,
        people=range(1, 6),
        at=since,
        step=timedelta(minutes=2),
    )


def _judge(
    holder: Holder, event_id: int | None, sent: SentEvent, received_at: datetime, app_version: str
) -> tuple[Held, Judgement]:
    if event_id is None:
        return Held(Standing.WRONG_SOURCE), undocumented(sent)
    held = holder.held_against(event_id, received_at=received_at, app_version=app_version)
    if held.standing == Standing.RETIRED:
        return held, retired(sent)
    if held.version_id is None:
        return held, wrong_source(sent)
    return held, contract_of(held.version_id, holder.source.slug).check(sent)


def _keep(holder: Holder, source: Source, environment: Environment | str, checked: CheckedEvent) -> None:
    Sample.objects.create(
        source=source,
        environment=environment,
        seen_name_id=checked.seen_name_id,
        version_id=checked.version_id,
        app_version=checked.app_version,
        received_at=checked.received_at,
        verdict=checked.judgement.verdict,
        violations=[violation.as_json() for violation in checked.judgement.violations],
        event=checked.masked_event,
        masked=list(checked.masked_paths),
        second_verdicts=second_verdicts(checked, holder, str(environment)),
    )
    RollupDelta.objects.create(
        hour=checked.received_at.replace(minute=0, second=0, microsecond=0),
        source=source,
        environment=environment,
        seen_name_id=checked.seen_name_id,
        app_version=checked.app_version,
        version_id=checked.version_id,
        verdict=checked.judgement.verdict,
        count=1,
        last_seen=checked.received_at,
    )
