"""Whatever is below something hidden is hidden too: at any depth, in every part, in samples, violations and paths."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.history import allow_purge
from accounts.models import User
from catalog.choices import Environment
from catalog.contract import Event, Severity, ValidationResult, Verdict, Violation, json_text
from catalog.contract.json.pointers import escape_token, format_pointer
from catalog.models import Source, VersionProperty
from catalog.services.property_library import save_property
from catalog.services.write_keys import current_key
from tests.application_role import become_owner
from tests.factories.accounts import TeamFactory
from tests.factories.catalog import (
    EventFactory,
    PropertyFactory,
    SourceFactory,
    create_write_key,
    definition,
    newest_version,
)
from tests.factories.traffic import post_batch, process_inbox, track_call
from tracking.traffic.models import Sample
from tracking.traffic.privacy.masking import FULLY_MASKED, mask_event, mask_result

NEEDLES = ("quokka", "987654321", "98765.4321")
LEAVES: list[Any] = ["quokka", "Quokka 7", "die Quokkas", "quokka@zoo.example", 987654321, 98765.4321, None, True, ""]
KEYS = ["quokka", "QUOKKA", "a quokka/key~", "quokka@zoo.example"]
HIDING_WORDS: list[Any] = ["personal", "secret", "no-such-word", "", "None"]
SENSITIVE_KEYS = ["password", "userEmail", "access_token", "credit-card"]

below_hidden = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=8,
)
steps_around = st.lists(st.sampled_from(["plain", "order", "items", 0]), max_size=3)


@dataclass
class Case:
    """An event with something hidden in it: where, and which paths there are below."""

    event: Event
    declared: dict[str, Any]
    tokens: list[str | int]
    definition_path: str
    hidden: Any


def paths_below(value: Any, tokens: list[str | int], path: str) -> list[tuple[list[str | int], str, Any]]:
    """The keys and indices, definition path and value of everything below a value, itself left out."""
    found = []
    if isinstance(value, dict):
        children = [(key, f"{path}/{escape_token(key)}", child) for key, child in value.items()]
    else:
        children = [(index, f"{path}/*", child) for index, child in enumerate(value if isinstance(value, list) else [])]
    for token, child_path, child in children:
        found.append(([*tokens, token], child_path, child))
        found += paths_below(child, [*tokens, token], child_path)
    return found


@st.composite
def cases(draw: st.DrawFn) -> Case:
    part = draw(st.sampled_from(["properties", "traits", "context"]))
    hidden = draw(below_hidden)
    is_declared = draw(st.booleans())
    key = draw(st.sampled_from(["nick", "os", "items"] if is_declared else SENSITIVE_KEYS))
    around = draw(steps_around)
    value: Any = {key: hidden, "shown": 1}
    for step in reversed(around):
        value = [value] if step == 0 else {step: value}
    if not isinstance(value, dict):
        value, around = {"list": value}, ["list", *around]
    tokens = [part, *around, key]
    path = "".join("/*" if token == 0 else f"/{token}" for token in tokens)
    declared = {below: draw(st.sampled_from(["none", "unknown"])) for _, below, _ in paths_below(hidden, tokens, path)}
    if is_declared:
        declared[path] = draw(st.sampled_from(HIDING_WORDS))
    if draw(st.booleans()):
        declared["/" + path.split("/")[1]] = "none"
    return Case(Event(call="track", event="Seen", **{part: value}), declared, tokens, path, hidden)


def as_text(*values: Any) -> str:
    return json.dumps(values).casefold()


@settings(max_examples=300, deadline=None)
@given(cases(), st.booleans())
def test_nothing_below_a_hidden_key_is_stored(case: Case, is_production: bool) -> None:
    found = mask_event(case.event, is_production=is_production, sensitivity_by_path=case.declared)
    violations = []
    for tokens, _, value in [(case.tokens, "", case.hidden), *paths_below(case.hidden, case.tokens, "")]:
        named, below = case.tokens, tokens[len(case.tokens) :]
        definition_tokens = ["*" if token == 0 else token for token in named]
        definition_tokens += ["*" if isinstance(token, int) else "?" for token in below]
        violations.append(
            Violation(
                path=format_pointer(tokens),
                definition_path=format_pointer(definition_tokens),
                rule="type",
                severity=Severity.ERROR,
                expected="other",
                came=json_text(value),
            )
        )
    result = mask_result(ValidationResult(Verdict.NONCONFORMING, tuple(violations)), found)
    stored = as_text(found.event, found.paths, [violation.as_json() for violation in result.violations])
    assert not [needle for needle in NEEDLES if needle in stored]
    assert "shown" in stored


def test_the_same_values_are_shown_where_nothing_hides_them() -> None:
    event = Event(call="track", properties={"plain": {"quokka": ["Quokka 7", 987654321]}})
    found = mask_event(event, is_production=False, sensitivity_by_path={})
    assert found.event["properties"] == event.properties
    assert found.paths == ()


@pytest.mark.parametrize("is_production", [True, False])
@pytest.mark.parametrize(
    ("properties", "stored"),
    [
        ({"password": {"plain": "x9"}}, {"password": {"xxxxx": "x0"}}),
        ({"password": [{"plain": ["a", {"b": "c"}]}]}, {"password": [{"xxxxx": ["x", {"x": "x"}]}]}),
        ({"user": {"email": {"is_set": True, "n": 5}}}, {"user": {"email": {"xx_xxx": False, "x": 0}}}),
    ],
)
def test_a_sensitive_key_hides_what_is_below_it(properties: Any, stored: Any, is_production: bool) -> None:
    found = mask_event(Event(call="track", properties=properties), is_production=is_production, sensitivity_by_path={})
    assert found.event["properties"] == stored


def test_what_is_declared_of_the_key_itself_counts_before_how_it_looks() -> None:
    properties = {"token": {"count": "n5", "secret": "s1"}}
    found = mask_event(
        Event(call="track", properties=properties),
        is_production=True,
        sensitivity_by_path={"/properties/token": "none"},
    )
    assert found.event["properties"] == {"token": {"count": "n5", "secret": "x0"}}


def test_keys_that_the_definition_names_stay_below_something_hidden() -> None:
    properties = {"address": {"city": "Rome", "note": "x1"}, "phones": [{"kind": "home", "quokka": "1"}]}
    found = mask_event(
        Event(call="track", properties=properties),
        is_production=False,
        sensitivity_by_path={"/properties/address": "personal", "/properties/phones": "personal"},
        defined_key_paths={"/properties/address/city", "/properties/phones/*/kind"},
    )
    assert found.event["properties"] == {
        "address": {"city": "Xxxx", "xxxx": "x0"},
        "phones": [{"kind": "xxxx", "xxxxxx": "0"}],
    }


def test_what_is_said_of_other_keys_holds_for_each_key_without_a_name() -> None:
    properties = {"by": {"total": "t", "anybody": {"nick": "Ada", "age": 5}}}
    found = mask_event(
        Event(call="track", properties=properties),
        is_production=False,
        sensitivity_by_path={"/properties/by/?/nick": "personal"},
        defined_key_paths={"/properties/by", "/properties/by/total", "/properties/by/?", "/properties/by/?/nick"},
    )
    assert found.event["properties"] == {"by": {"total": "t", "anybody": {"nick": "Xxx", "age": 5}}}


def test_marks_of_other_scripts_are_hidden_like_their_letters() -> None:
    found = mask_event(
        Event(call="track", properties={"nick": "नमस्ते ๔๒ Ünï 🔑"}),
        is_production=False,
        sensitivity_by_path={"/properties/nick": "personal"},
    )
    assert found.event["properties"]["nick"] == "xxxxxx 00 xxx x"


def test_of_an_event_that_could_not_be_masked_no_key_is_told() -> None:
    violation = Violation(
        path="/properties/total/quokka/0/quokka",
        definition_path="/properties/total/?/*/?",
        rule="type",
        severity=Severity.ERROR,
        expected="x",
        came='"quokka"',
    )
    masked = mask_result(ValidationResult(Verdict.NONCONFORMING, (violation,)), FULLY_MASKED).violations[0]
    assert (masked.path, masked.came) == ("/properties/total/xxxxxx/0/xxxxxx", "(hidden)")


def ingest_event(source: Source, environment: str, *, name: str = "Order Completed", **properties: Any) -> Sample:
    """The sample that is kept of one event, and nothing of it in clear."""
    key = current_key(source, environment) or create_write_key(source, environment)
    post_batch(key, track_call(name, properties={"total": 1, **properties}))
    process_inbox()
    return Sample.objects.latest("id")


def document_with(**properties: Any) -> dict[str, Any]:
    schema = definition()["schema"]
    return definition(schema={**schema, "properties": {**schema["properties"], **properties}})


BOTH = pytest.mark.parametrize("environment", [Environment.STAGING.value, Environment.PRODUCTION.value])


@pytest.fixture
def system(db: None) -> User:
    return User.objects.system()


@pytest.mark.django_db
class TestTraffic:
    @BOTH
    def test_words_in_a_definition_hide_at_any_depth(self, shop: Source, environment: str) -> None:
        inner = {"type": "object", "additionalProperties": {"type": "integer"}}
        hidden = {"type": "array", "sensitivity": "no-such-word", "items": inner}
        EventFactory.create(
            name="Order Completed", definition=document_with(results=hidden), sources=[shop], is_live=True
        )
        sample = ingest_event(shop, environment, results=[{"quokka": 5}, {"Quokka": "quokka"}])
        assert sample.event["properties"]["results"] == [{"xxxxxx": 0}, {"Xxxxxx": "(hidden)"}]
        assert [violation["path"] for violation in sample.violations] == ["/properties/results/1/Xxxxxx"]
        assert "quokka" not in as_text(sample.event, sample.violations, sample.masked, sample.second_verdicts)

    @BOTH
    def test_a_stricter_word_of_the_library_holds_from_the_next_event_on_for_every_team(
        self, shop: Source, system: User, environment: str
    ) -> None:
        entry = PropertyFactory.create(name="coupon", sensitivity="none")
        other = SourceFactory.create(owner_team=TeamFactory.create())
        EventFactory.create(name="Order Completed", sources=[shop], owner_team=shop.owner_team, is_live=True)
        EventFactory.create(name="Order Refunded", sources=[other], owner_team=other.owner_team, is_live=True)
        places = [(shop, "Order Completed"), (other, "Order Refunded")]
        for source, name in places:
            kept = ingest_event(source, environment, name=name, coupon="Quokka")
            assert kept.event["properties"]["coupon"] == "Quokka"
        save_property(entry, by=system, sensitivity="personal")
        for source, name in places:
            kept = ingest_event(source, environment, name=name, coupon="Quokka")
            assert kept.event["properties"]["coupon"] == "Xxxxxx"

    @BOTH
    def test_a_looser_word_of_the_library_shows_nothing(self, shop: Source, system: User, environment: str) -> None:
        entry = PropertyFactory.create(name="coupon", sensitivity="personal")
        EventFactory.create(name="Order Completed", sources=[shop], is_live=True)
        save_property(entry, by=system, sensitivity="none")
        assert ingest_event(shop, environment, coupon="Quokka").event["properties"]["coupon"] == "Xxxxxx"

    def test_a_version_from_before_words_were_kept_shows_nothing_in_production(
        self, shop: Source, system: User
    ) -> None:
        entry = PropertyFactory.create(name="coupon", sensitivity="none")
        event = EventFactory.create(name="Order Completed", sources=[shop], is_live=True)
        rows = VersionProperty.objects.filter(version=newest_version(event), property=entry)
        assert rows.get().sensitivity == "none"
        # As the migration leaves rows that were there; nothing else may write them.
        with become_owner(connection), allow_purge(by=system, reason="test"):
            rows.update(sensitivity="")
        assert ingest_event(shop, "production", coupon="Quokka").event["properties"]["coupon"] == "Xxxxxx"

    @pytest.mark.parametrize("by_library", [False, True])
    def test_what_is_said_of_a_text_shows_no_object_that_comes_instead(self, shop: Source, by_library: bool) -> None:
        shown = {"type": ["string", "null"], "sensitivity": "none"}
        document = document_with(
            tags={"type": "array", "items": shown},
            nick={"type": "string"} if by_library else shown,
            free={"sensitivity": "none"},
            bag={"type": "object", "sensitivity": "none"},
        )
        if by_library:
            PropertyFactory.create(name="nick", sensitivity="none")
        EventFactory.create(name="Order Completed", definition=document, sources=[shop], is_live=True)
        inside: Any = {"who": "Quokka", "*": ["Quokka"], "?": {"a": "Quokka"}}
        sent = {"tags": ["red", inside, ["Quokka"]], "nick": inside, "free": inside, "bag": inside}
        stored = ingest_event(shop, "production", **sent).event["properties"]
        assert "Quokka" not in str((stored["tags"], stored["nick"]))
        assert stored["tags"][0] == "red"
        assert stored["free"] == stored["bag"] == inside
        assert ingest_event(shop, "production", nick="Quokka").event["properties"]["nick"] == "Quokka"
        elsewhere = ingest_event(shop, "staging", nick={"who": "Quokka", "note": "quokka@zoo.example"})
        assert elsewhere.event["properties"]["nick"] == {"who": "Quokka", "note": "xxxxxx@xxx.xxxxxxx"}

    def test_an_event_of_another_source_is_hidden_by_its_newest_version(self, shop: Source) -> None:
        other = SourceFactory.create(owner_team=TeamFactory.create())
        document = document_with(nick={"type": "string", "sensitivity": "personal"})
        EventFactory.create(name="Order Completed", definition=document, sources=[shop], is_live=True)
        sample = ingest_event(other, "staging", nick="Quokka")
        assert sample.verdict == Verdict.WRONG_SOURCE.value
        assert sample.event["properties"]["nick"] == "Xxxxxx"
