"""Card numbers in the groups and characters that people and programs write them in, and what only looks like one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from catalog.contract.pii_detection import PersonalData, is_sensitive_text, kind_of_text

# Published test numbers of Visa, Mastercard, American Express, Diners Club, Mir, and a UnionPay number of 19 digits.
CARDS = (
    ("4111", "1111", "1111", "1111"),
    ("2223", "0031", "2200", "3222"),
    ("3782", "822463", "10005"),
    ("3056", "930902", "5904"),
    ("2200", "0000", "0000", "0004"),
    ("6205", "5000", "0000", "0000", "004"),
)
SEPARATORS = [
    *("", " ", "  ", "\t", " - ", "-", ".", "_", "/", "+", "·", "•", "\u00a0", "\u202f", "\u3000"),
    *("\u2010", "\u2011", "\u2013", "\u2014", "\u2212", "\uff0d", "\uff0e", "\u200b", "%20", "%2D", "%2520"),
    *("\n", "\r\n", ":", ";", "|", "\\", "~", "*", "'", "&nbsp;"),
]


@pytest.mark.parametrize("separator", SEPARATORS, ids=ascii)
@pytest.mark.parametrize("groups", CARDS, ids="".join)
@pytest.mark.parametrize(
    "dress",
    ["{}", "Card {}, thanks", "({})", "https://shop.example/pay?n={}&x=1", "paid with {}."],
)
def test_a_card_number_is_found_however_it_is_grouped(groups: tuple[str, ...], separator: str, dress: str) -> None:
    text = dress.format(separator.join(groups))
    assert kind_of_text(text) is PersonalData.CARD
    assert is_sensitive_text(text)


def test_a_word_may_stand_before_or_after_it() -> None:
    for text in ("visa_4111_1111_1111_1111", "4111_1111_1111_1111_visa", "card.no:4111.1111.1111.1111;cvc"):
        assert kind_of_text(text) is PersonalData.CARD


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112",  # another check digit
        *("4111-1111.1111-1111", "/img/4111/1111/1111/1111.jpg", "4111.1111.1111.1111.2", "1_4111_1111_1111_1111"),
        *("2024-2007-1990-2001", "1994 2011 2001 2018", "4111\n1111\n1111\n1111\n1111", "4111,1111,1111,1111"),
        *("PAN4111 1111 1111 1111", "4111 1111 1111 1111x", "v4111.1111.1111.1111"),
        *("42", "2026-03-14 / 2026-03-15", "1920x1080", "12.50 - 99.90", "1. 2. 3. 4."),
    ],
)
def test_what_only_looks_like_a_grouped_card_is_left_alone(text: str) -> None:
    assert kind_of_text(text) is None


@pytest.mark.parametrize(
    ("write", "kind"),
    [
        (lambda dash: f"Call +49{dash}151{dash}23456789", PersonalData.PHONE),
        (lambda dash: f"SSN 536{dash}22{dash}1234", PersonalData.NATIONAL_ID),
    ],
)
@pytest.mark.parametrize(
    "dash", ["-", "\u2010", "\u2011", "\u2013", "\u2212", "\uff0d", "\u00ad-", "-\u2060"], ids=ascii
)
def test_other_numbers_are_found_with_any_dash(write: Callable[[str], str], kind: PersonalData, dash: str) -> None:
    assert kind_of_text(write(dash)) is kind


def test_an_article_number_that_begins_with_zeros_is_no_phone_number() -> None:
    assert kind_of_text("003594011247") is None  # an UPC
    assert kind_of_text("003594011248") is PersonalData.PHONE


def test_digits_and_neighbours_of_other_scripts() -> None:
    for text in (
        "٤١١١١١١١١١١١١١١١",
        "４１１１ １１１１ １１１１ １１１１",
        "卡号4111111111111111",
        "カード4111 1111 1111 1111です",
    ):
        assert kind_of_text(text) is PersonalData.CARD
        assert is_sensitive_text(text)


def test_a_list_of_four_numbers_is_hidden_and_not_told() -> None:
    assert is_sensitive_text("4111, 1111, 1111, 1111")
    assert kind_of_text("4111, 1111, 1111, 1111") is None
    assert not is_sensitive_text("4111, 1111, 1111, 1112")


def test_groups_of_a_longer_number_are_not_told() -> None:
    assert kind_of_text("9400 4111 1111 1111 1111 30") is None  # a parcel's
    assert kind_of_text("4111 1111 1111 1111 0327") is PersonalData.CARD  # until when it is valid
