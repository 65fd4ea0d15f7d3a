"""What pages of other rooms show of traffic."""

from collections.abc import Callable

from django.test import Client
from django.utils.html import strip_tags

from accounts.models import User
from catalog.models import Event, WriteKey
from tests.factories.traffic import check_all, send, track


def panel(client: Client, event: Event) -> str:
    """The words of the event's page."""
    return " ".join(strip_tags(client.get(event.get_absolute_url()).content.decode()).split())


def test_repeats_and_what_may_be_repeats_are_shown(
    client_of: Callable[[User], Client], stranger: User, key: WriteKey, order: Event
) -> None:
    client = client_of(stranger)
    send(key, track())
    check_all()
    assert "repeat" not in panel(client, order)

    known, nameless = track(), track()
    del nameless["messageId"]
    send(key, known, known, nameless, nameless)
    check_all()
    shown = panel(client, order)
    assert "1 repeat was not counted again." in shown
    assert "1 event without an id may be a repeat, but is counted." in shown

    send(key, known, nameless)
    check_all()
    shown = panel(client, order)
    assert "2 repeats were not counted again." in shown
    assert "2 events without an id may be repeats, but are counted." in shown
