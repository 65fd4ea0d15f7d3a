"""Names in columns that do not store how they fold are found by a text that people read as their part."""

import pytest

from catalog.models import Event
from catalog.search import SquashedName, squashed_text
from tests.factories.catalog import EventFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("order_completed", "Order Comp"),
        ("C++ Opened", "C++"),
        ("C++ Opened", "c++ open"),
        ("Score +1 Given", "score +1"),
        ("Score -1 Given", "score -1"),
        ("Price < 10", "price <10"),
        ("Price > 10", "price >10"),
        ("!Paid", "!paid"),
        ("A & B", "a&b"),
    ],
)
def test_a_part_finds_the_name(name: str, text: str) -> None:
    EventFactory.create(name=name)
    rows = Event.objects.alias(squashed=SquashedName("name")).filter(squashed__contains=squashed_text(text))
    assert [row.name for row in rows] == [name]


@pytest.mark.parametrize("text", ["", " ", "-", "()", "_"])
def test_a_text_of_nothing_looks_for_nothing(text: str) -> None:
    assert squashed_text(text) == ""
