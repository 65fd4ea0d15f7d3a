"""Requests for tests: each state is reached by walking the real way to it, with real events and real contracts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone

from accounts.models import Team, User
from accounts.roles import Role
from catalog.models import Event, Source
from tests.factories.accounts import TeamFactory, person
from tests.factories.catalog import EventFactory, SourceFactory, definition
from tests.factories.ingestion import (
    INVALID_PAYLOAD,
    VALID_PAYLOAD,
    hash_of_person,
    ingest,
    ingest_proof,
)
from tracking.requests.authoring.draft_editing import add_change, create_request
from tracking.requests.choices import ChangeAction, DeliveryState, RequestState
from tracking.requests.evidence.replay import build_replay
from tracking.requests.models import Change, Delivery, Request
from tracking.requests.tasks import advance_deliveries
from tracking.requests.workflow.approval_service import approve_request
from tracking.requests.workflow.transition_service import move_delivery, move_request

__all__ = [
    "INVALID_PAYLOAD",
    "VALID_PAYLOAD",
    "RequestFactory",
    "RequestLifecycle",
    "TeamFixture",
    "hash_of_person",
    "ingest",
    "ingest_proof",
    "new_event_request_fields",
]


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
    """A request on its way, the people who take its steps, and the sources it is for.

    `members` are of the author's team; `teams` are all whose people the steps need, that one first.
    """

    members: TeamFixture
    request: Request
    sources: list[Source]
    teams: list[TeamFixture] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.teams = self.teams or [self.members]

    @property
    def changes(self) -> list[Change]:
        """The request's changes as they now are, by id."""
        return list(self.request.changes.select_related("event", "version", "base").order_by("id"))

    @property
    def change(self) -> Change:
        """The request's one change as it now is."""
        (change,) = self.changes
        return change

    @property
    def deliveries(self) -> list[Delivery]:
        """Its deliveries as they now are, by id."""
        rows = Delivery.objects.filter(change__request=self.request)
        return list(
            rows.select_related("source__owner_team", "change__version", "change__event", "change__request").order_by(
                "id"
            )
        )

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
        """requested → reviewed, by an analyst of each team until it is, who has seen the replay where there is one."""
        for analyst in [by] if by else [team.analyst for team in self.teams]:
            if self.request.state == RequestState.REVIEWED:
                break
            replay = build_replay(self.request, reader=analyst)
            approve_request(self.request, by=analyst, replay=replay.token if replay else "")
            self.request = Request.objects.get(pk=self.request.pk)
        return self

    def develop(self, *, app_version: str = "2.0.0", only: Iterable[Delivery] | None = None) -> RequestLifecycle:
        """reviewed → developed, each delivery by a developer of the source's team."""
        for delivery in self.deliveries if only is None else only:
            by = self.team_of(delivery.source).developer
            move_delivery(delivery, DeliveryState.DEVELOPED, by=by, app_version=app_version)
        return self._reload()

    def verify(self, *, app_version: str = "2.0.0", payload: Mapping[str, Any] | None = None) -> RequestLifecycle:
        """developed → tested, with a conforming event from staging each, by QA of the source's team."""
        for delivery in self.deliveries:
            ingest(
                delivery.source,
                delivery.change.name,
                [payload or VALID_PAYLOAD],
                environment="staging",
                app_version=app_version,
            )
            move_delivery(delivery, DeliveryState.TESTED, by=self.team_of(delivery.source).qa)
        return self._reload()

    def prove(self, *, app_version: str = "2.0.0", payload: Mapping[str, Any] | None = None) -> RequestLifecycle:
        """Let production send a proof of each delivery, and the system move what it proves."""
        since = timezone.now()
        for delivery in self.deliveries:
            ingest_proof(delivery.source, delivery.change.name, app_version=app_version, since=since, payload=payload)
        advance_deliveries()
        return self._reload()

    def team_of(self, source: Source) -> TeamFixture:
        """Return the people of the team that owns a source; the author's where none of them does."""
        return next((team for team in self.teams if team.team == source.owner_team), self.members)

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
        source_count: int = 1,
        document: dict[str, Any] | None = None,
        event: Event | None = None,
        action: ChangeAction = ChangeAction.CREATE,
        change: Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> RequestLifecycle:
        """A draft that lacks nothing, for `sources` or as many new ones of the team as `source_count` says.

        With `event` it updates (or, by `action`, ends) that one.
        """
        members = members or TeamFixture.create()
        sources = _sources_of(members, source_count) if sources is None else list(sources)
        values = {"by": members.pm} | new_event_request_fields(**fields)
        request = create_request(**values)
        if event is not None and action == ChangeAction.CREATE:
            action = ChangeAction.UPDATE
        if action in (ChangeAction.CREATE, ChangeAction.UPDATE):
            change = {"definition": document or definition()} | dict(change or {})
        add_change(request, action=action, by=values["by"], event=event, sources=sources, **dict(change or {}))
        return RequestLifecycle(members, Request.objects.get(pk=request.pk), sources)

    @staticmethod
    def across(
        *,
        teams: int = 2,
        members: TeamFixture | None = None,
        source_count: int = 1,
        document: dict[str, Any] | None = None,
        **fields: Any,
    ) -> RequestLifecycle:
        """A draft by the first team's author that updates one live event of each team, on sources of that team.

        `members` are the first team (default: a new one). `document` (default: `coupon` becomes required) is what each
        event becomes, under its own name. The steps that follow are taken by each team's own people:
        `across(teams=2).submit().approve().develop()`.
        """
        all_members = [members or TeamFixture.create(), *(TeamFixture.create() for _ in range(teams - 1))]
        schema = definition()["schema"]
        document = document or definition(schema=schema | {"required": ["total", "coupon"]})
        author = all_members[0].pm
        request = create_request(**{"by": author} | new_event_request_fields(**fields))
        all_sources = []
        for team in all_members:
            sources = _sources_of(team, source_count)
            event = EventFactory.create(owner_team=team.team, sources=sources, is_live=True)
            add_change(
                request,
                action=ChangeAction.UPDATE,
                by=author,
                event=event,
                sources=sources,
                definition=document | {"name": event.name},
            )
            all_sources += sources
        return RequestLifecycle(all_members[0], Request.objects.get(pk=request.pk), all_sources, all_members)

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


def _sources_of(members: TeamFixture, count: int) -> list[Source]:
    return [SourceFactory.create(owner_team=members.team) for _ in range(count)]
