"""Bodies of JSON that nothing behind the parser could keep, or write again: refused, each at its place."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.api.parsers import MAX_DEPTH
from tests.factories.catalog import definition
from tests.factories.requests import RequestFactory, TeamFixture

pytestmark = pytest.mark.django_db
URL = "/api/v1/requests/"
DEEP = b"[" * (MAX_DEPTH - 2) + b"]" * (MAX_DEPTH - 2)


def post(api_of: Callable[..., APIClient], body: bytes, content_type: str = "application/json") -> Any:
    client = api_of(TeamFixture.create().pm)
    client.raise_request_exception = False
    return client.generic("POST", URL, body, content_type=content_type)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"title": "\\ud800"}', "#/title"),
        (b'{"title": "x", "priority": "\\udfff"}', "#/priority"),
        (b'{"title": "x", "team": "\\ud800"}', "#/team"),
        (b'{"title": "x", "changes": [{"action": "\\ud800"}]}', "#/changes/0/action"),
        (b'{"title": "x", "changes": [{"event": "\\ud800"}]}', "#/changes/0/event"),
        (b'{"\\ud800": 1}', "#"),
        (b'["\\ud800"]', "#/0"),
    ],
)
def test_half_of_a_surrogate_pair_is_no_text(api_of: Callable[..., APIClient], body: bytes, pointer: str) -> None:
    answer = post(api_of, body)
    assert answer.status_code == 400, answer.content
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, "surrogate")]


@pytest.mark.parametrize(
    "body",
    [
        b'{"title": "x", "expected_per_day": NaN}',
        b'{"title": "x", "expected_per_day": -Infinity}',
        b'{"title": "x", "expected_per_day": 1e999}',
        b'{"title": "x", "expected_per_day": ' + b"9" * 5_000 + b"}",
        b'{"title": "\xff"}',
        b'{"title": ' + b"[" * 400 + b"]" * 400 + b"}",
        b'{"title": ' * 50_000,
        b"{}}",
    ],
)
def test_what_is_no_json_of_ours_is_refused(api_of: Callable[..., APIClient], body: bytes) -> None:
    answer = post(api_of, body)
    assert answer.status_code == 400, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_pair_a_mark_and_what_is_just_not_too_deep_are_read(api_of: Callable[..., APIClient]) -> None:
    answer = post(api_of, '\ufeff{"title": "\\ud83d\\ude00"}'.encode())
    assert (answer.status_code, answer.json()["title"]) == (201, "\U0001f600")
    assert post(api_of, b'{"title": %s}' % DEEP).json()["errors"][0]["pointer"] == "#/title"


@pytest.mark.parametrize("charset", ["utf-16", "zlib", "no-such"])
def test_json_is_utf_8_whatever_the_header_says(api_of: Callable[..., APIClient], charset: str) -> None:
    assert post(api_of, b'{"title": "x"}', f"application/json; charset={charset}").status_code == 201


def test_a_damaged_replay_token_is_refused(api_of: Callable[..., APIClient]) -> None:
    lifecycle = RequestFactory.across().submit()
    client = api_of(lifecycle.members.analyst)
    client.raise_request_exception = False
    url = f"{URL}{lifecycle.request.pk}/approvals/"
    shown = client.get(f"{URL}{lifecycle.request.pk}/").json()["replay"]["token"]
    for token in (shown[:-1], shown[1:], shown.replace(":", ""), "\0" + shown, "٣:" + shown, ":::", "x" * 20_000):
        answer = client.post(url, {"evidence": {"replay": token}})
        assert answer.status_code in (400, 409), (token, answer.content)
    assert (
        client.generic("POST", url, b'{"evidence": {"replay": "\\ud800"}}', content_type="application/json").status_code
        == 400
    )


@pytest.mark.parametrize("call", [{}, [], 1, {"track": True}, None, "\0"])
def test_a_call_that_is_no_text_is_refused_or_kept_in_a_draft(api_of: Callable[..., APIClient], call: Any) -> None:
    client = api_of(TeamFixture.create().pm)
    client.raise_request_exception = False
    document = definition("Wish Made") | {"call": call}
    answer = client.post(URL, {"title": "x", "changes": [{"action": "create", "definition": document}]})
    assert answer.status_code in (201, 400), answer.content
    if answer.status_code == 201:
        moved = client.post(f"{URL}{answer.json()['id']}/transitions/", {"to": "requested"})
        assert moved.status_code in (400, 403, 409), moved.content
        assert client.get(answer.json()["url"]).status_code in (200, 302)
    assert client.post("/api/v1/events/", document).status_code in (400, 403)
