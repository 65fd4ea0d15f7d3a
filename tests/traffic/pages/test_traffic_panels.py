"""What pages of other rooms show of traffic."""

from collections.abc import Callable

from django.test import Client
from django.utils.html import strip_tags

from accounts.models import User
from catalog.models import Event, WriteKey
from tests.factories.traffic import post_batch, process_inbox, track_call


def panel(client: Client, event: Event) -> str:
    """The words of the event's page."""
    return " ".join(strip_tags(client.get(event.get_absolute_url()).content.decode()).split())


def test_repeats_and_what_may_be_repeats_are_shown(
    client_of: Callable[[User], Client], stranger: User, key: WriteKey, order: Event
) -> None:
    client = client_of(stranger)
    post_batch(key, track_call())
    process_inbox()
    assert "repeat" not in panel(client, order)

    known, nameless = track_call(), track_call()
    del nameless["messageId"]
    post_batch(key, known, known, nameless, nameless)
    process_inbox()
    shown = panel(client, order)
    assert "1 repeat was not counted again." in shown
    assert "1 event without an id may be a repeat, but is counted." in shown

    post_batch(key, known, nameless)
    process_inbox()
    shown = panel(client, order)
    assert "2 repeats were not counted again." in shown
    assert "2 events without an id may be repeats, but are counted." in shown
