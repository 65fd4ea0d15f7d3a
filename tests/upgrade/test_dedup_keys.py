"""Ids that were known before a dedup key was one number are known after it is one, each for the rest of its day."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from catalog.models import Source
from tests.factories.catalog import SourceFactory
from tests.traffic.check.dedup.sent_events import FRESH, POSSIBLE_REPEAT, REPEAT, REUSED, Sent, mark, parse
from tracking.traffic.check.dedup.event_hashes import event_content, scope_hash
from tracking.traffic.migrations import _dedup_conversion
from tracking.traffic.models import DedupKey, EarlierDedupKey
from tracking.traffic.privacy.pseudonyms import keyed_hash

pytestmark = pytest.mark.django_db

NOW = timezone.now()
BEFORE = [("traffic", "0018_pack_bodies")]
INSERT = """
    INSERT INTO traffic_dedupkey (source_id, environment, id_hash, content_hash, seen_at) VALUES (%s, %s, %s, %s, %s)
"""


def migrate(targets: list[tuple[str, str]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks to come cannot be altered
    MigrationExecutor(connection).migrate(targets)


@pytest.fixture
def sources(owner_role: None) -> list[Source]:
    """Two sources, while the tables are as they were before."""
    sources = [SourceFactory.create(slug=f"source-{number}") for number in range(2)]
    migrate(BEFORE)
    return sources


def note_as_before(sent: Sent, at: datetime, *, has_content: bool = True) -> None:
    """Store an event as the release before stored it: without an id by its text, and once without its content."""
    parsed = parse(sent, at=at)
    if sent.message_id is None:
        hashes: tuple[int, int | None] = (keyed_hash("content", parsed.raw_content), 0)
    else:
        content = keyed_hash("event content", event_content(parsed.event_or_empty)) if has_content else None
        hashes = (keyed_hash("event", sent.message_id.encode()), content)
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [sent.source_id, sent.environment, *hashes, at])


def upgrade() -> None:
    latest = [key for key in MigrationExecutor(connection).loader.graph.leaf_nodes() if key[0] == "traffic"]
    migrate(latest)


def test_what_was_seen_stays_seen(sources: list[Source]) -> None:
    first, second = (source.pk for source in sources)
    an_hour_ago = NOW - timedelta(hours=1)
    for sent in (
        Sent("one", 0, first),
        Sent("one", 0, first, "staging"),
        Sent(None, 5, first),
        Sent("used", 0, first),
        Sent("used", 1, first),
        Sent("used", 2, first),
    ):
        note_as_before(sent, an_hour_ago)
    note_as_before(Sent("older", 0, second), an_hour_ago, has_content=False)
    upgrade()

    assert (DedupKey.objects.count(), EarlierDedupKey.objects.count()) == (7, 0)
    assert mark([Sent("one", 0, first), Sent("one", 0, first, "staging")], at=NOW) == [REPEAT, REPEAT]
    assert mark([Sent("one", 0, second), Sent("one", 0, first, "development")], at=NOW) == [FRESH, FRESH]
    assert mark([Sent("one", 1, first), Sent(None, 5, first), Sent(None, 5, second)], at=NOW) == [
        *(REUSED, POSSIBLE_REPEAT),
        FRESH,
    ]
    assert mark([Sent("used", content, first) for content in range(4)], at=NOW) == [REPEAT, REPEAT, REPEAT, REUSED]
    assert mark([Sent("older", 0, second), Sent("older", 1, second)], at=NOW) == [REPEAT, REPEAT]


def test_a_day_that_began_before_ends_as_it_would_have(sources: list[Source]) -> None:
    source_id = sources[0].pk
    note_as_before(Sent("old", 0, source_id), NOW - settings.DEDUP_WINDOW)
    note_as_before(Sent("young", 0, source_id), NOW - settings.DEDUP_WINDOW + timedelta(seconds=2))
    upgrade()
    assert mark([Sent("old", 0, source_id), Sent("young", 0, source_id)], at=NOW) == [FRESH, REPEAT]


def test_a_key_before_is_the_key_that_is_written_today(sources: list[Source]) -> None:
    upgrade()
    for source_id in (1, 20, 12_345):
        for environment in ("production", "staging"):
            assert _dedup_conversion.scope_hash(source_id, environment) == scope_hash(source_id, environment)
    sent = [Sent("one", 0, sources[0].pk), Sent("one", 1, sources[0].pk), Sent(None, 3, sources[1].pk)]
    mark(sent, at=NOW)
    written = set(DedupKey.objects.values_list("key", "content", "seen_at"))
    migrate(BEFORE)
    for each in sent:
        note_as_before(each, NOW)
    upgrade()
    assert set(DedupKey.objects.values_list("key", "content", "seen_at")) == written
