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
from catalog.contract import ValidationResult, name_hash, retired, undocumented, wrong_source
from catalog.models import Event, EventName, Source
from catalog.resolution.binding_resolver import BindingResolver, Resolution, ResolutionStatus
from catalog.resolution.contract_cache import get_contract
from catalog.services.deploys import app_versions_at
from tests.factories.accounts import TeamFactory, person
from tests.factories.catalog import SourceFactory, definition
from tracking.requests.authoring.draft_editing import add_change, create_request
from tracking.requests.choices import ChangeAction, DeliveryState, RequestState
from tracking.requests.evidence.recording.recorder import record_evidence
from tracking.requests.evidence.replay import build_replay
from tracking.requests.models import Change, Delivery, Request
from tracking.requests.tasks import advance_deliveries
from tracking.requests.workflow.transition_service import move_delivery, move_request
from tracking.traffic.check.check_results import CheckedBatch, CheckedEvent
from tracking.traffic.check.event_validator import candidate_verdicts
from tracking.traffic.models import RollupDelta, Sample, SeenName

VALID_PAYLOAD = {"total": 12.5, "coupon": "SPRING"}
INVALID_PAYLOAD = {"total": "a lot"}


@dataclass(frozen=True, slots=True)
class TeamFixture:
    """A team with one person for each part of the way."""

    team: Team
    pm: User
    analyst: User
    developer: User
    qa: User
    second_analyst: User
    viewer: User
    admin: User

    @classmethod
    def create(cls, team: Team | None = None) -> TeamFixture:
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


def new_event_request_fields(**fields: Any) -> dict[str, Any]:
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
class RequestLifecycle:
    """A request on its way, the people who walk it, and the sources it is for."""

    members: TeamFixture
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

    def submit(self) -> RequestLifecycle:
        """draft → requested, by the author."""
        self.request = move_request(self.request, RequestState.REQUESTED, by=self.request.author)
        return self

    def approve(self, *, by: User | None = None) -> RequestLifecycle:
        """requested → reviewed, by the analyst, who has seen the replay where there is one."""
        replay = build_replay(self.request)
        self.request = move_request(
            self.request, RequestState.REVIEWED, by=by or self.members.analyst, replay=replay.token if replay else ""
        )
        return self

    def develop(self, *, app_version: str = "2.0.0", only: Iterable[Delivery] | None = None) -> RequestLifecycle:
        """reviewed → developed, each delivery by a developer of the source's team."""
        for delivery in self.deliveries if only is None else only:
            move_delivery(delivery, DeliveryState.DEVELOPED, by=self.members.developer, app_version=app_version)
        return self._reload()

    def verify(self, *, app_version: str = "2.0.0") -> RequestLifecycle:
        """developed → tested, with a conforming event from staging each."""
        for delivery in self.deliveries:
            ingest(delivery.source, self.change.name, [VALID_PAYLOAD], environment="staging", app_version=app_version)
            move_delivery(delivery, DeliveryState.TESTED, by=self.members.qa)
        return self._reload()

    def prove(self, *, app_version: str = "2.0.0", payload: Mapping[str, Any] | None = None) -> RequestLifecycle:
        """Let production send a proof from 20 ids over half an hour, and the system move what it proves."""
        since = timezone.now()
        for delivery in self.deliveries:
            ingest_proof(delivery.source, self.change.name, app_version=app_version, since=since, payload=payload)
        advance_deliveries()
        return self._reload()

    def _reload(self) -> RequestLifecycle:
        self.request = Request.objects.get(pk=self.request.pk)
        return self


