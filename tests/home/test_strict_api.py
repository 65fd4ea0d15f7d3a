"""Every address of the API refuses what it does not know: query parameters, and members of a body at any depth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from rest_framework import serializers
from rest_framework.test import APIClient

from accounts.api.strict_serializers import StrictMembersMixin
from accounts.models import Membership
from accounts.roles import COMPANY_ROLES, Role
from catalog.models import Event
from catalog.services.deploys import mark_deploy
from tests.factories.accounts import UserFactory
from tests.factories.catalog import CategoryFactory, PropertyFactory, definition, publish_next_version
from tests.factories.requests import RequestFactory, TeamFixture
from tests.quality.evaluated_batches import make_seen_name
from tracking.quality.models import Finding
from tracking.requests.api.serializers import RequestCreateSerializer, TransitionSerializer
from tracking.requests.models import Request
from tracking.traffic.api.serializers import CheckSerializer

pytestmark = pytest.mark.django_db
UNKNOWN = "nobody_knows_this"
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Route:
    """One address of the API and what it is asked by."""

    name: str
    methods: tuple[str, ...]
    view: Any


def routes() -> list[Route]:
    """Every address below `/api/v1/`."""

    def walk(resolver: URLResolver, prefix: str = "") -> Iterator[Route]:
        for entry in resolver.url_patterns:
            address = prefix + str(entry.pattern)
            if isinstance(entry, URLResolver):
                yield from walk(entry, address)
            elif isinstance(entry, URLPattern) and address.startswith("api/v1/"):
                view = getattr(entry.callback, "cls", None) or entry.callback.view_class  # type: ignore[attr-defined]
                actions = getattr(entry.callback, "actions", None) or {m: m for m in METHODS if hasattr(view, m)}
                yield Route(str(entry.name), tuple(actions), view)

    return list(walk(get_resolver()))


ROUTES = routes()
READS = [(route.name, "get") for route in ROUTES if "get" in route.methods]
WRITES = [(route.name, method) for route in ROUTES for method in route.methods if method != "get"]


@pytest.fixture
def api(api_of: Callable[..., APIClient], everything: dict[str, dict[str, Any]]) -> APIClient:
    """A program of somebody who may do everything."""
    user = UserFactory.create()
    for role in COMPANY_ROLES:
        Membership.objects.create(user=user, role=role)
    for role in (Role.PM, Role.DEVELOPER):
        Membership.objects.create(user=user, role=role, team=everything["team"]["team"])
    Request.objects.filter(pk=everything["request-detail"]["pk"]).update(owner=user)
    return api_of(user)


@pytest.fixture
def everything(db: None) -> dict[str, dict[str, Any]]:
    """The arguments of every address, with a row behind each."""
    members = TeamFixture.create()
    live = RequestFactory.live(members=members)
    source = live.delivery.source
    marker = mark_deploy(source, environment="staging", version="2.0.0", by=members.developer)
    finding = Finding.objects.create(
        source=source,
        environment="production",
        seen_name=make_seen_name("Order Completed"),
        path="/properties/total",
        rule="type",
        severity="error",
        count=1,
        first_seen=live.request.created_at,
        last_seen=live.request.created_at,
    )
    version = live.event.newest_version
    assert version is not None
    return {
        "team": {"team": members.team},
        "event-detail": {"pk": live.event.pk},
        "event-profile": {"event_pk": live.event.pk},
        "version-list": {"event_pk": live.event.pk},
        "version-detail": {"event_pk": live.event.pk, "number": str(version.number)},
        "property-detail": {"pk": PropertyFactory.create().pk},
        "category-detail": {"slug": CategoryFactory.create().slug},
        "source-detail": {"slug": source.slug},
        "source-null-handling": {"slug": source.slug},
        "source-rotate-key": {"slug": source.slug, "environment": "staging"},
        "deploy-list": {"source_slug": source.slug},
        "deploy-detail": {"source_slug": source.slug, "pk": marker.pk},
        "finding-detail": {"pk": finding.pk},
        "finding-transitions": {"pk": finding.pk},
        "finding-null-handling": {"pk": finding.pk},
        "finding-exemption": {"pk": finding.pk},
        "request-detail": {"pk": live.request.pk},
        "request-transitions": {"pk": live.request.pk},
        "approval-list": {"request_pk": live.request.pk},
        "delivery-detail": {"pk": live.delivery.pk},
        "delivery-transitions": {"pk": live.delivery.pk},
    }


def test_the_addresses_are_found() -> None:
    assert len(ROUTES) > 18
    assert ("check", "post") in WRITES and ("request-detail", "patch") in WRITES
    assert ("traffic-list", "get") in READS and ("approval-list", "get") in READS


@pytest.mark.parametrize(("name", "method"), READS + WRITES)
def test_an_unknown_parameter_is_400_everywhere(
    api: APIClient, everything: dict[str, Any], name: str, method: str
) -> None:
    url = f"{reverse(name, kwargs=everything.get(name))}?{UNKNOWN}=1"
    answer = api.get(url) if method == "get" else getattr(api, method)(url, {})
    assert answer.status_code == 400, answer.content
    assert [error["parameter"] for error in answer.json()["errors"]] == [UNKNOWN]
    assert answer.json()["errors"][0]["code"] == "unknown"


@pytest.mark.parametrize(
    "query", ["traffic/?source=a&source=b", "findings/?name=a&name=a", "events/?cursor=a&cursor=b"]
)
def test_a_second_value_that_would_not_count_is_refused(api: APIClient, query: str) -> None:
    answer = api.get(f"/api/v1/{query}")
    assert answer.status_code == 400
    assert [error["code"] for error in answer.json()["errors"]] == ["repeated"]


@pytest.mark.parametrize(
    "query", ["findings/?state=open&state=resolved", "events/?status=live&status=planned&page_size=5"]
)
def test_filters_of_several_values_take_several(api: APIClient, query: str) -> None:
    assert api.get(f"/api/v1/{query}").status_code == 200


@pytest.mark.parametrize("name", [name for name, _ in READS if name.endswith("-list")])
@pytest.mark.parametrize("value", ["", "  "])
def test_a_filter_without_a_value_is_refused_on_every_list(
    api: APIClient, everything: dict[str, Any], name: str, value: str
) -> None:
    view = next(route.view for route in ROUTES if route.name == name)
    for parameter in view.filterset_class.base_filters:
        answer = api.get(reverse(name, kwargs=everything.get(name)), {parameter: value})
        if parameter == "q":
            assert answer.status_code == 200
            continue
        assert answer.status_code == 400, parameter
        told = [(error["parameter"], error["code"]) for error in answer.json()["errors"]]
        assert told == [(parameter, "blank")]


@pytest.mark.parametrize(("name", "method"), READS)
def test_without_it_every_address_answers(api: APIClient, everything: dict[str, Any], name: str, method: str) -> None:
    answer = api.get(f"{reverse(name, kwargs=everything.get(name))}?format=json")
    assert answer.status_code == 200, answer.content


@pytest.mark.parametrize("name", [name for name, _ in READS if name.endswith("-list")])
def test_every_filter_and_every_page_parameter_is_known(api: APIClient, everything: dict[str, Any], name: str) -> None:
    view = next(route.view for route in ROUTES if route.name == name)
    assert view.filterset_class.base_filters, f"{name} has no filters."
    for parameter in (*view.filterset_class.base_filters, "cursor", "page_size"):
        answer = api.get(reverse(name, kwargs=everything.get(name)), {parameter: ""})
        assert answer.status_code == 200 or "unknown" not in {error["code"] for error in answer.json()["errors"]}


@pytest.mark.parametrize(("name", "method"), WRITES)
def test_an_unknown_member_of_a_body_is_400_everywhere(
    api: APIClient, everything: dict[str, Any], name: str, method: str
) -> None:
    answer = getattr(api, method)(reverse(name, kwargs=everything.get(name)), {UNKNOWN: 1, "a second": 2})
    assert answer.status_code == 400, answer.content
    codes = {error["pointer"]: error["code"] for error in answer.json()["errors"]}
    assert codes[f"#/{UNKNOWN}"] == codes["#/a second"] == "unknown"


def strict_serializers(root: Any) -> set[Any]:
    return {root}.union(*(strict_serializers(inner) for inner in root.__subclasses__()))


def test_what_lies_inside_a_strict_body_is_strict_too() -> None:
    checked = 0
    for serializer in strict_serializers(StrictMembersMixin):
        for name, field in serializer().get_fields().items():
            inner: Any = getattr(field, "child", field)
            if isinstance(inner, serializers.BaseSerializer) and not field.read_only:
                checked += 1
                assert isinstance(inner, StrictMembersMixin), f"{serializer.__name__}.{name}"
    assert checked >= 4


def refusals(serializer: serializers.Serializer[Any]) -> dict[str, Any]:
    serializer.is_valid()
    return dict(serializer.errors)


def test_the_nearest_right_name_is_told() -> None:
    errors = refusals(RequestCreateSerializer(data={"title": "x", "Expected-Per-Day": 3, "zzz": 1}))
    assert "Did you mean “expected_per_day”?" in errors["Expected-Per-Day"][0]
    assert "There are: " in errors["zzz"][0] and "review_by" in errors["zzz"][0]


def test_a_member_that_no_body_of_this_kind_holds_is_led_to_its_place() -> None:
    errors = refusals(CheckSerializer(data={"source": "x", "events": [{}], "app_version": "2.5.0 (421)"}))
    assert "Each event says its app version" in errors["app_version"][0]


def test_a_member_that_belongs_inside_another_says_so() -> None:
    errors = refusals(TransitionSerializer(data={"to": "reviewed", "replay": "token"}))
    assert "“replay” belongs into “evidence”." in errors["replay"][0]
    assert (
        "“replay” belongs into “evidence”." in refusals(TransitionSerializer(data={"to": "x", "reply": 1}))["reply"][0]
    )


def test_a_member_that_belongs_outside_says_so_at_its_place() -> None:
    errors = refusals(TransitionSerializer(data={"to": "reviewed", "evidence": {"replay": "t", "comment": "c"}}))
    assert "“comment” belongs beside “evidence”" in errors["evidence"]["comment"][0]
    changes = [{"action": "retire", "event": None}, {"action": "retire", "title": "x", "sourcs": []}]
    errors = refusals(RequestCreateSerializer(data={"title": "x", "changes": changes}))
    assert "“title” belongs beside “changes”" in errors["changes"][1]["title"][0]
    assert "Did you mean “sources”?" in errors["changes"][1]["sourcs"][0]


def test_a_member_of_a_definition_that_is_none_is_refused_unless_the_event_has_it(
    api: APIClient, everything: dict[str, Any]
) -> None:
    event_id = everything["event-detail"]["pk"]
    written = definition("Wish Made", shema={}, trigger="now")

    def ask(**change: Any) -> Any:
        fine = {"action": "create", "definition": definition("Other Wish")}
        return api.post("/api/v1/requests/", {"title": "x", "changes": [fine, change]})

    answer = ask(action="create", definition=written)
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("#/changes/1/definition/shema", "unknown")
    assert "Did you mean “schema”?" in error["detail"]
    current = api.get(f"/api/v1/events/{event_id}/").json()["definition"]
    assert ask(action="update", event=event_id, definition=current | {"vendor_note": "x"}).status_code == 400
    # As imports of former times left it.
    event = Event.objects.get(pk=event_id)
    publish_next_version(event, current | {"vendor_note": "x"})
    changed = current | {"vendor_note": "y", "description": "Other words."}
    assert ask(action="update", event=event_id, definition=changed).status_code == 201


def test_a_member_of_a_change_that_stands_in_its_definition_is_told_its_place() -> None:
    change = {"action": "create", "definition": definition("Wish Made", sources=["web"], name_reason="x", tier=1)}

    errors = refusals(RequestCreateSerializer(data={"title": "x", "changes": [change]}))["changes"][0]["definition"]

    for name in ("sources", "name_reason"):
        assert errors[name][0] == (
            f"There is no member “{name}” here. “{name}” belongs beside “definition”, not into it."
        )
    assert "belongs" not in errors["tier"][0]


def test_what_is_wrong_with_a_definition_is_told_where_it_stands_in_the_body(
    api: APIClient, everything: dict[str, Any]
) -> None:
    schema = {
        "sku": {"type": "string"},
        "properties": {"a/b": {"maxlength": 3}, "c": {"type": "integer", "minimum": 5, "maximum": 1, "min": 2}},
    }
    written = definition("Wish Made", schema={"type": "object"} | schema)
    places = {"/schema/sku", "/schema/properties/a~1b/maxlength", "/schema/properties/c", "/schema/properties/c/min"}

    alone = api.post("/api/v1/events/", written).json()["errors"]
    changes = [
        {"action": "create", "definition": definition("Other Wish")},
        {"action": "create", "definition": written},
    ]
    within = api.post("/api/v1/requests/", {"title": "x", "changes": changes}).json()["errors"]

    assert {error["pointer"] for error in alone} == {f"#{place}" for place in places}
    assert {error["pointer"] for error in within} == {f"#/changes/1/definition{place}" for place in places}
    assert all(error["detail"].startswith(f"{error['pointer'].removeprefix('#')}: ") for error in alone)
    problem = definition("Wish Made", schema={"type": "object", "properties": {"p": {"type": "text"}}})
    [error] = api.post("/api/v1/events/", problem).json()["errors"]
    assert error["pointer"] == "#/schema/properties/p/type"


def test_what_is_only_read_cannot_be_sent(api: APIClient, everything: dict[str, Any]) -> None:
    url = reverse("deploy-list", kwargs=everything["deploy-list"])
    answer = api.post(url, {"environment": "staging", "version": "3.0.0", "created_by": "somebody", "id": 7})
    assert {error["pointer"]: error["code"] for error in answer.json()["errors"]} == {
        "#/created_by": "read_only",
        "#/id": "read_only",
    }


def test_a_thousand_unknown_members_are_told_in_part(api: APIClient) -> None:
    answer = api.post("/api/v1/requests/", {f"member {number}": 1 for number in range(1_000)})
    assert answer.status_code == 400
    assert len(answer.json()["errors"]) <= 21
