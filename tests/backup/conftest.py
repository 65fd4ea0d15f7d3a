"""An installation with something in every part, and an empty one beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.history import record
from accounts.models import User
from accounts.roles import Role, Scope
from accounts.services import issue_token
from backup.archive.manifest import Manifest
from backup.dump import create_backup
from backup.restoring.restoration import restore_backup
from tests.backup.other_database import OtherDatabase, drop, empty_copy
from tests.factories.accounts import person
from tests.factories.catalog import EventFactory, SourceFactory, TagFactory, create_write_key
from tests.factories.ingestion import INVALID_PAYLOAD, VALID_PAYLOAD, ingest
from tests.factories.requests import RequestFactory
from tracking.traffic.choices import WireChoice
from tracking.traffic.counts.rollups import fold_deltas
from tracking.traffic.models import InboxBatch, QuarantinedBatch

HOSTILE_TEXTS = ("\\.", "\\N", "a\tb\\tc\r\nd\\", "\N{BOM}ünïcode \N{FIRE} ‮", "'; DROP TABLE accounts_user; --")


@pytest.fixture
def empty_installation(transactional_db: None) -> Iterator[OtherDatabase]:
    """An installation on which nothing but migrations ran. Asked for before anything is written."""
    other = empty_copy(f"{connection.settings_dict['NAME']}_restored")
    yield other
    drop(other)


@pytest.fixture
def installation(empty_installation: OtherDatabase) -> None:
    """Two teams' requests, one of them live, good and bad traffic of two sources, and what waits or went wrong."""
    RequestFactory.live()
    RequestFactory.across(teams=2).submit()
    sources = [SourceFactory.create(), SourceFactory.create()]
    for source in sources:
        create_write_key(source)
        event = EventFactory.create(sources=[source], is_live=True)
        event.tags.add(TagFactory.create())
        ingest(source, event.name, [VALID_PAYLOAD, INVALID_PAYLOAD], user_ids=["ann"])
        ingest(source, "Nobody Defined This", [{"text": text} for text in HOSTILE_TEXTS], environment="staging")
        fold_deltas()
    ingest(source, event.name, [VALID_PAYLOAD])
    issue_token(user=person(Role.ANALYST), name="Reports", scopes=tuple(Scope), by=User.objects.system())
    now = timezone.now()
    body = {"body": bytes(range(256)), "size": 256, "event_count": 1, "wire": WireChoice.SEGMENT, "received_at": now}
    InboxBatch.objects.create(source=source, environment="production", **body)
    QuarantinedBatch.objects.create(
        source=source, environment="production", attempts=3, quarantined_at=now, reason="Nobody knows", **body
    )
    with transaction.atomic():
        for text in HOSTILE_TEXTS:
            record(by=User.objects.system(), subject_type="source", subject_id=text, action="changed", message=text)


def back_up(path: Path) -> Manifest:
    """Back up what Django is connected to."""
    return create_backup(path, report=lambda line: None)


def restore(path: Path) -> Manifest:
    """Restore into what Django is connected to."""
    return restore_backup(path, report=lambda line: None)
