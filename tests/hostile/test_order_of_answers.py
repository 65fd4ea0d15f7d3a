"""Who may not is told that, before anything is said of what they sent: 401, then 403, then 404, 409 and 400."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Team, User
from accounts.roles import Role
from tests.factories.accounts import UserFactory, person
from tests.hostile.every_address import Address, Rows, addresses, create_rows

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]
JSON = "application/json"
BODIES = ("", "{}", "[]", '{"x":', '{"nobody_knows_this": 1}', '{"to": "nowhere", "reason": ""}', '{"to": "live"}')
FORMS: tuple[dict[str, str], ...] = ({}, {"to": "nowhere"}, {"to": "live", "environment": "moon", "exempt": "yes"})

OPEN_TO_ALL = {"check"}
"""Operations of the API that everybody may ask for."""

DRAFTED_BY_MANY = {"event-list", "request-list"}
"""What every role but the viewer may do, whatever the team."""

ACTIONS = {
    "catalog:deploy_marked",
    "catalog:deploy_removed",
    "catalog:key_created",
    "catalog:key_rotated",
    "catalog:key_revoked",
    "quality:nulls",
    "quality:exemption",
    "requests:move",
    "requests:move_delivery",
    "requests:edit",
}
"""Forms of pages about a row that belongs to a team."""


def writes() -> list[tuple[Address, str]]:
    """Every operation of the API that changes something."""
    found = [(each, method) for each in addresses() if each.is_api for method in each.methods]
    return [(each, method) for each, method in found if method not in ("get", "head", "options")]


def people() -> dict[str, User]:
    """A viewer, and a colleague of another team in each role that counts for a team."""
    other = Team.objects.create(name="Other", slug="another-team")
    roles = (Role.PM, Role.DEVELOPER, Role.QA, Role.ANALYST)
    return {"viewer": UserFactory.create(), **{str(role): person(role, team=other) for role in roles}}


@pytest.fixture
def rows(db: None) -> Rows:
    return create_rows()


def test_programs_are_told_what_they_may_not_before_what_is_wrong(
    rows: Rows, api_of: Callable[[User], APIClient]
) -> None:
    told = {}
    asked = 0
    for who, user in people().items():
        api = api_of(user)
        for address, method in writes():
            if address.name in OPEN_TO_ALL or (who != "viewer" and address.name in DRAFTED_BY_MANY):
                continue
            for body in BODIES:
                answer = api.generic(method, address.url(rows.arguments(address)), body, content_type=JSON)
                asked += 1
                if answer.status_code != 403:
                    told[who, method, address.name, body] = answer.status_code
    assert told == {}
    assert asked > 300


def test_nobody_is_told_more_than_to_sign_in(rows: Rows) -> None:
    told: dict[Any, int] = {}
    for address, method in writes():
        for body in BODIES:
            url = f"{address.url(rows.arguments(address))}?nobody_knows_this=1"
            status = APIClient().generic(method, url, body, content_type=JSON).status_code
            if status != 401:
                told[method, address.name, body] = status
    assert told == {}


def test_people_are_told_what_they_may_not_before_what_is_wrong(
    rows: Rows, client_of: Callable[[User], Client]
) -> None:
    told = {}
    forms = [each for each in addresses() if each.name in ACTIONS]
    assert {each.name for each in forms} == ACTIONS
    for who, user in people().items():
        browser = client_of(user)
        for address in forms:
            for fields in FORMS:
                status = browser.post(address.url(rows.arguments(address)), fields).status_code
                if status != 403:
                    told[who, address.name, str(fields)] = status
    assert told == {}
