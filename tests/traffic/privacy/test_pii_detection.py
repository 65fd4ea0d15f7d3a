"""What looks personal or secret, by its key and by its text."""

import json
import time
from random import Random
from uuid import UUID

import pytest

from catalog.contract import pii_detection
from catalog.contract.pii_detection import find_personal_data, is_sensitive_number, is_sensitive_text, kind_of_text
from catalog.contract.sensitive_keys import is_sensitive_key, is_version_key
from catalog.models import Event, WriteKey
from tests.factories.traffic import post_batch, process_inbox, track_call
from tracking.traffic.models import Sample

VISA = "4111111111111111"


@pytest.mark.parametrize(
    "key",
    [
        *("email", "userEmail", "E_MAIL", "user.password", "accessToken", "creditCard", "clientIP"),
        *("emails", "tokens", "passwords", "user_phones", "ip_addresses", "apiKeys", "cookies", "ips"),
        *("creditCardNumber", "customerLastName", "shipping_first_name", "billing_card_number", "name.first_name"),
        *("phonenumber", "useremail", "firstname", "customerlastname", "emailaddresses", "apikey", "CREDITCARDNUMBER"),
        *("passWord", "pass-word", "newpassword", "dbPasswd", "userIPs", "IBANs", "cardNo", "birthDay", "idtoken"),
        *("given_name", "familyName", "surname", "credentials", "secretkey", "mobilephone", "pass\u200bword"),
        *("ｐａｓｓｗｏｒｄ", f"{'form_' * 60}password", "form_" * 500),
        *("verified_email", "type_of_email_address", "status_token", "email_verified_by_email", "phone_model_email"),
        *("count_of_emails", "counted_token", "discount_email", "token_country"),
        *("resettoken", "RESETTOKEN", "csrfmiddlewaretoken", "devicetoken", "invitetoken", "appsecret"),
        *("access_tokens", "inputToken", "input_token", "tokens_input", "max_passwords", "total_api_tokens"),
    ],
)
def test_keys_that_say_so(key: str) -> None:
    assert is_sensitive_key(key)


@pytest.mark.parametrize(
    "key",
    [
        *("total", "name", "shipping", "zip", "description", "tokens_spent_on", "category", "ship", "tips"),
        *("product_name", "event_name", "card_count", "token_count", "emailsCount", "first_product_name", "card_type"),
        *("pass", "compassword_count", "ASCIIs", "VIPs", "birth_place", "product_family", "card_count", "größe"),
        *(
            "email_verified",
            "emailVerified",
            "phone_type",
            "tokenType",
            "cookie_consent",
            "passwordLength",
            "phone_model",
        ),
        *("signature_required", "email_status", "mobileVersion", "otp_attempts", "ip_version", "password_enabled"),
        *("$ai_input_tokens", "$ai_output_tokens", "totalTokens", "max_tokens", "prompt_tokens", "tokens_used"),
        *("cache_read_input_tokens", "completion_tokens", "tokensPerSecond", "tokenLimit", "tokenUsage"),
        *("headphones", "tokenizer", "secretary", "automobile", "order_number", "address", "access", "account", "keys"),
    ],
)
def test_keys_that_do_not(key: str) -> None:
    assert not is_sensitive_key(key)


@pytest.mark.parametrize(
    "number",
    ["5500 0000 0000 0004", "4111-1111-1111-1111", "6011000990139424", "378282246310005", "2223003122003222"],
)
def test_card_numbers_are_known_by_their_check_digit(number: str) -> None:
    assert is_sensitive_text(number)
    assert not is_sensitive_text(number[:-1] + str((int(number[-1]) + 5) % 10))


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1111 12/27",
        f"{VISA} 01",
        f"{VISA}0127123",
        f"12 27 {VISA}",
        f"0012{VISA}",
        f"{'1' * 500} {VISA} {'2' * 500}",
        f"Please charge this card for the next order: {VISA}",
        f"{'no digit so far ' * 100}{VISA}",
    ],
)
def test_card_numbers_are_found_wherever_they_stand(text: str) -> None:
    assert is_sensitive_text(text)


