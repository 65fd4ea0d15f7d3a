"""Secrets in the paths of addresses: found behind the words that say so, and not where people write."""

import random
import string
import time

import pytest

from catalog.contract.path_tokens import find_path_tokens
from catalog.contract.pii_detection import find_personal_data, is_sensitive_text, kind_of_text
from catalog.models import WriteKey
from tests.factories.traffic import post_batch, process_inbox, track_call
from tracking.quality.models import Finding
from tracking.traffic.models import SeenName
from tracking.traffic.privacy.labels import mask_label

SECRET = [
    "https://x.example/cb?code=4%2F0AX4XfWh3x9Kq7LmN2pQrStUvWxYz&state=abc",
    "https://x.example/a;jsessionid=5F3C9A8B7C6D5E4F3A2B1C0D9E8F7A6B",
    "https://x.example/?sid=8d7f9a8b7c6d5e4f3a2b",
    "https://x.example/file?sv=2020&sig=kJ8sPq2LmN4xXy7zQw9KeJx9k7fQ2mNpLr4TzXw8",
    "https://x.example/cas?ticket=ST-1856339-aA5Yuvrxzpv8Tau1cYQ7",
    "https://hooks.example/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
    "https://api.example/bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/getMe",
    "postgres://user:pa55@db.example/x",
    "https://user:secret@x.example/",
    "redis://:secret@x.example:6379/0",
    "/reset/3f9a6e7b1c2d",
    "/invite/AbCdEfGhIj",
    "https://x.example/reset-password/3f9a8b7c6d5e4f3a2b1c",
    "/u/password-reset/0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "/users/password/edit/Xy7zQw9K",
    "/verify-email/expired/c0ffee00c0ffee00c0ffee00",
    "/reset/MTA/5h3-2d7f9c1b8e6a4d0f3b5c",
    "/accounts/reset/MQ/c5qk0u-3f9a6e7b1c2d4e5f6a7b8c9d0e1f2a3b/",
    "app://reset/kJ8sPq2LmN4x",
    "/#/reset/kJ8sPq2LmN4x",
    "reset/kJ8sPq2LmN4x",
    "/login?next=%2Freset%2F3f9a6e7b1c2d",
    "/signup/eJx9k7fQ2mNpLr4TzXw8",
    "/invite/550e8400-e29b-41d4-a716-446655440000",
    "https://hooks.slack.com/services/T00/B00/webhook/XX1y2Z3a4B5c6D7e",
    "/api/webhooks/123456789012345678/aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789",
    "/unsubscribe/8f14e45fceea167a5a36dedd4bea2543",
    "/magic-link/a1b2c3d4e5f6",
    "https://x.example/device?device_code=GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS",
    "https://x.example/action?mode=resetPassword&oobCode=ABCabc123xyz456DEF789ghi",
    "https://x.example/?otl=9f8e7d6c5b4a39281706f5e4",
    "https://x.example/s/demo?share=8f14e45fceea167a5a36dedd4bea2543",
    "https://x.example/acs?SAMLart=AAQAAMh48d7mz9K3f2Q1w8xYz0pLrT5vN6cB4aE=",
    "https://x.example/cb?code=AAQAAMh48d7mz9K3f2+Q1w8xYz0p/LrT5vN6cB4aE==",
    "/login?next=%2Fs%3Finvite%3D8f14e45fceea167a5a36dedd4bea2543",
    "https://x.example/device?deviceCode=GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS",
    "https://x.example/device?device-code=GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS",
    "https://x.example/?invitecode=9f8e7d6c5b4a39281706f5e4",
    "https://x.example/?shareKey=9f8e7d6c5b4a39281706f5e4",
    "https://drive.example/file?usp=sharing&resourcekey=0-aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW",
    "/share/aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW",
    "/docs/shared/9f8e7d6c5b4a39281706f5e4/view",
    "/join/aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW",
    "/reset?t=3f9a6e7b1c2d",
    "/reset?lang=en&utm_source=mail&t=3f9a6e7b1c2d",
    "/reset?gclid=EAIaIQobChMIy8Tz4uT8gQMVhZ9oCR3aBQ0hEAAYASAAEgJ2&h=3f9a6e7b1c2d",
    "/reset?kJ8sPq2LmN4x",
    "/reset?kJ8sPq2LmN4x==",
    "/signup?next=/reset/kJ8sPq2LmN4x",
    "/unsubscribe?subscriber=8f14e45fceea167a5a36dedd4bea2543",
    "/login?c=eJx9k7fQ2mNpLr4TzXw8",
    "/team-invite/3f9a8b7c6d5e4f3a2b1c",
    "/workspace-invite/3f9a6e7b1c2d",
    "/create-password/3f9a6e7b1c2d",
    "/newsletter-unsubscribe/kJ8sPq2LmN4x",
    "/brunch-invite/3f9a8b7c6d5e4f3a2b1c",
]

