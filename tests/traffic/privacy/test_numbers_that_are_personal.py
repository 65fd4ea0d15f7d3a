"""Phone numbers, addresses and social security numbers, told from the other numbers of a shop."""

import time

import pytest

from catalog.contract.network_addresses import find_ip_addresses
from catalog.contract.phone_numbers import can_be_dialled, find_phone_numbers, is_article_number
from catalog.contract.pii_detection import find_personal_data, is_sensitive_text, kind_of_text
from tracking.traffic.privacy.labels import mask_label

PHONES = [
    "+49 151 23456789",
    "0049 151 23456789",
    "004915123456789",
    "+1 (202) 555-0143",
    "call +1 202 555 0143 2 times",
    "(202) 555-0143",
    "(030) 123456",
    "001 212 555 0123",
    "+7 912 345-67-89",
    "+201001234567",
    "+20 2 27961234",
]

ADDRESSES = [
    "login from 192.168.1.10 failed",
    "from 85.14.33.20, proxied",
    "client=203.0.113.7;",
    "http://203.0.113.7/path",
    "blocked 2001:db8::8a2e:370:7334 today",
    "Request from ::ffff:203.0.113.7 failed",
]

SOCIAL_SECURITY_NUMBERS = [
    "my ssn is 123-45-6789.",
    "123-45-6789",
    "SSN:078-05-1120",
]

OTHER_NUMBERS = [
    "image/svg+xml",
    "text/html; charset=utf-8",
    "n/a",
    "10/12/2024",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Chrome 120.0.0.1",
    "version 10.11.12.113",
    "v10.20.30.140",
    "Firmware: 10.20.30.140",
    "1.2.3.4 Introduction",
    "section 4.12.10.33",
    "2.14.0.118 crashed",
    "EIA-123-45-6789x",
    "000-12-3456",
    "666-12-3456",
    "900-12-3456",
    "123-45-67890",
    "1-123-45-6789",
    "ISBN 978-3-16-148410-0",
    "add::face",
    "a::b::c",
    "12:30:45",
    "std::vector",
    "10:20:30:40:50:60",
    "Ratio 1:2:3:4",
    "0012345678905",
    "0075678164125",
    "978-0-306-40615-7",
    "9780306406157",
    "4902778915325",
    "4006381333931",
    "(01)09521234543213",
    "(2026-11-27)",
    "(1920-1080)",
    "(12345678)",
    "(12.345.678)",
    "00/12/2024",
    "00 123 456",
    "001.002.003",
    "+20240101",
    "2.5.0 +20240101",
    "1.0 +202611270930",
    "+1000000000",
    "+12345678",
    "score +1 12345678",
    "a +12345678 b",
    "1732690000000",
    "112-1234567-1234567",
    "1Z999AA10123456784",
    "9400111899223197428490",
    "RR123456785DE",
    "LP00123456789012",
    "00340434161094021501",
    "2026-11-27T07:00:00+00:00",
    "20261127093000123",
    "GMT+00:00",
    "Order 2024-11-0001234",
    "INV-2024-11-27-0001",
    "SKU-123-45-678",
    "51.5074,-0.1278",
    "10.5281/zenodo.1234567",
    "urn:isbn:0451450523",
    "arn:aws:s3:::bucket/invite",
    "sha256:3f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a",
    "https://cdn.example/webhooks/guide/getting-started-2024",
]

EACH = [
    *(("phone", text) for text in PHONES),
    *(("address", text) for text in ADDRESSES),
    *(("national_id", text) for text in SOCIAL_SECURITY_NUMBERS),
]


@pytest.mark.parametrize(("kind", "text"), EACH)
def test_they_are_known_by_their_kind(kind: str, text: str) -> None:
    assert kind_of_text(text) == kind
    assert is_sensitive_text(text)
    assert f"‹{kind} " in mask_label(text)


@pytest.mark.parametrize("text", OTHER_NUMBERS)
def test_other_numbers_are_none(text: str) -> None:
    assert kind_of_text(text) is None
    assert not is_sensitive_text(text)


def test_what_follows_a_number_is_not_part_of_it() -> None:
    text = "call +1 202 555 0143 2 times from 203.0.113.7:443 as 123-45-6789"
    assert [text[each.start : each.end] for each in find_personal_data(text)] == [
        "+1 202 555 0143",
        "203.0.113.7",
        "123-45-6789",
    ]


@pytest.mark.parametrize("digits", ["12025550143", "79123456789", "4915123456789", "201001234567", "85212345678"])
def test_numbers_that_can_be_dialled(digits: str) -> None:
    assert can_be_dialled(digits)


@pytest.mark.parametrize(
    "digits", ["", "1234567", "11025550143", "1202555014", "20240101", "202611270930", "20261127093015", "4" * 16]
)
def test_numbers_that_cannot(digits: str) -> None:
    assert not can_be_dialled(digits)


@pytest.mark.parametrize("digits", ["4006381333931", "9780306406157", "0012345678905", "00012345678905"])
def test_articles_have_a_check_digit(digits: str) -> None:
    assert is_article_number(digits)
    assert not is_article_number(digits[:-1] + str((int(digits[-1]) + 1) % 10))


@pytest.mark.parametrize("part", ["+1 ", "+", "1.", "10.10.10.10 ", "a:", "1:2:", ":", "123-45-", "(1) ", "00 1"])
def test_it_takes_linear_time(part: str) -> None:
    text = (part * 100_000)[:100_000]
    started = time.thread_time()
    list(find_phone_numbers(text))
    list(find_ip_addresses(text))
    assert time.thread_time() - started < 2