@pytest.mark.parametrize(
    "text", ["2001:db8::1", "fe80::1ff:fe23:4567:890a%eth0", "::ffff:192.0.2.1", "1:2:3:4:5:6:7:8"]
)
def test_an_address_of_either_kind_is_one(text: str) -> None:
    assert is_sensitive_text(text)


@pytest.mark.parametrize(
    "text", ["12:30:45", "1:2", "00:1b:44:11:3a:b7", "2024-01-02T03:04:05", "16:9", "step 1::2", "::"]
)
def test_other_colons_are_no_address(text: str) -> None:
    assert not is_sensitive_text(text)


@pytest.mark.parametrize(
    "text", ["jane＠example.com", "4111\u00a01111\u00a01111\u00a01111", "jane@\u200bexample.com", "１.２.３.４"]
)
def test_texts_are_read_whatever_characters_they_are_written_in(text: str) -> None:
    assert is_sensitive_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-02T03:04:05.678Z",
        "1732442400123",
        "50314b8e9bcf000000000000",
        "1111 1111 1111 1111",
        "0" * 1_999,
        VISA[1:],
        *("4111.1111.1111.1112", "4111.1111/1111.1111", "1.4111.1111.1111.1111", "4111.1111.1111.1111.1"),
    ],
)
def test_other_digits_are_no_card_numbers(text: str) -> None:
    assert not is_sensitive_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "47223179-9330-4259-b66c-f2db26efb20c",  # its first digits are those of a card
        "ajs-next-1795000000000-55555555-5555-4018-9d2e-1b7d5a0c3f11",
        '{"account": "47223179-9330-4259-b66c-f2db26efb20c"}',
    ],
)
def test_the_digits_of_a_uuid_are_no_card_number(text: str) -> None:
    assert not is_sensitive_text(text)
    assert kind_of_text(text) is None


@pytest.mark.parametrize(
    "text",
    [
        f"1795{VISA}",  # nanoseconds
        f"{VISA}0127123",
        "translate(0%, -0.5309136012499991%)",
        "order4111111111111111",
        "4111111111111111af09",
    ],
)
def test_a_card_number_within_a_longer_word_is_hidden_and_not_told(text: str) -> None:
    assert is_sensitive_text(text)
    assert kind_of_text(text) is None


@pytest.mark.parametrize(
    "text",
    [
        *(VISA, f"12 27 {VISA} 01", f"card:{VISA}.", f"({VISA})", f"{VISA}-12-27", "4111 1111 1111 1111 12/27"),
        *("4111.1111.1111.1111", "paid with 4111_1111_1111_1111.", "(4111/1111/1111/1111)"),
        *("3782 822463 10005", "4111-1111-1111-1111", f"1.5 {VISA}", f"id {VISA}, 2 of 3"),
    ],
)
def test_a_card_number_that_stands_by_itself_is_told(text: str) -> None:
    assert kind_of_text(text) == "card"


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["4111 1111 1111 1111 12/27", f"Please charge this card for the next order: {VISA}"])
def test_no_card_number_is_stored_outside_production(staging_key: WriteKey, order: Event, text: str) -> None:
    post_batch(staging_key, track_call(properties={"total": 1, "coupon": text}))
    process_inbox()
    sample = Sample.objects.get()
    assert "4111" not in json.dumps([sample.event, sample.violations])
    assert "/properties/coupon" in sample.masked


