"""Every list costs as many queries with five rows as with one, for everybody, through the whole stack.

The lists are found in the URLconf, so that a new one cannot be forgotten: an address is a list with a builder of rows
in `LISTS`, or it stands in `NO_LISTS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.api import authentication
from accounts.models import User
from accounts.sessions import session_store
from catalog.resolution import contract_cache
from tests.pages import listed_rows as rows_of
from tests.pages.listed_rows import MAX_ROWS, ListedRows
from tracking.requests.choices import RequestState

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True)
class ListCase:
    """An address with a list, and what gives it one more row.

    `arguments` returns what the address is made with, `query` narrows it, `roles` may open it (None: everybody may).
    Where `is_made_anew`, the last row comes with all before it, and those in between need not be made.
    """

    add_row: Callable[[ListedRows], None]
    arguments: Callable[[ListedRows], dict[str, Any]] = lambda _rows: {}
    query: str = ""
    roles: tuple[str, ...] | None = None
    is_made_anew: bool = False

    @property
    def further_numbers(self) -> range:
        """The numbers of the rows that are added to the first."""
        return range(MAX_ROWS - 1 if self.is_made_anew else 1, MAX_ROWS)


ListOfOne = partial(ListCase, is_made_anew=True)
"""A list within one thing, which is made anew with more in it."""


def event_pk(name: str = "pk") -> Callable[[ListedRows], dict[str, Any]]:
    return lambda rows: {name: rows.the_event.pk}


def event_pk_and_slug(rows: ListedRows) -> dict[str, Any]:
    return {"pk": rows.the_event.pk, "slug": rows.the_event.slug}


def request_pk(name: str = "pk") -> Callable[[ListedRows], dict[str, Any]]:
    return lambda rows: {name: rows.the_lifecycle.request.pk}


def source_slug(name: str = "slug") -> Callable[[ListedRows], dict[str, Any]]:
    return lambda rows: {name: rows.sources[0].slug}


STATES = (RequestState.REQUESTED, RequestState.REVIEWED, RequestState.DEVELOPED, RequestState.TESTED)
REQUESTS = [ListCase(rows_of.add_request(state)) for state in (RequestState.DRAFT, RequestState.REVIEWED)]
DELIVERY_STATES = (RequestState.REVIEWED, RequestState.DEVELOPED, RequestState.TESTED)

LISTS: dict[str, list[ListCase]] = {
    # Pages.
    "home:home": [ListCase(rows_of.add_something_of_everything)],
    "home:search": [ListCase(rows_of.add_something_of_everything, query="?q=event")],
    "profile": [ListCase(rows_of.add_session)],
    "tokens": [ListCase(rows_of.add_token)],
    "account_change_password": [ListCase(rows_of.add_token)],
    "audit": [
        ListCase(rows_of.add_audit_entry, roles=("analyst", "admin")),
        ListCase(rows_of.add_audit_entry, query="?q=person", roles=("analyst", "admin")),
    ],
    "teams": [ListCase(rows_of.add_team)],
    "team": [ListCase(rows_of.add_member, lambda rows: {"slug": rows.members.team.slug})],
    "catalog:events": [ListCase(rows_of.add_event), ListCase(rows_of.add_event, query="?q=event")],
    "catalog:event": [
        ListCase(rows_of.add_change_of_event, event_pk_and_slug),
        ListCase(rows_of.add_version, event_pk_and_slug),
    ],
    "catalog:properties": [ListCase(rows_of.add_property)],
    "traffic:throttled": [ListCase(rows_of.add_throttled_key)],
    "catalog:sources": [ListCase(rows_of.add_source)],
    "catalog:source": [
        ListCase(rows_of.add_deploy, source_slug()),
        ListCase(rows_of.add_arrival, source_slug()),
        ListCase(rows_of.add_throttled_key, source_slug()),
        ListCase(rows_of.add_event, source_slug()),
    ],
    "traffic:arrivals": [ListCase(rows_of.add_arrival, source_slug(), roles=("developer", "qa", "analyst", "admin"))],
    "quality:findings": [ListCase(rows_of.add_finding)],
    "requests:requests": [*REQUESTS, ListCase(rows_of.add_request(RequestState.REVIEWED), query="?waiting_on=me")],
    "requests:similar": [ListCase(rows_of.add_event, query="?name=event&change-name=event")],
    "requests:request": [
        *(ListOfOne(rows_of.add_change_of_request(state), request_pk()) for state in rows_of.STATES_ON_THE_WAY),
        *(ListOfOne(rows_of.add_delivery_of_request(state), request_pk()) for state in STATES),
        *(ListOfOne(rows_of.add_team_of_request(state), request_pk()) for state in rows_of.STATES_ON_THE_WAY),
    ],
    "requests:edit": [
        ListOfOne(rows_of.add_team_of_request(RequestState.DRAFT), request_pk(), roles=("pm",)),
        ListOfOne(rows_of.add_change_of_request(RequestState.DRAFT), request_pk(), roles=("pm",)),
    ],
    "requests:qa": [
        ListCase(rows_of.add_request(RequestState.TESTED), query="?state=tested"),
        ListCase(rows_of.add_request(RequestState.DEVELOPED), query="?waiting_on=me"),
    ],
    "requests:qa_delivery": [
        ListCase(rows_of.add_sample, lambda rows: {"pk": rows.the_lifecycle.delivery.pk}),
    ],
    # API.
    "event-list": [ListCase(rows_of.add_event), ListCase(rows_of.add_event, query="?q=event")],
    "event-detail": [ListCase(rows_of.add_change_of_event, event_pk())],
    "version-list": [ListCase(rows_of.add_version, event_pk("event_pk"))],
    "property-list": [ListCase(rows_of.add_property)],
    "category-list": [ListCase(rows_of.add_category)],
    "source-list": [ListCase(rows_of.add_source)],
    "deploy-list": [ListCase(rows_of.add_deploy, source_slug("source_slug"))],
    "traffic-list": [ListCase(rows_of.add_traffic)],
    "finding-list": [ListCase(rows_of.add_finding)],
    "request-list": REQUESTS,
    "request-detail": [
        *(ListOfOne(rows_of.add_change_of_request(state), request_pk()) for state in rows_of.STATES_ON_THE_WAY),
        *(ListOfOne(rows_of.add_delivery_of_request(state), request_pk()) for state in STATES),
        *(ListOfOne(rows_of.add_team_of_request(state), request_pk()) for state in rows_of.STATES_ON_THE_WAY),
    ],
    "approval-list": [
        ListCase(rows_of.add_approval, request_pk("request_pk")),
        ListOfOne(rows_of.add_team_of_request(RequestState.REVIEWED), request_pk("request_pk")),
    ],
    "delivery-list": [ListCase(rows_of.add_request(state)) for state in DELIVERY_STATES],
}
"""The cases of each address that lists something, by its name in the URLconf."""

NO_LISTS = {
    *("account_login", "account_logout", "account_set_password", "account_inactive"),
    *("token-revoke", "session-end", "sessions-end-others", "home:style", "home:favicon", "api-docs", "schema"),
    *("traffic:healthz", "traffic:readyz", "traffic:figures", "traffic:test_event", "traffic:collector", "check"),
    *("catalog:comparison", "catalog:property", "catalog:source_new", "catalog:deploy_marked", "catalog:key_created"),
    *("catalog:deploy_removed", "deploy-detail", "event-profile"),
    *("catalog:key_rotated", "catalog:key_revoked", "quality:finding", "quality:move", "quality:nulls"),
    *("quality:exemption", "catalog:exemption_ended"),
    *("requests:new", "requests:propose", "requests:move", "requests:move_delivery", "requests:library"),
    *("version-detail", "property-detail", "category-detail", "source-detail", "source-rotate-key"),
    *("source-null-handling", "finding-null-handling", "finding-exemption", "company_policy"),
    *("finding-detail", "finding-transitions", "request-transitions", "delivery-detail", "delivery-transitions"),
    # The tour shows two apps and one event, however many there are; its own tests bound it.
    *("tour:start", "tour:enter", "tour:view", "tour:act", "tour:become", "tour:shop"),
}
"""Addresses that show one thing, take a step or a body, or answer a form."""

ADMIN = "admin:"  # its lists have a test of their own in tests/catalog/test_admin.py
CASES = [
    pytest.param(name, case, id=f"{name}-{number}")
    for name, cases in LISTS.items()
    for number, case in enumerate(cases)
]


@pytest.fixture(autouse=True)
def uses_noted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions and tokens note their use once, and not again minutes later, which pass on a slow machine."""
    monkeypatch.setattr(session_store, "LAST_SEEN_INTERVAL", timedelta(days=1))
    monkeypatch.setattr(authentication, "LAST_USED_INTERVAL", timedelta(days=1))


