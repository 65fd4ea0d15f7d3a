"""Rows for every list of the site: what the test of the lists' query budgets adds to each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.test import Client
from django.utils import timezone

from accounts.audit import RequestOrigin, record_audit
from accounts.models import AuditKind, Membership, User
from accounts.roles import Role, Scope
from accounts.services import issue_token
from catalog.models import Event, Source
from catalog.services.deploys import mark_deploy
from tests.factories.accounts import TeamFactory
from tests.factories.catalog import (
    CategoryFactory,
    EventFactory,
    PropertyFactory,
    SourceFactory,
    create_write_key,
    definition,
    publish_next_version,
)
from tests.factories.requests import VALID_PAYLOAD, RequestFactory, RequestLifecycle, TeamFixture, ingest
from tests.quality.evaluated_batches import NOON, make_seen_name
from tracking.quality.models import Finding
from tracking.requests.authoring.draft_editing import add_change
from tracking.requests.choices import ChangeAction, RequestState
from tracking.requests.models import Approval
from tracking.traffic.choices import ThrottleBound
from tracking.traffic.collect.throttle_log import throttle_log

MAX_ROWS = 5
STATES_ON_THE_WAY = (RequestState.DRAFT, RequestState.REQUESTED, RequestState.REVIEWED, RequestState.DEVELOPED)


@dataclass
class ListedRows:
    """What the rows of one list belong to: a team with its people, a second team, and what the builders keep."""

    members: TeamFixture
    other_members: TeamFixture
    sources: list[Source]
    people: dict[str, User]
    number: int = 0  # of the row that is being added, from 0
    event: Event | None = None
    lifecycle: RequestLifecycle | None = None

    @classmethod
    def create(cls, stranger: User) -> ListedRows:
        """Two teams, and five sources of the first."""
        members, other_members = TeamFixture.create(), TeamFixture.create()
        sources = [SourceFactory.create(owner_team=members.team) for _ in range(MAX_ROWS)]
        roles = ("viewer", "pm", "developer", "qa", "analyst", "admin")
        people = {role: getattr(members, role) for role in roles} | {"stranger": stranger}
        return cls(members, other_members, sources, people)

    @property
    def the_event(self) -> Event:
        """The event that the rows are of."""
        assert self.event is not None, "the builder of rows keeps no event"
        return self.event

    @property
    def the_lifecycle(self) -> RequestLifecycle:
        """The request that the rows are of."""
        assert self.lifecycle is not None, "the builder of rows keeps no request"
        return self.lifecycle

    @property
    def is_first(self) -> bool:
        return self.number == 0

    @property
    def row_members(self) -> TeamFixture:
        """The first team for the first row, then both in turn: a list must not cost more for another team's rows."""
        return self.other_members if self.number % 2 else self.members

    @property
    def row_sources(self) -> list[Source]:
        """One source for the first row; for every later one five of its team, so that a request has five deliveries."""
        if self.is_first:
            return self.sources[:1]
        if self.row_members is self.members:
            return self.sources
        return [SourceFactory.create(owner_team=self.other_members.team) for _ in range(MAX_ROWS)]


# Rows of the catalog.


def add_event(rows: ListedRows) -> None:
    """An event of a team with a category, on several sources, that is live and has been seen."""
    team = rows.row_members.team
    EventFactory.create(
        sources=rows.row_sources, is_live=True, owner_team=team, category=CategoryFactory.create(parent=None)
    )


def add_property(rows: ListedRows) -> None:
    """A library entry that an event of its own uses."""
    entry = PropertyFactory.create(owner_team=rows.row_members.team)
    schema = {"type": "object", "properties": {entry.name: {"type": "string"}}}
    name = f"With {entry.name}"
    EventFactory.create(name=name, definition=definition(name, schema=schema), owner_team=rows.row_members.team)


def add_source(rows: ListedRows) -> None:
    """A source with a key of each environment."""
    source = SourceFactory.create(owner_team=rows.row_members.team)
    for environment in ("production", "staging", "development"):
        create_write_key(source, environment)


def add_throttled_key(rows: ListedRows) -> None:
    """Another bound that throttles the key of one source, and a throttled key of a source of the row's team."""
    one = rows.sources[0].write_keys.first() or create_write_key(rows.sources[0], "staging")
    throttle_log.note(one, list(ThrottleBound)[rows.number], size=1_000)
    another = create_write_key(SourceFactory.create(owner_team=rows.row_members.team))
    throttle_log.note(another, ThrottleBound.KEY_EVENTS, size=1_000)
    throttle_log.flush()


