"""Which numbers are told as those of cards, and which other numbers are not: what brands issue, and the keys of ids."""

import random
from collections.abc import Callable

import pytest

from catalog.contract.card_numbers import is_issued_card, may_be_card
from catalog.contract.pii_detection import PersonalData, is_sensitive_text, kind_of_text, kind_of_value
from catalog.contract.sensitive_keys import is_identifier_key

# Published test numbers: Visa, Mastercard, American Express, Diners Club, Discover, JCB, UnionPay, Maestro, Bancontact,
# Mir, Dankort, Elo, Hipercard, Verve, RuPay, Troy.
CARDS = [
    *("4242424242424242", "4917610000000000", "5105105105105100", "2720990000000007", "371449635398431"),
    *("30569309025904", "38520000023237", "6011111111111117", "6445644564456445", "3566002020360505"),
    *("6200000000000005", "6205500000000000004", "6759649826438453", "6799990100000000019", "6703444444444449"),
    *("2200000000000004", "5019717010103742", "5066991111111118", "6062826786276634", "5060990580000217499"),
    *("5061460166976054667", "8171999900000018", "9792030000000000"),
]


def with_check_digit(digits: str, weights: tuple[int, int]) -> str:
    """Return digits with the one that makes their weighted sum end in 0, as that of Luhn for the weights (2, 1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        product = int(digit) * weights[place % 2]
        total += product - 9 if weights == (2, 1) and product > 9 else product
    return digits + str(-total % 10)


@pytest.mark.parametrize("number", CARDS)
def test_the_numbers_of_all_brands_are_told(number: str) -> None:
    assert kind_of_text(number) is PersonalData.CARD
    assert kind_of_text(f"paid with {number}, thanks") is PersonalData.CARD
    assert is_issued_card(number)
    assert not is_issued_card(number[:-1] + str((int(number[-1]) + 1) % 10))


@pytest.mark.parametrize("length", [17, 18])
def test_ids_of_lengths_that_no_large_brand_issues_are_hidden_and_not_told(length: int) -> None:
    numbers = [with_check_digit(f"{first}{'1' * (length - 2)}", (2, 1)) for first in "56"]
    assert all(map(may_be_card, numbers))
    assert [kind_of_text(number) for number in numbers] == [None, None]
    assert all(map(is_sensitive_text, numbers))


def test_articles_are_not_told_as_cards() -> None:
    drawn = random.Random(1)
    articles = [with_check_digit(f"3{drawn.randrange(10**12):012}", (3, 1)) for _ in range(2_000)]
    assert any(map(may_be_card, articles))
    assert [number for number in articles if kind_of_value(number) or kind_of_value(int(number))] == []


def test_few_of_the_numbers_that_are_drawn_are_told() -> None:
    drawn = random.Random(1)
    for length, most in ((13, 0), (14, 0.01), (15, 0.01), (16, 0.05), (17, 0.001), (18, 0.001), (19, 0.01)):
        numbers = [str(drawn.randrange(10 ** (length - 1), 10**length)) for _ in range(3_000)]
        assert sum(kind_of_text(number) is not None for number in numbers) <= most * 3_000


@pytest.mark.parametrize(
    "key",
    [
        *(
            "id",
            "order_id",
            "orderId",
            "OrderIDs",
            "imei",
            "gtin",
            "tracking-number",
            "traceId",
            "timestamp",
            "sent_ts",
        ),
        *("transaction_id", "user_id", "serialNumber", "invoice"),
    ],
)
def test_keys_of_what_tells_things_apart(key: str) -> None:
    assert is_identifier_key(key)


@pytest.mark.parametrize(
    "key", ["", "note", "card_id", "paymentId", "creditCardOrder", "pan", "video", "idea", "n", "cc_id"]
)
def test_other_keys(key: str) -> None:
    assert not is_identifier_key(key)


@pytest.mark.parametrize("text", ["1.6.0.0", "1.4.0.12", "8.8.8.8", "99.1.1.1", "203.0.113.0"])
def test_what_is_as_likely_a_version_is_not_told_as_an_address(text: str) -> None:
    assert kind_of_text(text) is None
    assert is_sensitive_text(text) == (not text.endswith(".0"))


@pytest.mark.parametrize(
    "text", ["203.0.113.7", "100.1.1.1", "10.0.0.1", "192.168.1.10", "8.8.8.8:53", "http://8.8.8.8/"]
)
def test_other_addresses_are(text: str) -> None:
    assert kind_of_text(text) is PersonalData.ADDRESS


@pytest.mark.parametrize("separator", ["", " ", "-", ".", "_", "%20", "\u00a0", "\u2013"], ids=ascii)
@pytest.mark.parametrize("case", [str.upper, str.lower])
def test_an_iban_in_any_dress(separator: str, case: Callable[[str], str]) -> None:
    groups = ["GB82", "WEST", "1234", "5698", "7654", "32"]
    text = case(separator.join(groups)) if "%" not in separator else separator.join(groups)
    assert kind_of_text(f"to {text}.") is PersonalData.IBAN
    assert kind_of_text(f"to {text}0") is None
    assert kind_of_text(f"to {text[:-1]}3.") is None


def test_other_groups_are_no_iban() -> None:
    assert kind_of_text("3C001-BA455-D0816-71109-AF6A0") is None  # a licence


@pytest.mark.parametrize("separator", [" ", "-", ".", "%20", "·", "+", "  ", "_"])
@pytest.mark.parametrize("end", ["", "/", "/confirm", "?x=1"])
def test_a_step_of_a_path_may_be_a_card_in_groups(separator: str, end: str) -> None:
    text = "/pay/" + separator.join(("4111", "1111", "1111", "1111")) + end
    assert is_sensitive_text(text)
    assert kind_of_text(text) is PersonalData.CARD


@pytest.mark.parametrize("text", ["/a/4111/1111/1111/1111", "/4111/1111/1111/1111/x", "/2024/1111 1111 1111 1111"])
def test_steps_of_four_digits_are_no_card(text: str) -> None:
    assert kind_of_text(text) is None


@pytest.mark.parametrize(
    "text",
    ["from 8.188.85.125", "client 3.64.12.7 failed", "http://8.139.48.154/x", "ip=5.9.1.7", "[5.188.10.176]:443"],
)
def test_an_address_inside_a_text_may_begin_below_ten(text: str) -> None:
    assert kind_of_text(text) is PersonalData.ADDRESS


@pytest.mark.parametrize(
    "text", ["5.9.1.176 is out", "section 5.188.10.176", "v3.64.120.107", "from 0.9.1.7", "x 5.9.1.7"]
)
def test_versions_inside_a_text_are_no_address(text: str) -> None:
    assert kind_of_text(text) is None


@pytest.mark.parametrize("text", ["Bearer of bad news", "Bearer token is missing", "Bearer bonds", "Bearer required."])
def test_bearers_of_other_things_are_no_secret(text: str) -> None:
    assert kind_of_text(text) is None


@pytest.mark.parametrize("text", ["Bearer abc", "Bearer token abc123", "Bearer of1234", "Bearer tokenabc"])
def test_what_stands_behind_bearer_is_a_secret(text: str) -> None:
    assert kind_of_text(text) is PersonalData.TOKEN