@pytest.mark.parametrize(
    "part",
    [
        "a",
        "a@",
        "+",
        "1 ",
        "0",
        "4",
        "4 ",
        "3000 0",
        "4 1 1 1 1 1 1 1 1 1 1 1-x",
        "eyJ",
        "eyJ-",
        "Bearer",
        "Basic  ",
        "1.",
        "+1",
        "?a=",
        "DE89 ",
        "a%40",
        "a%25",
        "%3Fa",
        "%3Fa%3D",
        "glpat-",
        ".eyJ",
        "aaaaaaaaaaaa.eyJ",
        "key-",
        "@://a:",
        "@://a:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "?code=a1",
        "T00000000/",
        "123-45-",
        "10.10.10.10 ",
    ],
)
def test_detection_takes_linear_time(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    # Fifty times as long as what is inspected: code of quadratic time would take minutes, or seconds at its fastest.
    monkeypatch.setattr(pii_detection, "MAX_INSPECTED_CHARACTERS", 100_000)
    text = (part * 100_000)[:100_000]
    started = time.thread_time()
    is_sensitive_text(text)
    assert time.thread_time() - started < 8


KINDS = {
    "email": [
        "anna@3.example.org",
        "root@203.0.113.7",
        "icon@2x.png of anna@example.org",
        "anna@example.org",
        "see mailto:a.b+c@mail.example.co.uk now",
        "/u/anna%40example.org/edit",
        "u/anna%2540example.org",
        "anna@2x.png.example.org",
    ],
    "phone": ["+49 151 23456789", "call me at +1 (202) 555-0143, please", "0049 151 23456789"],
    "card": ["paid with 4111-1111-1111-1111 today"],
    "iban": ["DE89 3704 0044 0532 0130 00", "to GB82WEST12345698765432 by Friday", "NO9386011117947"],
    "address": ["10.0.0.1", "203.0.113.7:8443", "http://203.0.113.7:80/", "[2001:db8::1]:443", "2001:db8::1"],
    "personal": ["/search?email=anna", "https://x.example/?dob=1990-01-01"],
    "token": [
        *("/login?next=%2Freset%3Ftoken%3Dabc", "/a?b=%252Fc%253Fpage%253D1%2526api_key%253Dabc"),
        *("https://x.example/reset?token=abc", "/cb#access_token=ya", "/a?x=1&api_key=5", "?password=hunter2"),
        *(
            "glpat-aaaaaaaaaaaaaaaaaaaa",
            f"AIza{'a' * 35}",
            "xoxb-123-abc",
            f"ghp_{'a' * 36}",
            "sk_live_abc",
            "Bearer abc",
        ),
        *(f"github_pat_{'a' * 22}", f"sk-proj-{'a' * 40}", f"npm_{'a' * 36}", f"key-{'0a' * 16}", f"ASIA{'A1' * 8}"),
        *("x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln y", "-----BEGIN RSA PRIVATE KEY-----"),
    ],
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in KINDS.items() for text in texts])
def test_texts_are_known_by_their_kind(kind: str, text: str) -> None:
    assert is_sensitive_text(text)
    assert kind_of_text(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        *("DE89 3704 0044 0532 0130 01", "GB00WEST12345698765432", "US12345678901234567890", "ORDER12 ABCDEFGHIJKLMN"),
        *(
            "2.5.0+20261127",
            "1 + 100000000",
            "/reset?page=2",
            "?tokens_count=3",
            "https://x.example/?q=token",
            "10.0.1",
        ),
        *("risk-free", "skate-park-of-the-quiet-town-2026", "task_live_event", "AIzawa", "2026-11-27T09:30:00+01:00"),
        *("0000123456", "00012345678905", "000-000-0001", "logo@2x.png", "/img/hero@1.5x.webp", "my-app@2.5.0"),
        *(
            "com.example.app@2.5.0-rc.1+421",
            "https://unpkg.com/vue@3.4.21/dist/vue.js",
            "@segment/analytics-node@2.1.0",
        ),
        *("142.0.0.0", "10.0.22.631", "999.1.1.1"),
        *("a@b", "basic plan 2026", "keyboard-shortcuts", "hf_small", "203.0.113.7.8", "[1]:2"),
    ],
)
def test_texts_that_hold_nothing(text: str) -> None:
    assert kind_of_text(text) is None
    assert not is_sensitive_text(text)