class RequestFactory:
    """Requests that create one event on one web source with app versions, in any state."""

    @staticmethod
    def draft(
        *,
        members: TeamFixture | None = None,
        sources: Sequence[Source] | None = None,
        document: dict[str, Any] | None = None,
        event: Event | None = None,
        action: ChangeAction = ChangeAction.CREATE,
        change: Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> RequestLifecycle:
        """A draft that lacks nothing. With `event` it updates (or, by `action`, ends) that one."""
        members = members or TeamFixture.create()
        sources = [SourceFactory.create(owner_team=members.team)] if sources is None else list(sources)
        values = {"by": members.pm} | new_event_request_fields(**fields)
        request = create_request(**values)
        if event is not None and action == ChangeAction.CREATE:
            action = ChangeAction.UPDATE
        if action in (ChangeAction.CREATE, ChangeAction.UPDATE):
            change = {"definition": document or definition()} | dict(change or {})
        add_change(request, action=action, by=values["by"], event=event, sources=sources, **dict(change or {}))
        return RequestLifecycle(members, Request.objects.get(pk=request.pk), sources)

    @classmethod
    def requested(cls, **options: Any) -> RequestLifecycle:
        """Submitted."""
        return cls.draft(**options).submit()

    @classmethod
    def reviewed(cls, **options: Any) -> RequestLifecycle:
        """Approved by an analyst."""
        return cls.requested(**options).approve()

    @classmethod
    def developed(cls, *, app_version: str = "2.0.0", **options: Any) -> RequestLifecycle:
        """Developed on every source."""
        return cls.reviewed(**options).develop(app_version=app_version)

    @classmethod
    def tested(cls, *, app_version: str = "2.0.0", **options: Any) -> RequestLifecycle:
        """Verified on every source."""
        return cls.developed(app_version=app_version, **options).verify(app_version=app_version)

    @classmethod
    def live(cls, *, app_version: str = "2.0.0", **options: Any) -> RequestLifecycle:
        """Proven by production on every source."""
        lifecycle = cls.tested(app_version=app_version, **options).prove(app_version=app_version)
        assert lifecycle.request.state == RequestState.LIVE
        return lifecycle

    @classmethod
    def at(cls, state: RequestState | str, **options: Any) -> RequestLifecycle:
        """In this state."""
        actor_by_end_state = {RequestState.DECLINED: "analyst", RequestState.WITHDRAWN: "pm"}
        if state not in actor_by_end_state:
            return getattr(cls, RequestState(state).value)(**options)
        lifecycle = cls.requested(**options)
        by = getattr(lifecycle.members, actor_by_end_state[RequestState(state)])
        lifecycle.request = move_request(lifecycle.request, state, by=by, comment="Not now.")
        return lifecycle


def ingest(
    source: Source,
    name: str,
    payloads: Sequence[Mapping[str, Any]],
    *,
    call: str = "track",
    environment: Environment | str = Environment.PRODUCTION,
    app_version: str = "",
    person_ids: Sequence[int] = (1,),
    at: datetime | None = None,
    interval: timedelta = timedelta(0),
    masked_paths: Sequence[str] = (),
) -> CheckedBatch:
    """Let events arrive, one a payload, as the check hands them on: judged, sampled, counted, recorded.

    The ids come from `people` in turn; `step` lies between two events. A source with deploy markers gets its
    app version from them.
    """
    first_received_at = at or timezone.now()
    times = [first_received_at + number * interval for number in range(len(payloads))]
    event_name_hash = name_hash(name)
    seen, _ = SeenName.objects.get_or_create(
        call=call, name_hash=event_name_hash, defaults={"name": name, "first_seen": first_received_at}
    )
    owner = EventName.objects.filter(call=call, name_hash=event_name_hash).first()
    event_id = owner.event_id if owner else None
    resolver = BindingResolver.load(source, environment, [event_id] if event_id else [])
    versions = [app_version] * len(times)
    if source.version_from == "deploys":
        versions = app_versions_at(source, environment, times)
    checked = []
    for number, (payload, received_at, version) in enumerate(zip(payloads, times, versions, strict=True)):
        event = SentEvent(
            call=call, event=name, properties=dict(payload), anonymous_id=f"p{person_ids[number % len(person_ids)]}"
        )
        resolution, result = _evaluate(resolver, event_id, event, received_at, version)
        checked_event = CheckedEvent(
            event=event,
            result=result,
            seen_name_id=seen.pk,
            call=call,
            name=name,
            event_id=event_id,
            version_id=resolution.version_id,
            version_number=resolution.number,
            app_version=version,
            received_at=received_at,
            person_hash=person_ids[number % len(person_ids)],
            is_repeat=False,
            masked_event=event.as_json(),
            masked_paths=tuple(masked_paths),
        )
        checked.append(checked_event)
        _store_result(resolver, source, environment, checked_event)
    batch = CheckedBatch(source=source, environment=str(environment), events=checked, binding_resolver=resolver)
    record_evidence(batch)
    return batch


def ingest_proof(
    source: Source,
    name: str,
    *,
    app_version: str = "",
    since: datetime | None = None,
    payload: Mapping[str, Any] | None = None,
    count: int = 25,
) -> CheckedBatch:
    """Let production send enough for any proof: 25 events from five ids, two minutes apart."""
    return ingest(
        source,
        name,
        [payload or VALID_PAYLOAD] * count,
        app_version=app_version,
        person_ids=range(1, 6),
        at=since,
        interval=timedelta(minutes=2),
    )


def _evaluate(
    holder: BindingResolver, event_id: int | None, sent: SentEvent, received_at: datetime, app_version: str
) -> tuple[Resolution, ValidationResult]:
    if event_id is None:
        return Resolution(ResolutionStatus.WRONG_SOURCE), undocumented(sent)
    held = holder.resolve(event_id, received_at=received_at, app_version=app_version)
    if held.status == ResolutionStatus.RETIRED:
        return held, retired(sent)
    if held.version_id is None:
        return held, wrong_source(sent)
    return held, get_contract(held.version_id, holder.source.slug).check(sent)


def _store_result(
    holder: BindingResolver, source: Source, environment: Environment | str, checked: CheckedEvent
) -> None:
    Sample.objects.create(
        source=source,
        environment=environment,
        seen_name_id=checked.seen_name_id,
        version_id=checked.version_id,
        app_version=checked.app_version,
        received_at=checked.received_at,
        verdict=checked.result.verdict,
        violations=[violation.as_json() for violation in checked.result.violations],
        event=checked.masked_event,
        masked=list(checked.masked_paths),
        second_verdicts=candidate_verdicts(checked, holder, str(environment)),
    )
    RollupDelta.objects.create(
        hour=checked.received_at.replace(minute=0, second=0, microsecond=0),
        source=source,
        environment=environment,
        seen_name_id=checked.seen_name_id,
        app_version=checked.app_version,
        version_id=checked.version_id,
        verdict=checked.result.verdict,
        count=1,
        last_seen=checked.received_at,
    )
