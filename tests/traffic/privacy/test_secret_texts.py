"""Secrets by the marks of those who issue them, and by the name that stands before them."""

import time

import pytest

from catalog.contract.pii_detection import PersonalData, is_sensitive_text, kind_of_text
from catalog.contract.secret_texts import find_secret_texts

HEX, WORD = "0123456789abcdef" * 4, "abXY09" * 20
SECRETS = [
    *(f"GOCSPX-{WORD[:28]}", f"SG.{WORD[:22]}.{WORD[:43]}", f"{HEX[:32]}-us12", f"ntn_{WORD[:46]}", f"EAA{WORD[:100]}"),
    *(f"123456789:AA{WORD[:33]}", f"M{WORD[:23]}.{WORD[:6]}.{WORD[:27]}", f"HRKU-{HEX[:36]}", f"pat{WORD[:14]}.{HEX}"),
    *(f"figd_{WORD[:40]}", f"ATATT3xFfGF0{WORD[:60]}", f"dckr_pat_{WORD[:27]}", f"glsa_{WORD[:32]}_{HEX[:8]}"),
    *(
        f"sntrys_{WORD[:60]}",
        f"PMAK-{HEX[:24]}-{HEX[:34]}",
        f"pscale_tkn_{WORD[:43]}",
        f"sbp_{HEX[:40]}",
        f"sb_{WORD[:43]}",
        f"r8_{WORD[:37]}",
    ),
    *(
        f"gsk_{WORD[:52]}",
        f"xai-{WORD[:80]}",
        f"pplx-{WORD[:48]}",
        f"{WORD[:14]}.atlasv1.{WORD[:64]}",
        f"dp.pt.{WORD[:43]}",
    ),
    *(
        f"AccountKey={WORD[:86]}==",
        f"abc8Q~{WORD[:34]}",
        f"sk-ant-api03-{WORD[:90]}",
        f"sk-{WORD[:48]}",
        f"sk_live_{WORD[:24]}",
    ),
    *(
        f"eyJhbGciOiJSU0EtT0FFUCJ9.{WORD[:60]}.{WORD[:16]}.{WORD[:40]}.{WORD[:22]}",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
    ),
    *(
        f"bearer {WORD[:30]}",
        "Basic dXNlcjpwYXNzd29yZA==",
        "basic dXNlcjpwYXNzd29yZA",
        "postgres://app:s3cr3t@db:5432/x",
    ),
]
ASSIGNED = [
    *(
        "password: hunter2",
        "token=abc123def",
        "api_key: 1a2b3c4d5e6f",
        '{"password":"hunter2"}',
        "DB_PASSWORD='hunter2'",
    ),
    *("aws_secret_access_key=wJalrXUtnFEMI7", "login failed, accessToken = ab12cd34 expired"),
]
OTHERS = [
    *(
        "Basic Subscription",
        "basic training",
        "Basic plan 2026",
        "bearer of good news",
        "sk-bratislava-stare-mesto-byty",
    ),
    *(
        "Password: required",
        "token: expired",
        "Author: Bob2000",
        "Unexpected token: x",
        "secretary: Anna99",
        "tokens: 123456",
    ),
    *(
        "keyboard: qwerty1",
        "authors=Anna123",
        "password_length: 12chars",
        "https://x.example/monkey=abc1234",
        "patience.1234567",
    ),
    *("vue@3.4.21", "a.b.c", "Key features: 24h battery", "x-us12", "10:AA", "tokenizer=bert2base"),
]


@pytest.mark.parametrize("dress", ["{}", "key {} here", '{{"k":"{}"}}', "\n{}\n", "({})"])
@pytest.mark.parametrize("text", [*SECRETS, *ASSIGNED], ids=lambda text: text[:12])
def test_a_secret_is_told(text: str, dress: str) -> None:
    written = dress.format(text)
    assert kind_of_text(written) is PersonalData.TOKEN
    assert is_sensitive_text(written)


@pytest.mark.parametrize("text", OTHERS)
def test_what_only_looks_like_one_is_not(text: str) -> None:
    assert kind_of_text(text) is None
    assert not is_sensitive_text(text)


@pytest.mark.parametrize(
    "part",
    [
        "a:",
        "a=",
        "token=",
        "token:a1 ",
        "eyJ",
        "eyJhbGci",
        "bearer ",
        "basic ",
        "1:AA",
        "M.",
        "a.a",
        "dp.",
        "x" * 14 + ".atlasv1.",
    ],
)
def test_it_takes_linear_time(part: str) -> None:
    text = (part * 100_000)[:100_000]
    started = time.thread_time()
    list(find_secret_texts(text))
    assert time.thread_time() - started < 2
