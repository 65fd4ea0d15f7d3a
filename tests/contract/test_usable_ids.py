"""Ids: what is one, what stands where none is, and the rule that tells."""

from typing import Any

import pytest

from catalog.contract import Event
from catalog.contract.rules.event_rule import CatalogMatch, EventFacts
from catalog.contract.rules.identity import IDENTITY
from catalog.contract.usable_ids import folded_id, id_text, plain_id

PLACEHOLDERS = [
    *("", "  ", "null", "NULL", " None ", "nil", "undefined", "N/A", "n.a.", "na", "NaN", "true", "false", "void"),
    *("anonymous", "guest", "Unknown", "not_authenticated", "not logged in", "(not set)", "(null)", "<null>", "<nil>"),
    *(
        "0",
        "0.0",
        "000",
        "-1",
        "--",
        "?",
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
    ),
    *("{{user.id}}", "{{ user_id }}", "${user_id}", "#{user.id}", "<%= user.id %>", "%s", "%1$s", "%d", "%USERID%"),
    *("{user}", "$USER_ID", ":user_id", "[object Object]", "[object Undefined]", "{}", "[]", "Optional(nil)", "#N/A"),
    *('"undefined"', "'null'", "undefined undefined", "null:null", "user_undefined", "guest-user", "unknown device"),
    *("user_id", "distinct_id", "anonymous_id", "email", "lmy47d", "9774d56d682e549c", "02:00:00:00:00:00"),
    *("function () { [native code] }", "<User object at 0x7f3a>", f"function(a) {{ {'x' * 5_000} }}"),
    # Of nothing, hashed and encoded: MD5, SHA-1 and SHA-256 of the empty text, and of `null` and `undefined`.
    *("d41d8cd98f00b204e9800998ecf8427e", "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709"),
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    *("74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b", "bnVsbA==", "dW5kZWZpbmVk"),
    *(
        "\u200b",
        "\ufeffnull",
        "nu\u00adll",
        "（null）",
        "ｕｎｄｅｆｉｎｅｄ",
        "—",
        "–1",
        "\u2060\u00a0",
        "\u200b" * 5_000,
    ),
    *(
        "nu\u2066ll",
        "\u202eundefined\u202c",
        "n\x00ull",
        "anonymous\ufe0f",
        "\u3164",
        "\u2800",
        "guest\u034f",
        "\x7fnone\x01",
    ),
    *(
        "0000\u20110000",
        "«null»",
        "「undefined」",
        '\\"null\\"',
        "%22none%22",
        "{0}",
        "[0]",
        "(?)",
        "XXXX-XXXX",
        "false.",
    ),
    *("{00000000-0000-0000-0000-000000000000}", "f" * 32, "null@null", "id=null", "None.None"),
    *("37a6259cc0c1dae299a7866489dff0bd", "0x0", "0x00000000", "\\N", "n/d", "no_user", "No user"),
    *("com.acme.User@1b6d3586", "java.lang.Object@1b6d", "[B@1b6d3586", "[Ljava.lang.String;@7a81197d"),
    *("#<User:0x00007f8b>", "#<User id: 5>"),
    *(0, -1, 0.0, -0.0, -1.0, float("nan"), float("inf"), None, True, False, {}, [], {"id": 1}, ["u1"], 2**1024),
]
IDS: list[tuple[Any, str]] = [
    *(
        (text, text)
        for text in ("u1", "U-1001", "user-0", "user_1", "guest42", "42", "-2", "007", "id-7", "test", "nullah")
    ),
    *(
        (text, text)
        for text in (
            "anna@example.org",
            "none-1",
            "550e8400-e29b-41d4-a716-446655440000",
            "Nil Sanchez",
            "日本",
            "Ａnna",
            "—7",
        )
    ),
    *(
        (text, text)
        for text in ("0xCAFE", "acme.User@example.org", "com.acme.User@mail.example", "no-reply", "U@1b6d3586")
    ),
    *(
        (text, text)
        for text in ("x", "X", "x-x", "N", "A", "0x1F", "1e5", "0-1", "U.S.", "(1)", "\\N7", "f" * 31, "a@null.example")
    ),
    *((text, text) for text in ("d41d8cd98f00b204e9800998ecf8427f", "bnVsbHM=", "[B", "#ann", "north/dakota")),
    *((7, "7"), (1.0, "1"), (1.5, "1.5"), (-7, "-7"), (1e3, "1000"), ("x" * 5_000, "x" * 5_000), (" u1 ", " u1 ")),
]


