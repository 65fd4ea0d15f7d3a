"""The API's manners: tokens, problem details, cursor pages."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import ApiToken
from accounts.roles import Role, Scope
from accounts.services import deactivate, issue_token, revoke_token
from tests.factories.accounts import TeamFactory, UserFactory, admin, person

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.sample_api")]

ASK = {"title": "Wishlist", "changes": [{"action": "create", "sources": ["web"]}]}


def bearer(plain):
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {plain}")
    return client


@pytest.fixture
def reader(stranger):
    return bearer(issue_token(user=stranger, name="reader", scopes=[Scope.READ], by=stranger)[1])


def problem_of(response, status):
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body.keys() >= {"type", "title", "status", "detail", "errors"}
    assert body["status"] == status
    return body


def test_a_token_signs_in_and_its_use_is_noted_once_a_minute(reader, django_assert_num_queries):
    assert reader.get("/api/v1/teams/").status_code == 200
    assert ApiToken.objects.filter(last_used_at__gt=timezone.now() - timedelta(minutes=1)).exists()
    with django_assert_num_queries(2):  # the token with its person, and the page
        reader.get("/api/v1/teams/")
    long_ago = timezone.now() - timedelta(minutes=2)
    ApiToken.objects.update(last_used_at=long_ago)
    reader.get("/api/v1/teams/")
    assert ApiToken.objects.filter(last_used_at__gt=long_ago).exists()


def test_nobody_is_asked_to_show_a_token():
    response = APIClient().get("/api/v1/teams/")
    assert "Authorization: Bearer" in problem_of(response, 401)["detail"]
    assert response["WWW-Authenticate"] == 'Bearer realm="signalbook"'


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer sb_wrong", "bearer sb_\xff", "Bearer a b c"])
def test_an_unknown_token_is_refused(header):
    response = APIClient().get("/api/v1/teams/", HTTP_AUTHORIZATION=header)
    assert "unknown" in problem_of(response, 401)["detail"]
    assert "WWW-Authenticate" in response


def test_a_revoked_token_is_refused_at_once(reader, stranger):
    revoke_token(ApiToken.objects.get(), by=stranger)
    assert "revoked" in problem_of(reader.get("/api/v1/teams/"), 401)["detail"]


def test_an_expired_token_is_refused(reader):
    ApiToken.objects.update(expires_at=timezone.now())
    assert "expired" in problem_of(reader.get("/api/v1/teams/"), 401)["detail"]


def test_deactivation_ends_tokens_and_sessions_at_once(reader, stranger, client_of):
    browser = client_of(stranger)
    assert browser.get("/api/v1/teams/").status_code == 200
    deactivate(stranger, by=admin())
    problem_of(reader.get("/api/v1/teams/"), 401)
    problem_of(browser.get("/api/v1/teams/"), 401)


def test_the_token_of_an_inactive_person_is_refused(reader, stranger):
    type(stranger).objects.update(is_active=False)
    assert "deactivated" in problem_of(reader.get("/api/v1/teams/"), 401)["detail"]


def test_reading_needs_the_scope_to_read(stranger):
    client = bearer(issue_token(user=stranger, name="x", scopes=[Scope.CHECK], by=stranger)[1])
    body = problem_of(client.get("/api/v1/teams/"), 403)
    assert "lacks the scope “read”" in body["detail"]
    assert body["missing_roles"] == []


@pytest.mark.parametrize(
    ("role", "scopes", "status"),
    [
        (Role.PM, [Scope.REQUESTS], 201),
        (Role.PM, [Scope.READ, Scope.TRANSITIONS], 403),
        (Role.QA, [Scope.REQUESTS], 403),
        (Role.VIEWER, list(Scope), 403),
    ],
)
def test_writing_needs_the_role_and_the_scope(role, scopes, status):
    user = person(role)
    client = bearer(issue_token(user=user, name="x", scopes=scopes, by=user)[1])
    assert client.post("/api/v1/ask/", ASK).status_code == status


def test_a_refusal_names_the_missing_roles(api_of, stranger):
    body = problem_of(api_of(stranger).post("/api/v1/ask/", ASK), 403)
    assert body["type"] == "urn:problem-type:signalbook:forbidden"
    assert body["missing_roles"] == ["pm", "developer", "analyst"]


def test_a_session_that_writes_needs_the_csrf_token(stranger):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(stranger, "django.contrib.auth.backends.ModelBackend")
    assert "CSRF" in problem_of(client.post("/api/v1/ask/", ASK), 403)["detail"]


def test_errors_point_into_the_body(api_of):
    body = {
        "title": "",
        "changes": [{"action": "create", "sources": ["web"]}, {"action": "burn", "sources": ["a/b", 7]}],
    }
    answer = problem_of(api_of(person(Role.PM)).post("/api/v1/ask/", body), 400)
    assert [(error["pointer"], error["code"]) for error in answer["errors"]] == [
        ("#/title", "blank"),
        ("#/changes/1/action", "invalid_choice"),
        ("#/changes/1/sources/0", "invalid"),
    ]
    assert answer["detail"] == "3 values are not right."
    assert answer["type"] == "urn:problem-type:signalbook:invalid"


def test_errors_of_a_query_name_its_parameter(reader):
    body = problem_of(reader.get("/api/v1/fail/validation/"), 400)
    assert body["errors"] == [{"parameter": "since", "code": "invalid", "detail": "Not a date."}]


def test_a_conflict_carries_what_is_unmet(reader):
    body = problem_of(reader.get("/api/v1/fail/unmet/"), 409)
    assert body["unmet"] == [
        {"code": "stale", "detail": "Lin changed it."},
        {"code": "warning", "detail": "A warning is open."},
    ]
    assert body["detail"] == "Lin changed it. A warning is open."


def test_throttles_say_when_to_come_back(reader):
    response = reader.get("/api/v1/fail/throttled/")
    problem_of(response, 429)
    assert response["Retry-After"] == "8"


def test_missing_things_and_missing_addresses(reader):
    problem_of(reader.get("/api/v1/fail/missing/"), 404)
    problem_of(reader.get("/api/v1/nothing/here/"), 404)
    problem_of(Client().get("/api/nothing"), 404)


def test_our_own_errors_tell_nothing_of_the_inside(reader):
    body = problem_of(reader.get("/api/v1/fail/crash/"), 500)
    assert "secret" not in str(body)


def test_wrong_methods_types_and_bodies(api_of):
    client = api_of(person(Role.PM))
    response = client.delete("/api/v1/ask/")
    problem_of(response, 405)
    assert response["Allow"] == "POST, OPTIONS"
    problem_of(client.post("/api/v1/ask/", "title=x", content_type="application/x-www-form-urlencoded"), 415)
    problem_of(client.get("/api/v1/teams/", HTTP_ACCEPT="text/csv"), 406)
    for body in ("{", "", b"\xff\xfe", '{"title": NaN}', "[" * 100_000):
        problem_of(client.post("/api/v1/ask/", body, content_type="application/json"), 400)


def test_a_body_over_the_limit_is_refused(api_of, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    client = api_of(person(Role.PM))
    body = problem_of(client.post("/api/v1/ask/", ASK | {"title": "x" * 100}), 413)
    assert "Send less" in body["detail"]


def test_cursor_pages_are_whole_while_rows_come(reader, django_assert_num_queries):
    for number in range(5):
        TeamFactory.create(name=f"Team {number}")
    first = reader.get("/api/v1/teams/?page_size=2").json()
    TeamFactory.create(name="Team 9")
    names = [team["name"] for team in first["results"]]
    page = first
    while page["next"]:
        page = reader.get(page["next"]).json()
        names += [team["name"] for team in page["results"]]
    assert names == ["Team 4", "Team 3", "Team 2", "Team 1", "Team 0"]
    assert first.keys() == {"results", "next", "previous"}
    assert first["previous"] is None
    assert reader.get(page["previous"]).json()["results"][0]["name"] == "Team 2"


def test_page_sizes_have_a_bound(reader):
    TeamFactory.create_batch(201)
    assert len(reader.get("/api/v1/teams/?page_size=100000").json()["results"]) == 200
    assert reader.get("/api/v1/teams/?page_size=-1").status_code == 400
    assert len(reader.get("/api/v1/teams/").json()["results"]) == 50
    problem_of(reader.get("/api/v1/teams/?cursor=garbage"), 400)


def test_no_answer_lets_other_hosts_read_it(reader, client_of, stranger):
    origin = {"HTTP_ORIGIN": "https://elsewhere.example"}
    for response in (reader.get("/api/v1/teams/", **origin), reader.options("/api/v1/teams/", **origin)):
        assert not [name for name in response.headers if name.lower().startswith("access-control-")]


def test_every_answer_carries_its_request_id(reader):
    assert len(reader.get("/api/v1/teams/")["X-Request-ID"]) == 32
    assert reader.get("/api/v1/teams/", HTTP_X_REQUEST_ID="from-the-proxy-1")["X-Request-ID"] == "from-the-proxy-1"
    hostile = reader.get("/api/v1/teams/", HTTP_X_REQUEST_ID="a\u001b[31m b; c")["X-Request-ID"]
    assert len(hostile) == 32


def test_the_description_of_the_api_has_no_warning(client_of, capsys):
    schema = client_of(UserFactory.create()).get("/api/schema/?format=json")
    assert schema.status_code == 200
    assert schema.json()["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert "Warning" not in capsys.readouterr().err


def test_the_description_is_not_public():
    problem_of(APIClient().get("/api/schema/"), 401)
    assert Client().get("/api/docs/")["Location"] == "/accounts/login/?next=/api/docs/"


@pytest.mark.parametrize("path", ["/api/v1/check", "/api/v1/requests", "/api/v1/findings/999/transitions"])
def test_a_post_without_the_last_slash_keeps_its_body(api_of, path):
    api = api_of(person())
    answers = [api.post(address, {"no": "such"}, format="json") for address in (path, f"{path}/")]
    assert answers[0].status_code == answers[1].status_code != 301
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize("path", ["/api/v1/events", "/api/v1/sources?page_size=1"])
def test_a_list_answers_without_the_last_slash_too(api_of, path):
    assert api_of(person()).get(path).status_code == 200
