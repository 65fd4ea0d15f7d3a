"""The rule `sensitive` where it first looks whether there is anything: it then says what it says without that."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from catalog.contract import Event
from catalog.contract.json.pointers import escape_token
from catalog.contract.pii_detection import PersonalData, is_sensitive_text, kind_of_value
from catalog.contract.rules.event_rule import CatalogMatch, EventFacts
from catalog.contract.rules.sensitive import MAX_BREACHES, SENSITIVE
from catalog.contract.sensitive_keys import is_version_key
from catalog.contract.text_memory import Known, TextInspection, TextMemory

ANNA, TOKEN = "anna@example.org", "glpat-aaaaaaaaaaaaaaaaaaaa"
KEYS = ("a", "b", "note", "appVersion", "?", "*", "x/y", ANNA)
VALUES = ("text", 12, None, True, ANNA, TOKEN, "1.4.0.12", 4111111111111111, "", 1_700_000_000_000_000)


def facts_of(
    event: Event, decided: frozenset[str] = frozenset(), defined: frozenset[str] = frozenset(), texts: Any = None
) -> EventFacts:
    facts = EventFacts(event, CatalogMatch.DEFINED, "shop", "production", "")
    facts.decided_paths, facts.defined_key_paths, facts.texts = decided, defined, texts
    return facts


def found(event: Event, decided: frozenset[str], defined: frozenset[str], texts: TextInspection) -> tuple[Any, ...]:
    """What is told of an event where texts are remembered."""
    if SENSITIVE.may_break is None or not SENSITIVE.may_break(event, texts):
        return ()
    return SENSITIVE.violations(facts_of(event, decided, defined, texts))


def naively_found(event: Event, decided: frozenset[str], defined: frozenset[str]) -> set[tuple[str, str]]:
    """The paths and definition paths that a plain walk finds, which compares paths as texts."""
    named = {path.rsplit("/", steps)[0] for path in decided | defined for steps in range(path.count("/"))}

    def walk(value: Any, path: str, definition_path: str, key: str) -> Iterator[tuple[str, str]]:
        if definition_path in decided:
            return
        if isinstance(value, dict):
            for name, member in value.items():
                segment = escape_token(name)
                inner = f"{definition_path}/{segment}"
                if inner not in named and (definition_path in named or is_sensitive_text(name)):
                    inner = f"{definition_path}/?"
                yield from walk(member, f"{path}/{segment}", inner, name)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from walk(item, f"{path}/{index}", f"{definition_path}/*", "")
        elif (kind := kind_of_value(value)) and not (kind is PersonalData.ADDRESS and is_version_key(key)):
            yield path, definition_path

    parts = ("user_id", "anonymous_id", "message_id", "properties", "traits", "context")
    return {each for name in parts for each in walk(getattr(event, name), f"/{name}", f"/{name}", name)}


def random_value(random: Random, depth: int) -> Any:
    if depth and random.random() < 0.5:
        if random.random() < 0.3:
            return [random_value(random, depth - 1) for _ in range(random.randrange(3))]
        return {key: random_value(random, depth - 1) for key in random.sample(KEYS, random.randrange(4))}
    return random.choice(VALUES) if random.random() < 0.5 else "text"


def random_path(random: Random) -> str:
    part = random.choice(("properties", "traits", "context"))
    steps = random.choices(("a", "b", "note", "?", "*", "x~1y"), k=random.randrange(4))
    return "/" + "/".join((part, *steps))


@pytest.mark.parametrize("seed", range(40))
def test_it_says_the_same_with_a_memory_and_without(seed: int) -> None:
    random = Random(seed)
    texts = TextInspection(TextMemory(clean_bits=6, found_bits=3))
    for _ in range(60):
        event = Event(
            call="track",
            event="A",
            user_id=random.choice(("u1", "u2", ANNA, None, 7)),
            anonymous_id=random.choice(("d1", None, "+49 151 23456789")),
            message_id=random.choice((f"m{random.random()}", "m", TOKEN)),
            properties=random_value(random, 4),
            traits=random_value(random, 2),
            context=random_value(random, 3),
        )
        ids = ("/user_id", "/anonymous_id", "/message_id")
        decided = frozenset([*(random_path(random) for _ in range(random.randrange(4))), *random.sample(ids, 1)])
        defined = frozenset(random_path(random) for _ in range(random.randrange(4)))
        told = found(event, decided, defined, texts)
        assert told == SENSITIVE.violations(facts_of(event, decided, defined))
        expected = naively_found(event, decided, defined)
        assert len(expected) > MAX_BREACHES or {(each.path, each.definition_path) for each in told} == expected


@pytest.mark.parametrize("name", ["user_id", "anonymous_id", "message_id"])
def test_an_id_that_somebody_decided_about_is_not_told(name: str) -> None:
    event = Event(call="track", event="A", **{name: ANNA})
    texts = TextInspection(TextMemory())
    nothing: frozenset[str] = frozenset()
    assert [each.path for each in found(event, nothing, nothing, texts)] == [f"/{name}"]
    assert found(event, frozenset({f"/{name}"}), nothing, texts) == ()
    assert SENSITIVE.violations(facts_of(event, frozenset({f"/{name}"}))) == ()


def test_what_is_declared_is_neither_looked_into_nor_remembered() -> None:
    memory = TextMemory()
    texts = TextInspection(memory)
    event = Event(call="track", event="A", properties={"mail": ANNA, "other": "x"}, context={"ip": "203.0.113.7"})
    assert found(event, frozenset({"/properties/mail"}), frozenset(), texts) == ()
    assert memory.kind_found(hash(ANNA)) is None
    assert memory.kind_found(hash("203.0.113.7")) is None
    assert memory.review(["x"]) is Known.CLEAN
    assert [each.path for each in found(event, frozenset(), frozenset(), texts)] == ["/properties/mail"]
    assert memory.kind_found(hash(ANNA)) is PersonalData.EMAIL


def test_an_event_of_known_texts_is_told_by_one_look() -> None:
    texts = TextInspection(TextMemory())
    event = Event(call="track", event="A", user_id="u1", properties={"a": ["x", {"b": "y"}]})
    assert found(event, frozenset(), frozenset(), texts) == ()
    assert SENSITIVE.may_break is not None
    assert not SENSITIVE.may_break(event, texts)


def test_what_may_not_be_looked_into_is_told_where_it_is_known() -> None:
    memory = TextMemory()
    event = Event(call="track", event="A", properties={"new": "b@example.org", "known": ANNA})
    few = TextInspection(memory, remaining=0)
    assert found(event, frozenset(), frozenset(), few) == ()
    assert not few.is_complete
    TextInspection(memory).kind_of(ANNA)
    assert [each.path for each in found(event, frozenset(), frozenset(), few)] == ["/properties/known"]
    enough = TextInspection(memory)
    assert len(found(event, frozenset(), frozenset(), enough)) == 2