def url_names(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[str]:
    """Yield the names of all addresses, with their namespaces."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from url_names(pattern.url_patterns, inner)
        elif pattern.name is not None:
            yield f"{namespace}{pattern.name}"


def test_every_address_is_a_list_with_a_builder_of_rows_or_is_known_to_be_none() -> None:
    names = {name for name in url_names(get_resolver().url_patterns) if not name.startswith(ADMIN)}
    unknown = sorted(names - set(LISTS) - NO_LISTS)
    assert not unknown, (
        f"{', '.join(unknown)}: new in the URLconf. If it lists something, add to LISTS a case whose `add_row` gives "
        "it one more row (tests/pages/listed_rows.py), so that its queries are counted; if not, add it to NO_LISTS."
    )
    gone = sorted((set(LISTS) | NO_LISTS) - names)
    assert not gone, f"{', '.join(gone)}: no longer in the URLconf. Take it out of LISTS or NO_LISTS."


@pytest.mark.parametrize(("name", "case"), CASES)
def test_five_rows_cost_no_more_queries_than_one(
    name: str, case: ListCase, stranger: User, client_of: Callable[..., Client], api_of: Callable[..., Client]
) -> None:
    rows = ListedRows.create(stranger)
    signed_in = api_of if is_api(name) else client_of
    browsers = {role: signed_in(user) for role, user in rows.people.items() if case.roles is None or role in case.roles}
    case.add_row(rows)
    with_one = {role: queries(browser, address(name, case, rows)) for role, browser in browsers.items()}
    for rows.number in case.further_numbers:
        case.add_row(rows)
    with_five = {role: queries(browser, address(name, case, rows)) for role, browser in browsers.items()}
    for role, one in with_one.items():
        assert len(with_five[role]) <= len(one), (
            f"{name}{case.query} asks the database {len(one)} times for one row and {len(with_five[role])} times for "
            f"{MAX_ROWS}, for the role {role}. Asked oftener:\n" + "\n".join(repeated(one, with_five[role]))
        )


def address(name: str, case: ListCase, rows: ListedRows) -> str:
    return reverse(name, kwargs=case.arguments(rows)) + case.query


def is_api(name: str) -> bool:
    return ":" not in name and name.endswith(("-list", "-detail"))


def queries(browser: Client, url: str) -> list[str]:
    """Return the statements of one answer; what a process reads once (rights of a person, sessions) is read before."""
    assert browser.get(url).status_code == 200, url
    contract_cache._compile_cached.cache_clear()  # else rows of the last answer would be free in this one
    with CaptureQueriesContext(connection) as captured:
        browser.get(url)
    return [query["sql"] for query in captured.captured_queries]


def repeated(before: list[str], after: list[str]) -> list[str]:
    """Return the statements that are asked oftener, values left out, for whoever reads the failure."""

    def shapes(statements: list[str]) -> dict[str, int]:
        counts: dict[str, int] = {}
        for statement in statements:
            shape = re.sub(r"IN \([^)]*\)", "IN (…)", re.sub(r"\b\d+\b|'[^']*'", "?", statement))[-300:]
            counts[shape] = counts.get(shape, 0) + 1
        return counts

    known = shapes(before)
    return [
        f"{known.get(shape, 0)} → {count}: {shape}"
        for shape, count in shapes(after).items()
        if count > known.get(shape, 0)
    ]