NO_SECRET = [
    "/cart?code=SUMMER20",
    "/cart?code=WELCOMEBACK2026NOW",
    "/track?key=BBB7131401521",
    "/app?code=de-DE&key=order.completed.title.2026",
    "/post/7?share=facebook",
    "/img?key=/products/2026/boots/front.jpg&code=a=b=c",
    "/post/7?share=550e8400-e29b-41d4-a716-446655440000&invite=friends-of-the-shop",
    "http://localhost:8000/a:b",
    "https://x.example:443/a?b=c:d",
    "robot1234:5678",
    "/reset/password",
    "/reset",
    "/reset/complete",
    "/reset-password/success",
    "/invite/friends",
    "/invite/friends-and-family",
    "/invite/how-to-invite-your-iphone-15-pro",
    "/reset/how-to-reset-iphone15pro",
    "/blog/password-managers-compared-2026",
    "/blog/2026/11/27/password-reset-best-practices",
    "/docs/invitations/overview.html",
    "/assets/password/3f9a8b7c.svg",
    "/static/invite/app.3f9a8b7c1d2e.js",
    "/commit/3f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a",
    "/releases/3f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a",
    "/products/550e8400-e29b-41d4-a716-446655440000",
    "/orders/confirm/ORD-2024-00017",
    "/orders/confirm/550e8400-e29b-41d4-a716-446655440000",
    "/orders/confirm/3f9a8b7c",
    "/auth/callback",
    "/login/google-oauth2",
    "/oauth/authorize",
    "/invite/12345",
    "/invite/team/checkout-2024",
    "/settings/tokens/new",
    "/settings/tokens/42",
    "/settings/webhooks/123",
    "/tokens/ethereum-erc20",
    "/token/WelcomeToOurShop2024",
    "/reset/iPhone15ProMax",
    "/reset/MacBookPro16M3",
    "/invite/ios16-beta2",
    "/signup?gclid=EAIaIQobChMIy8Tz4uT8gQMVhZ9oCR3aBQ0hEAAYASAAEgJ2_fD_BwE",
    "/login?fbclid=IwAR2F4dbP0l7Mn1IawQQGCINEz7PYXQvwjNwB_qa2ofrHyiLjcbCRxTDMgk",
    "/signup/?msclkid=3f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c",
    "/invite?msclkid=3f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c",
    "/activate?ttclid=E.C.P.CoQBkFz5cWYQ2t4xY9Z1",
    "/login?gbraid=0AAAAADq4pWm9vX1Y2Z3a4b5c6d7e8f9",
    "/share?irclickid=3f9a8b7c6d5e4f3a2b1c",
    "/invite?utm_campaign=2026q4promoA1B2",
    "/accept-cookies?gclid=EAIaIQobChMIy8Tz4uT8gQMVhZ9oCR3aBQ0hEAAYASAAEgJ2_fD_BwE",
    "/unsubscribe?mc_eid=3f9a8b7c6d",
    "/login?next=/products/550e8400e29b41d4a716446655440000",
    "/login?next=%2Fproducts%2F550e8400e29b41d4a716446655440000",
    "/login?redirect=/orders/3f9a8b7c6d5e4f3a2b1c0d9e",
    "/login?client_id=3f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c&state=3f9a8b7c6d5e4f3a2b1c0d9e",
    "/signup?ref=3f9a8b7c6d5e4f3a2b1c",
    "/magic-mouse/B0CHX1W1XY",
    "/Apple-Magic-Keyboard/dp/B09BRG3D4V",
    "/muscle-recovery-drink/ABC12DEF34",
    "/password-manager/B0CHX1W1XY",
    "/share/facebook",
    "/share/p/1AbCdEfGh7",
    "/share?url=%2Fpost%2F7&fbclid=IwAR2F4dbP0l7Mn1IawQQGCINEz7PYXQvwjNwB_qa2ofrHyiL",
    "/join/our-team-2026",
    "/post/7?shareRedId=ODdFMDpGPkA2NzUyOTgwNjY0OTdFOTo8",
]


@pytest.mark.parametrize("text", SECRET)
def test_what_opens_something_is_a_secret(text: str) -> None:
    assert kind_of_text(text) == "token"
    assert is_sensitive_text(text)
    assert mask_label(text).count("‹token›") == 1


@pytest.mark.parametrize("text", NO_SECRET)
def test_words_numbers_and_things_are_none(text: str) -> None:
    assert kind_of_text(text) is None
    assert not is_sensitive_text(text)
    assert mask_label(text) == text


def test_only_the_secret_is_taken_out() -> None:
    assert mask_label("https://x.example/users/reset/3f9a6e7b1c2d/edit?page=2") == (
        "https://x.example/users/reset/‹token›/edit?page=2"
    )
    text = "/reset/anna@example.org/3f9a6e7b1c2d"
    assert [each.kind for each in find_personal_data(text)] == ["email", "token"]
    assert mask_label("postgres://user:pa55@db.example/x") == "postgres://‹token›@db.example/x"


@pytest.mark.parametrize(
    ("alphabet", "length"),
    [
        ("0123456789abcdef", 32),
        (string.ascii_letters + string.digits, 32),
        (string.ascii_lowercase + string.digits, 32),
    ],
)
def test_nearly_every_drawn_text_is_found(alphabet: str, length: int) -> None:
    drawn = random.Random(7)
    texts = ["".join(drawn.choices(alphabet, k=length)) for _ in range(500)]
    assert sum(bool(list(find_path_tokens(f"/reset/{text}"))) for text in texts) > 480


@pytest.mark.parametrize(
    "part",
    [
        "/",
        "/reset",
        "/reset/",
        "/reset/a1",
        "%2F",
        "%25",
        "%2Freset%2F",
        "reset",
        "a1-",
        "/a?b=&",
        "://a:",
        "?code=a1&",
        "/reset?",
        "&campaig=",
        "?campaigncampaign=a1",
    ],
)
def test_it_takes_linear_time(part: str) -> None:
    text = (part * 100_000)[:100_000]
    started = time.thread_time()
    list(find_path_tokens(text))
    assert time.thread_time() - started < 2


@pytest.mark.django_db
def test_links_that_open_something_are_one_name_and_are_told(key: WriteKey) -> None:
    post_batch(key, track_call("/reset/3f9a6e7b1c2d"), track_call("/reset/kJ8sPq2LmN4x"), track_call("/reset/help"))
    process_inbox()
    assert set(SeenName.objects.values_list("name", flat=True)) == {"/reset/‹token›", "/reset/help"}
    assert Finding.objects.filter(rule="name", seen_name__name="/reset/‹token›").count() == 1