@pytest.mark.parametrize("value", PLACEHOLDERS, ids=repr)
def test_what_stands_where_no_id_is_means_nobody(value: Any) -> None:
    assert id_text(value) == ""


@pytest.mark.parametrize(("value", "text"), IDS, ids=lambda value: repr(value)[:40])
def test_an_id_is_kept_as_it_came(value: Any, text: str) -> None:
    assert id_text(value) == text


def test_case_and_blanks_fold() -> None:
    assert folded_id(" Ann A ") == folded_id("annA") == "anna"
    assert folded_id("ann") != folded_id("anne")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Ann\u200b-42é",
            "\ufeffAnn-42é",
            "\u2066Ann-42é\u2069",
            "Ann\u2060-42é",
            "Ann-42é\ufe0f",
            "Ann-4\x002é",
            "Ann-42é\u3000",
        ),
        *(
            "Ann\u201042é",
            "Ann\u201142é",
            "Ann\u201342é",
            "Ann\u221242é",
            "Ann\uff0d42é",
            "Ａｎｎ-４２é",
            "Ann-42e\u0301",
        ),
    ],
    ids=ascii,
)
def test_what_looks_like_an_id_folds_into_it(text: str) -> None:
    assert plain_id(text) == "Ann-42é"
    assert folded_id(text) == "ann-42é"
    assert id_text(text) == text


def broken_paths(
    match: CatalogMatch = CatalogMatch.DEFINED, respelled: tuple[str, ...] = (), **fields: Any
) -> list[str]:
    facts = EventFacts(Event(call="track", event="A", **fields), match, "shop", "production", "")
    facts.respelled_ids = respelled
    return [violation.path for violation in IDENTITY.violations(facts)]


@pytest.mark.parametrize(
    ("fields", "paths"),
    [
        ({}, ["/user_id"]),
        ({"user_id": "u1"}, []),
        ({"anonymous_id": "d1"}, []),
        ({"user_id": 7}, []),
        ({"user_id": 7.5, "anonymous_id": None}, []),
        ({"user_id": ""}, ["/user_id"]),
        ({"user_id": "null", "anonymous_id": "d1"}, ["/user_id"]),
        ({"user_id": "u1", "anonymous_id": "00000000-0000-0000-0000-000000000000"}, ["/anonymous_id"]),
        ({"user_id": {"id": 1}, "anonymous_id": True}, ["/user_id", "/anonymous_id"]),
        ({"user_id": ["u1"]}, ["/user_id"]),
        ({"user_id": "", "anonymous_id": "d1"}, []),
        ({"user_id": "u1", "anonymous_id": ""}, []),
        ({"user_id": "", "anonymous_id": ""}, ["/user_id"]),
        ({"anonymous_id": ""}, ["/user_id"]),
        ({"user_id": " ", "anonymous_id": "d1"}, ["/user_id"]),
        ({"user_id": " u1"}, ["/user_id"]),
        ({"user_id": 0}, ["/user_id"]),
    ],
)
def test_an_event_must_say_whose_it_is(fields: dict[str, Any], paths: list[str]) -> None:
    assert broken_paths(**fields) == paths


def test_another_spelling_of_an_id_is_told() -> None:
    assert broken_paths(user_id="U1", respelled=("user_id",)) == ["/user_id"]


def test_what_cannot_be_read_is_not_asked_whose_it_is() -> None:
    assert CatalogMatch.UNREADABLE not in IDENTITY.applies_to
    assert set(CatalogMatch) - IDENTITY.applies_to == {CatalogMatch.UNREADABLE}
