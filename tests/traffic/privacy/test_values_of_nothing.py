"""Values that hold nothing, under keys that call them personal or secret: they are neither."""

import pytest

from catalog.contract.pii_detection import is_sensitive_text, kind_of_text
from tracking.traffic.privacy.labels import mask_label

NOTHING = [
    "/products?mobile=1",
    "/products?mobile=false&page=2",
    "/checkout?phone=true",
    "/consent?cookie=accepted",
    "/consent?cookies=0",
    "/docs?signature=required",
    "/search?username=null",
    "/x?ip=unknown",
    "/x?email=undefined",
    "/x?email={{email}}",
    "/x?email=%7B%7Bemail%7D%7D",
    "/x?token={token}",
    "/x?token=[redacted]",
    "/x?token=%5BFiltered%5D",
    "/x?token=***",
    "/x?password=xxxx",
    "/x?token=‹token›",
    "/x?token=%3Ctoken%3E",
    "/x?api_key=YOUR_API_KEY",
    "/x?token=:token",
    "/x?token=$TOKEN",
    "/x?token=__TOKEN__",
    "/x?token=TOKEN",
    "/x?token=token",
    "/x?reset_token=:reset_token",
    "/x?reset_token=:token",
    "/x?token=INSERT_TOKEN_HERE",
    "/x?api_key=EXAMPLE_API_KEY",
    "/x?password=:password",
    "/x?user%5Bpassword%5D=PASSWORD",
    "/login?next=%2Freset%3Ftoken%3Dundefined",
    "Authorization: Bearer undefined",
    "Authorization: Bearer [redacted]",
    "Authorization: Bearer {{token}}",
    "https://user:***@x.example/",
    "https://user:[redacted]@x.example/",
]


@pytest.mark.parametrize("text", NOTHING)
def test_what_holds_nothing_is_not_told(text: str) -> None:
    assert kind_of_text(text) is None
    assert not is_sensitive_text(text)
    assert mask_label(text) == text


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("/x?mobile=0151234567", "personal"),
        ("/x?email=1%40x.example", "email"),
        ("/x?password=hunter2", "token"),
        ("/x?otp=100200", "token"),
        ("/x?password=password", "token"),
        ("/x?password=password1", "token"),
        ("/x?token=token1", "token"),
        ("/x?token=mytoken3f9a", "token"),
        ("/x?token=example", "token"),
        ("/x?token=reset:token:3f9a", "token"),
        ("/x?token=true3f9a8b7c6d", "token"),
        ("/x?token=[3f9a8b7c6d", "token"),
        ("Authorization: Bearer undefined3f9a", "token"),
        ("Authorization: Bearer nullabc.def", "token"),
        ("https://user:hunter2@x.example/", "token"),
        ("https://user:true@x.example/ https://user:hunter2@x.example/", "token"),
        ("mail ann@x.example or https://user:***@x.example/", "email"),
    ],
)
def test_what_holds_something_still_is(text: str, kind: str) -> None:
    assert kind_of_text(text) == kind