def add_category(rows: ListedRows) -> None:
    """A category under another one."""
    CategoryFactory.create(parent=CategoryFactory.create())


def add_version(rows: ListedRows) -> None:
    """The next version of one event."""
    if rows.event is None:
        rows.event = EventFactory.create(sources=rows.sources, owner_team=rows.members.team)
        return
    document = definition(rows.event.name, description=f"Said for the {rows.number}th time.")
    publish_next_version(rows.event, document, sources=rows.sources, by=rows.members.analyst)


def add_deploy(rows: ListedRows) -> None:
    """A deploy marker of the first source."""
    by = [rows.members.developer, rows.members.admin][rows.number % 2]
    mark_deploy(rows.sources[0], environment="staging", version=f"2.{rows.number}.0", by=by)


# Rows of requests.


def add_request(state: RequestState) -> Callable[[ListedRows], None]:
    """A function that adds a request in a state, which creates an event of its own."""

    def add(rows: ListedRows) -> None:
        lifecycle = RequestFactory.at(
            state,
            members=rows.row_members,
            sources=rows.row_sources,
            document=definition(f"Event {state} {rows.number}"),
        )
        rows.lifecycle = rows.lifecycle or lifecycle

    return add


def add_change_of_request(state: RequestState) -> Callable[[ListedRows], None]:
    """A function after which `rows.lifecycle` is a request in a state with one change more than before."""

    def add(rows: ListedRows) -> None:
        # Built anew each time, since only a draft can be edited.
        document = definition(f"Event {rows.number}")
        sources = rows.sources[:1] if rows.is_first else rows.sources
        lifecycle = RequestFactory.draft(members=rows.members, sources=sources, document=document)
        for number in range(rows.number):
            add_change(
                lifecycle.request,
                action=ChangeAction.CREATE,
                by=rows.members.pm,
                definition=definition(f"Event {rows.number} {number}"),
                sources=rows.sources,
            )
        steps = (lifecycle.submit, lifecycle.approve, lifecycle.develop)
        for step in steps[: STATES_ON_THE_WAY.index(state)]:
            step()
        rows.lifecycle = lifecycle

    return add


def add_team_of_request(state: RequestState) -> Callable[[ListedRows], None]:
    """A function after which `rows.lifecycle` is a request in a state with one more team than before.

    Of each team it changes one event, which is breaking, and of which samples came from staging. It begins with two
    teams: where one analyst can give every approval, nobody else has to be named.
    """

    def add(rows: ListedRows) -> None:
        lifecycle = RequestFactory.across(teams=rows.number + 2, members=rows.members)
        for change in lifecycle.changes:
            (source,) = change.sources.all()
            ingest(source, change.name, [VALID_PAYLOAD, {"total": 1}], environment="staging", app_version="2.0.0")
        steps = (lifecycle.submit, lifecycle.approve, lifecycle.develop)
        for step in steps[: STATES_ON_THE_WAY.index(state)]:
            step()
        rows.lifecycle = lifecycle

    return add


def add_delivery_of_request(state: RequestState) -> Callable[[ListedRows], None]:
    """A function after which `rows.lifecycle` is a request in a state with one delivery more than before."""

    def add(rows: ListedRows) -> None:
        sources, document = rows.sources[: rows.number + 1], definition(f"Event {rows.number}")
        rows.lifecycle = RequestFactory.at(state, members=rows.members, sources=sources, document=document)

    return add


def add_approval(rows: ListedRows) -> None:
    """An approval of one request by another person."""
    if rows.lifecycle is None:
        add_request(RequestState.REQUESTED)(rows)
    assert rows.lifecycle is not None
    Approval.objects.create(
        request=rows.lifecycle.request,
        person=list(rows.people.values())[rows.number],
        content_hash=bytes([rows.number]) * 32,
        created_at=timezone.now(),
    )


