"""The memory of texts that were looked into: fixed in size, without the texts, and never wrong."""

from __future__ import annotations

import gc
import sys
from random import Random
from typing import Any

import pytest

from catalog.contract import text_memory
from catalog.contract.pii_detection import PersonalData, kind_of_value
from catalog.contract.text_memory import BASE_COST, Known, TextInspection, TextMemory

ANNA, TOKEN, CARD = "anna@example.org", "glpat-aaaaaaaaaaaaaaaaaaaa", 4111111111111111


@pytest.fixture
def looked_into(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was looked into, in order."""
    values: list[object] = []

    def note(value: object) -> PersonalData | None:
        values.append(value)
        return kind_of_value(value)

    monkeypatch.setattr(text_memory, "kind_of_value", note)
    return values


def test_a_value_that_comes_again_is_not_looked_into_again_and_is_found_again(looked_into: list[object]) -> None:
    texts = TextInspection(TextMemory())
    values = ["checkout", ANNA, TOKEN, CARD, 1_700_000_000_000_000, 4111111111111111.0]
    first = [texts.kind_of(value) for value in values]
    assert first == [None, PersonalData.EMAIL, PersonalData.TOKEN, PersonalData.CARD, None, PersonalData.CARD]
    assert [texts.kind_of(value) for value in values] == first
    assert looked_into == values
    assert [texts.kind_of(value) for value in (None, True, 12, 1e300, 10**400, float("nan"), "")] == [None] * 7
    assert looked_into == values, "such values never hold anything"


def test_what_is_known_to_be_clean_is_so_however_deep_and_whatever_else_is_not() -> None:
    memory = TextMemory()
    texts = TextInspection(memory)
    for value in ("a", "b", ANNA, 1_700_000_000_000_000):
        texts.kind_of(value)
    deep: Any = "b"
    for _ in range(3_000):
        deep = [{"key": deep}]
    assert memory.review(["a", {"x": ["b", 12, None, True, 1_700_000_000_000_000]}, deep]) is Known.CLEAN
    for unknown in (ANNA, "c", CARD, float(CARD), ["a", {"x": {"y": ["c"]}}], [[ANNA]]):
        expected = Known.FOUND if unknown in (ANNA, [[ANNA]]) else Known.PARTLY
        assert memory.review(["a", unknown, "b"]) is expected, unknown


def test_what_is_not_looked_into_is_not_remembered(looked_into: list[object]) -> None:
    memory = TextMemory()
    few = TextInspection(memory, remaining=1)
    assert few.kind_of("checkout") is None
    assert few.is_complete
    assert few.remaining == 1 - BASE_COST - len("checkout")
    assert (few.kind_of(ANNA), few.is_complete, looked_into) == (None, False, ["checkout"])
    few.is_complete = True
    assert (few.kind_of("checkout"), few.is_complete) == (None, True), "what is known costs nothing"
    assert TextInspection(memory).kind_of(ANNA) is PersonalData.EMAIL
    assert few.kind_of(ANNA) is PersonalData.EMAIL, "and is found without looking"


def test_a_long_text_costs_what_is_inspected_of_it() -> None:
    inspection = TextInspection(TextMemory(), remaining=100_000)
    inspection.kind_of("x" * 50_000)
    assert inspection.remaining == 100_000 - BASE_COST - 2_000
    inspection.kind_of("ü" * 50_000)
    assert inspection.remaining == 100_000 - 2 * BASE_COST - 2_000 - 50_000, "all of it is normalised"


def test_an_id_of_an_event_is_not_remembered(looked_into: list[object]) -> None:
    texts = TextInspection(TextMemory(), remaining=2 * BASE_COST)
    assert [texts.kind_of_unique(value) for value in (ANNA, None, 12)] == [PersonalData.EMAIL, None, None]
    assert [texts.kind_of_unique("m1"), texts.kind_of_unique("m2"), texts.is_complete] == [None, None, False]
    assert looked_into == [ANNA, "m1"]


def test_whatever_comes_the_memory_keeps_its_size_and_says_what_looking_says() -> None:
    memory = TextMemory(clean_bits=4, found_bits=2)
    size, random = memory.size, Random(7)
    values = [f"text {number}" for number in range(60)] + [f"anna{number}@example.org" for number in range(30)]
    values += [f"sk_live_{number}abc" for number in range(10)]
    texts = TextInspection(memory)
    for value in random.choices([*values, ""], k=3_000):
        assert texts.kind_of(value) is kind_of_value(value)
        if memory.review([value]) is Known.CLEAN:
            assert kind_of_value(value) is None
    assert memory.size == size == 8 * 16 + 8 * 4 + 4
    assert TextMemory().size < 2.5 * 2**20


def test_two_texts_with_one_place_are_both_remembered(looked_into: list[object]) -> None:
    memory = TextMemory(clean_bits=1, found_bits=1)
    texts = TextInspection(memory)
    for _ in range(3):
        for hashed in (2, 4):  # both begin at place 0, and have another second place
            memory.remember(hashed, None)
    assert memory.is_clean(2) and memory.is_clean(4)
    assert texts.memory is memory


def test_the_memory_holds_no_text_and_no_number() -> None:
    memory = TextMemory()
    secret = f"glpat-{'b' * 20}"
    before = sys.getrefcount(secret)
    for value in (secret, CARD):
        TextInspection(memory).kind_of(value)
        TextInspection(memory).kind_of_unique(value)
    assert sys.getrefcount(secret) == before
    kept = [memory._clean, memory._found, memory._kinds]
    assert all(isinstance(each, int) for table in kept for each in table)
    assert CARD not in memory._found and CARD not in memory._clean
    assert secret.encode() not in b"".join(bytes(table) for table in kept)
    assert not [each for each in gc.get_referents(memory) if isinstance(each, str | dict | list)]