@pytest.mark.parametrize("key", ["version", "appVersion", "browser_version", "VERSION", "versions", "build"])
def test_keys_of_versions(key: str) -> None:
    assert is_version_key(key)


@pytest.mark.parametrize("key", ["conversion", "subversive", "ip", "", "client_address"])
def test_keys_of_no_versions(key: str) -> None:
    assert not is_version_key(key)


def test_each_place_is_found_once_and_in_order() -> None:
    text = "anna@example.org paid 4111 1111 1111 1111 at /x?token=abc&page=2"
    found = [(text[each.start : each.end], each.kind) for each in find_personal_data(text)]
    assert found == [("anna@example.org", "email"), ("4111 1111 1111 1111", "card"), ("abc", "token")]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("/x?phone=4915112345678", "personal"),  # passes the check digit of a card, and is not told as one
        ("/x?mobile=4915112345678&page=2", "personal"),
        ("/x?otp=4915112345678", "token"),
        ("/x?token=4111111111111111abcdef", "token"),
        ("/x?password=4111111111111111", "token"),
        ("/x?token=jane@example.org", "token"),
        ("/x?password=jane@example.org-hunter2", "token"),
        ("/x?token=%2B15551234567", "token"),
        ("/x?token=2001:db8::1abc", "token"),
        ("/reset/4111111111111111abcdef12Q", "token"),
        ("/x?email=jane@example.org", "email"),
        ("/x?card_number=4111111111111111", "card"),
        ("/x?iban=DE89370400440532013000", "iban"),
    ],
)
def test_what_stands_at_one_place_is_told_as_what_matters_most(text: str, kind: str) -> None:
    assert kind_of_text(text) == kind


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/x?token=4111111111111111abcdef&page=2", [("4111111111111111abcdef", "token")]),
        ("/reset/4111111111111111abcdef12Q", [("4111111111111111abcdef12Q", "token")]),
        ("/x?password=jane@example.org-hunter2", [("jane@example.org-hunter2", "token")]),
        ("/x?email=a@example.org/anna-smith", [("a@example.org/anna-smith", "email")]),
    ],
)
def test_what_overlaps_is_one_place_of_which_nothing_is_left(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(text[each.start : each.end], each.kind) for each in find_personal_data(text)] == expected


@pytest.mark.parametrize("number", [4111111111111111, 378282246310005, 4111111111111111.0])
def test_a_number_may_be_that_of_a_card(number: float) -> None:
    assert is_sensitive_number(number)
    assert not is_sensitive_number(number + 1)


@pytest.mark.parametrize("number", [0, -4111111111111111, 1732442400123, 1732442400123456, 10**30, 1e300, 27.5, 4111])
def test_other_numbers_are_not(number: float) -> None:
    assert not is_sensitive_number(number)


@pytest.mark.parametrize("key", ["otp", "dob", "username", "userName", "user_name", "login_otp", "userDob"])
def test_more_keys_that_say_so(key: str) -> None:
    assert is_sensitive_key(key)


def test_random_ids_are_no_bank_accounts() -> None:
    random = Random(7)
    ids = [str(UUID(int=random.getrandbits(128), version=4)) for _ in range(60_000)]
    assert [each for each in ids if is_sensitive_text(each)] == []


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("153cf6a8-2204-4125-be05-91f9a8e38ca9", False),
        ("be05-91f9a8e38ca9", False),
        ("DE89-3704-0044-0532-0130-00", True),
        ("DE89370400440532013000", True),
        ("DE89 3704 0044 0532 0130 00", True),
        ("DE89 370400440532013000", True),
        ("iban-DE89-3704-0044-0532-0130-00", True),
    ],
)
def test_a_bank_account_has_hyphens_between_all_of_its_groups_or_none(text: str, is_told: bool) -> None:
    assert is_sensitive_text(text) is is_told