def add_change_of_event(rows: ListedRows) -> None:
    """A request that changes one event, and traffic of it."""
    if rows.event is None:
        rows.event = EventFactory.create(sources=rows.sources, is_live=True, owner_team=rows.members.team)
    RequestFactory.requested(
        members=rows.row_members,
        event=rows.event,
        sources=rows.sources,
        document=definition(rows.event.name, description=f"In other words, {rows.number}."),
        message="Say it better.",
    )
    source = rows.sources[rows.number]
    ingest(source, rows.event.name, [VALID_PAYLOAD], app_version=f"2.{rows.number}.0")
    add_finding_of(rows, rows.event.name, source)


def add_sample(rows: ListedRows) -> None:
    """An event that arrived for one developed delivery, from another device and app version."""
    if rows.lifecycle is None:
        add_request(RequestState.DEVELOPED)(rows)
    assert rows.lifecycle is not None
    ingest(
        rows.lifecycle.sources[0],
        rows.lifecycle.change.name,
        [VALID_PAYLOAD],
        environment="staging",
        app_version=f"2.{rows.number}.0",
        person_ids=[rows.number],
    )


# Rows of traffic and quality.


def add_finding(rows: ListedRows) -> None:
    """A finding of a name and a source of its own, which somebody owns."""
    add_finding_of(rows, f"Event {rows.number}", rows.row_sources[0])


def add_finding_of(rows: ListedRows, name: str, source: Source) -> None:
    Finding.objects.create(
        source=source,
        seen_name=make_seen_name(name),
        owner=list(rows.people.values())[rows.number],
        environment="production",
        path="/properties/total",
        rule="type",
        severity="error",
        expected="number",
        came='"27.50"',
        count=3,
        app_versions={"2.4.1": 3},
        samples=[{"received_at": NOON.isoformat(), "app_version": "2.4.1", "event": {"properties": {"total": "x"}}}],
        first_seen=NOON,
        last_seen=NOON,
    )


def add_traffic(rows: ListedRows) -> None:
    """Traffic of an event of its own on a source."""
    event = EventFactory.create(sources=[rows.sources[rows.number]], is_live=True)
    ingest(rows.sources[rows.number], event.name, [VALID_PAYLOAD], app_version=f"2.{rows.number}.0")


def add_arrival(rows: ListedRows) -> None:
    """An event of the first source."""
    event = EventFactory.create(sources=rows.sources[:1], is_live=True)
    ingest(rows.sources[0], event.name, [VALID_PAYLOAD], environment="staging", app_version=f"2.{rows.number}.0")


# Rows of people, and of pages made of several lists.


def add_team(rows: ListedRows) -> None:
    """A team with people and a source."""
    SourceFactory.create(owner_team=TeamFixture.create(TeamFactory.create()).team)


def add_member(rows: ListedRows) -> None:
    """Seven more people of the first team."""
    TeamFixture.create(rows.members.team)


def add_token(rows: ListedRows) -> None:
    """One more token for everybody."""
    for user in rows.people.values():
        issue_token(user=user, name=f"Token {rows.number}", scopes=(Scope.READ,), by=user)


def add_session(rows: ListedRows) -> None:
    """One more browser of everybody."""
    for user in rows.people.values():
        Client().force_login(user)


def add_audit_entry(rows: ListedRows) -> None:
    """What each person did from a network of its own, what another did to them, and what a stranger tried."""
    origin = RequestOrigin(network=f"192.0.2.{rows.number}", session_id=rows.number + 1)
    admin = rows.people["admin"]
    if rows.is_first:  # the audit log is for those of the whole company
        Membership.objects.create(user=rows.people["analyst"], role=Role.ANALYST)
        Membership.objects.create(user=admin, role=Role.ADMIN)
    for user in rows.people.values():
        token, _plaintext = issue_token(user=user, name=f"Token {rows.number}", scopes=(Scope.READ,), by=user)
        record_audit(AuditKind.TOKEN_NETWORK, person=user, by=admin, token=token, origin=origin)
    record_audit(AuditKind.SIGN_IN_FAILED, name_tried=f"nobody-{rows.number}", origin=origin)


def add_something_of_everything(rows: ListedRows) -> None:
    """What the pages show that gather from all apps: events, properties, requests in every state, findings, names."""
    for add in (add_event, add_property, add_finding):
        add(rows)
    for state in STATES_ON_THE_WAY:
        add_request(state)(rows)
    for person in rows.people.values():
        Finding.objects.filter(pk=Finding.objects.latest("pk").pk).update(owner=person)
    ingest(rows.sources[rows.number], f"Never defined {rows.number}", [VALID_PAYLOAD], app_version="2.0.0")
