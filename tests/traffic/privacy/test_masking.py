"""Masks: what may be stored of an event, where, and by whose word."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from catalog import choices
from catalog.choices import VersionFrom
from catalog.contract import Event, Severity, ValidationResult, Verdict, Violation
from catalog.contract.json.pointers import format_pointer
from catalog.models import Source, WriteKey
from tests.factories.catalog import EventFactory, PropertyFactory, SourceFactory, create_write_key, definition
from tests.factories.requests import VALID_PAYLOAD, RequestFactory, TeamFixture
from tests.factories.traffic import post_batch, process_inbox, track_call
from tracking.traffic.models import Sample
from tracking.traffic.privacy import masking
from tracking.traffic.privacy.masking import mask_event, mask_result

PERSONAL = {
    "email": "jane@example.com",
    "note": "call me at jane@example.com",
    "contact": "+49 (151) 2345-6789",
    "payment": "4111 1111 1111 1111",
    "header": "Bearer abcdef0123456789",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
    "address_of": "203.0.113.7",
    "userPhone": 491512345678,
    "access_token": "abc",
}
PLAIN = {
    "order_id": "50314b8e9bcf000000000000",
    "total": 27.5,
    "currency": "USD",
    "placed_at": "2024-01-02T03:04:05.678Z",
    "date": "2024-01-02",
    "name": "Monopoly: 3rd Edition",
    "is_first": True,
    "mobile": False,
    "none": None,
    "empty": "",
    "items": [{"sku": "45790-32", "quantity": 1}],
    "build": 1732442400123,
    "version": "10.0.1",
}


def masked(properties: dict[str, Any], *, is_production: bool = False, **declared: str) -> dict[str, Any]:
    """The properties as they may be stored."""
    event = Event(call="track", event="Order Completed", properties=properties)
    paths = {f"/properties/{name}": word for name, word in declared.items()}
    stored: dict[str, Any] = mask_event(event, is_production=is_production, sensitivity_by_path=paths).event[
        "properties"
    ]
    return stored


@pytest.mark.parametrize("name", PERSONAL)
def test_what_looks_personal_or_secret_is_hidden_everywhere(name: str) -> None:
    event = Event(call="track", properties={name: PERSONAL[name]})
    for is_production in (True, False):
        found = mask_event(event, is_production=is_production, sensitivity_by_path={})
        assert found.event["properties"][name] != PERSONAL[name]
        assert type(found.event["properties"][name]) is type(PERSONAL[name])
        assert found.paths == (f"/properties/{name}",)


def test_a_word_that_is_stricter_than_secret_hides_as_much_as_secret_does(monkeypatch: pytest.MonkeyPatch) -> None:
    row = '    SECRET = "secret", True, "shield-lock", "bad", "Secret"\n'
    source = Path(choices.__file__).read_text(encoding="utf-8")
    assert source.count(row) == 1
    later = ModuleType("choices_of_a_later_release")
    exec(source.replace(row, row + row.replace("SECRET", "SEALED").replace("secret", "sealed")), vars(later))
    monkeypatch.setattr(masking, "Sensitivity", later.Sensitivity)
    values = {"coupon": "quokka", "inside": {"note": "quokka"}, "note": "quokka"}
    assert masked(values, coupon="sealed", inside="sealed", note="personal") == {
        "coupon": masking.HIDDEN,
        "inside": {"xxxx": masking.HIDDEN},
        "note": "xxxxxx",
    }


def test_a_text_that_is_too_long_to_inspect_is_hidden() -> None:
    assert "jane" not in masked({"note": "jane@example.com wrote: " + "so " * 1_000})["note"]


def test_what_does_not_is_shown_outside_production() -> None:
    assert masked(PLAIN) == PLAIN


def test_what_only_looks_personal_is_shown_outside_production() -> None:
    shown = {
        "app_version": "1.4.0.12",  # no IP address, as its key says
        "session": "47223179-9330-4259-b66c-f2db26efb20c",  # its first digits are those of a card
        "picture": "logo@2x.png",
        "release": "my-app@2.5.0",
        "order_number": "0000123456",
    }
    assert masked(shown) == shown
    assert masked({"server": "1.4.0.12", "app_version": "anna@example.org"}) == {
        "server": "0.0.0.00",
        "app_version": "xxxx@xxxxxxx.xxx",
    }


def test_in_production_every_value_keeps_its_type_and_shape_alone() -> None:
    assert masked(PLAIN, is_production=True) == {
        "order_id": "00000x0x0xxx000000000000",
        "total": 0.0,
        "currency": "XXX",
        "placed_at": "0000-00-00X00:00:00.000X",
        "date": "0000-00-00",
        "name": "Xxxxxxxx: 0xx Xxxxxxx",
        "is_first": False,
        "mobile": False,
        "none": None,
        "empty": "",
        "items": [{"sku": "00000-00", "quantity": 0}],
        "build": 0,
        "version": "00.0.0",
    }


def test_declared_not_sensitive_is_shown_in_production_too() -> None:
    properties = {"currency": "USD", "total": 5, "items": [{"sku": "a1"}]}
    assert masked(properties, is_production=True, currency="none", items="none") == {**properties, "total": 0}
    assert masked({"items": [{"sku": "a1", "owner": "Jane"}]}, is_production=True, **{"items/*/sku": "none"}) == {
        "items": [{"sku": "a1", "owner": "Xxxx"}]
    }


@pytest.mark.parametrize("value", [{"*": "Jane"}, {"0": "Jane"}, {"*": {"first": "Jane"}}, {"?": ["Jane"]}, "Jane"])
def test_what_is_declared_of_items_shows_nothing_that_comes_instead_of_an_array(value: Any) -> None:
    declared = {"tags/*": "none"}
    assert "Jane" not in str(masked({"tags": value}, is_production=True, **declared))
    assert masked({"tags": ["red"]}, is_production=True, **declared) == {"tags": ["red"]}


def test_a_key_that_is_written_as_an_index_can_still_be_hidden() -> None:
    assert masked({"map": {"*": "Jane", "a": "b"}}, **{"map/*": "personal"}) == {"map": {"*": "Xxxx", "a": "b"}}


def test_declared_sensitive_is_hidden_outside_production_too() -> None:
    assert masked({"nickname": "Jane", "code": "abc"}, nickname="personal", code="secret") == {
        "nickname": "Xxxx",
        "code": "(hidden)",
    }


def test_ids_stay_apart_without_being_told() -> None:
    def ids(user: Any) -> Any:
        return mask_event(Event(call="track", user_id=user), is_production=True, sensitivity_by_path={}).event[
            "user_id"
        ]

    assert ids("u-1").startswith("id-")
    assert "u-1" not in ids("u-1")
    assert ids("u-1") == ids("u-1") != ids("u-2")
    assert ids(5) == ids("5")
    assert (
        mask_event(Event(call="track", user_id="u-1"), is_production=False, sensitivity_by_path={}).event["user_id"]
        == "u-1"
    )
    hidden = mask_event(Event(call="track", user_id="jane@example.com"), is_production=False, sensitivity_by_path={})
    assert hidden.event["user_id"].startswith("id-")


@pytest.mark.parametrize("is_production", [True, False])
@pytest.mark.parametrize(
    "value", [{"mail": "anna@example.org"}, ["anna@example.org"], {"anna@example.org": 1}, [[{"password": "anna"}]]]
)
@pytest.mark.parametrize("name", ["user_id", "anonymous_id", "message_id"])
def test_an_object_in_place_of_an_id_shows_nothing_personal(name: str, value: Any, is_production: bool) -> None:
    found = mask_event(Event(call="track", **{name: value}), is_production=is_production, sensitivity_by_path={})
    assert "anna" not in json.dumps([found.event, found.paths])
    assert any(path.startswith(f"/{name}") for path in found.paths)


def test_a_card_number_in_place_of_an_id_is_hidden() -> None:
    event = Event(call="track", user_id=4111111111111111, anonymous_id=17)
    found = mask_event(event, is_production=False, sensitivity_by_path={})
    assert (found.event["user_id"], found.event["anonymous_id"]) == (0, 17)


@pytest.mark.parametrize("is_production", [True, False])
@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"id": "ann@example.com"}, {"id": "xxx@xxxxxxx.xxx"}),
        (["ann@example.com"], ["xxx@xxxxxxx.xxx"]),
        ({"ann@example.com": {}}, {"xxx@xxxxxxx.xxx": {}}),
    ],
)
def test_an_id_that_is_none_keeps_its_type(is_production: bool, value: Any, shown: Any) -> None:
    masked = mask_event(Event(call="track", user_id=value), is_production=is_production, sensitivity_by_path={})
    assert masked.event["user_id"] == shown


@pytest.mark.parametrize("is_production", [True, False])
def test_keys_that_are_addresses_are_hidden_and_so_are_the_paths_to_them(is_production: bool) -> None:
    event = Event(call="track", properties={"by": {"jane@example.com": {"token": "a"}, "anna@example.com": False}})
    found = mask_event(event, is_production=is_production, sensitivity_by_path={})
    assert "example" not in json.dumps([found.event, found.paths])
    assert found.paths[0] == "/properties/by/xxxx@xxxxxxx.xxx"
    assert len(found.paths) == len(set(found.paths))


def test_keys_that_a_definition_names_stay() -> None:
    event = Event(call="track", properties={"help@shop.example": 1, "by": {"help@shop.example": 1}})
    found = mask_event(
        event, is_production=False, sensitivity_by_path={}, defined_key_paths={"/properties/help@shop.example"}
    )
    assert found.event["properties"] == {"help@shop.example": 1, "by": {"xxxx@xxxx.xxxxxxx": 1}}
    assert found.paths == ("/properties/by/xxxx@xxxx.xxxxxxx",)


def shown(path: str, properties: dict[str, Any], *, definition_path: str = "/properties/?") -> Violation:
    """What of a violation at a path may be stored, outside production."""
    found = mask_event(Event(call="track", properties=properties), is_production=False, sensitivity_by_path={})
    violation = Violation(
        path=path, definition_path=definition_path, rule="type", severity=Severity.ERROR, expected="x", came='"raw"'
    )
    return mask_result(ValidationResult(Verdict.NONCONFORMING, (violation,)), found).violations[0]


def test_paths_of_violations_hide_the_keys_that_the_event_hides() -> None:
    violation = shown("/properties/jane@example.com", {"jane@example.com": 5})
    assert (violation.path, violation.came) == ("/properties/xxxx@xxxxxxx.xxx", "5")
    assert shown("/properties/plain", {"plain": 5}).path == "/properties/plain"
    assert shown("/properties/a~1b", {"a/b": 5}).path == "/properties/a~1b"


def test_keys_inside_of_what_came_are_hidden_too() -> None:
    violation = shown("/properties/by", {"by": {"jane@example.com": 5}}, definition_path="/properties/by")
    assert violation.came == '{"xxxx@xxxxxxx.xxx": 5}'


def test_a_key_that_a_path_cut_is_hidden_unread() -> None:
    key = "a " * 94 + "jane@example.com"
    assert "jane" not in shown(format_pointer(["properties", key]), {key: 5}).path
    deep = format_pointer(["properties", *["b" * 190] * 3, "jane@example.com"])
    assert deep.endswith("…") and "jane" not in shown(deep, {}).path


def test_a_path_keeps_the_keys_that_the_definition_names() -> None:
    path = "/properties/help@shop.example/0/jane@example.com"
    violation = shown(path, {}, definition_path="/properties/help@shop.example/*/?")
    assert violation.path == "/properties/help@shop.example/0/xxxx@xxxxxxx.xxx"


def test_anything_can_be_masked() -> None:
    deep: Any = 1
    for _ in range(250):
        deep = [deep]
    for value in (deep, 10**400, "\x00\ud800", {"\x00": 1}, ["x" * 10**6], {str(each): each for each in range(9_999)}):
        for is_production in (True, False):
            found = mask_event(
                Event(call="track", event=value, user_id=value, properties=value),
                is_production=is_production,
                sensitivity_by_path={},
            )
            assert len(json.dumps(found.event).encode()) < 400_000


@pytest.mark.django_db
def test_the_definition_and_the_library_say_what_is_not_sensitive(key: WriteKey, shop: Source) -> None:
    document = definition("Order Completed")
    document["schema"]["properties"] |= {
        "currency": {"type": "string", "sensitivity": "none"},
        "total": {"type": "number"},
        "coupon": {"type": "string"},
    }
    PropertyFactory.create(name="coupon", sensitivity="none")
    EventFactory.create(name="Order Completed", definition=document, sources=[shop], is_live=True)
    post_batch(key, track_call(properties={"total": 27.5, "coupon": "SPRING", "currency": "USD", "extra": "x1"}))
    process_inbox()

    sample = Sample.objects.get()
    assert sample.event["properties"] == {"total": 0.0, "coupon": "SPRING", "currency": "USD", "extra": "x0"}
    assert "/properties/total" in sample.masked
    assert "/properties/coupon" not in sample.masked
    assert sample.event["context"]["library"] == {"name": "analytics.js", "version": "4.1"}
    assert sample.violations[0]["came"] == '"x0"'


@pytest.mark.django_db
@pytest.mark.parametrize("environment", ["staging", "production"])
def test_a_key_that_the_definition_names_stays_however_it_looks(shop: Source, environment: str) -> None:
    document = definition("Order Completed")
    document["schema"]["properties"]["help@shop.example"] = {"type": "string"}
    EventFactory.create(name="Order Completed", definition=document, sources=[shop], is_live=True)
    post_batch(create_write_key(shop, environment), track_call(properties={"total": 1, "help@shop.example": 5}))
    process_inbox()

    sample = Sample.objects.get()
    assert list(sample.event["properties"]) == ["total", "help@shop.example"]
    assert sample.violations[0]["path"] == "/properties/help@shop.example"


@pytest.mark.django_db
def test_what_a_version_on_its_way_calls_personal_is_hidden_before_it_is_live() -> None:
    # Nothing in the name or the value says so; the version that the event is validated against knows nothing of it.
    members = TeamFixture.create()
    source = SourceFactory.create(owner_team=members.team, version_from=VersionFrom.NOWHERE)
    lifecycle = RequestFactory.live(members=members, sources=[source], app_version="")
    nick = {"type": "string", "sensitivity": "personal"}
    schema = definition()["schema"]
    document = definition(schema={**schema, "properties": {**schema["properties"], "nick": nick}})
    update = RequestFactory.reviewed(
        members=lifecycle.members, event=lifecycle.event, sources=lifecycle.sources, document=document
    )
    post_batch(
        create_write_key(lifecycle.sources[0], "staging"),
        track_call(update.change.name, properties=VALID_PAYLOAD | {"nick": "Ada of Rome"}),
    )
    process_inbox()
    sample = Sample.objects.latest("id")
    assert sample.version_id != update.change.version.pk
    assert "/properties/nick" in sample.masked
    assert "Ada" not in str(sample.event)
