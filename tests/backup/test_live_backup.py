"""A backup while events arrive and are checked: none of them is lost in it, and none is in it twice."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.db.models import Sum

from backup import dump
from backup.tables.stored_tables import StoredTable
from backup.tables.table_copy import read_rows
from catalog.models import WriteKey
from tests.backup.conftest import back_up, restore
from tests.backup.other_database import OtherDatabase
from tests.factories.catalog import SourceFactory, create_write_key
from tests.factories.traffic import basic_auth_header, track_call
from tests.live_processes import LiveServer, Worker, running_installation, wait_for
from tracking.traffic.models import InboxBatch, TrafficCount

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]

EVENTS_IN_A_BODY = 3
MAX_BODIES = 300  # an hour counts a thousand names of a source apart


@dataclass
class Sender:
    """Sends bodies one after the other; each event has a name of its own. `accepted` counts those answered with 200."""

    server: LiveServer
    key: WriteKey
    accepted: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self.stopped.is_set() and self.accepted < MAX_BODIES:
            self.send(self.accepted)
            self.accepted += 1
            self.stopped.wait(0.02)

    def send(self, number: int) -> None:
        events = [track_call(name) for name in names_of_body(number)]
        headers = {"Authorization": basic_auth_header(self.key), "Content-Type": "application/json"}
        request = urllib.request.Request(
            f"{self.server.url}/v1/batch", json.dumps({"batch": events}).encode(), headers, method="POST"
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == 200

    @contextmanager
    def sending(self) -> Iterator[None]:
        thread = threading.Thread(target=self.run)
        thread.start()
        try:
            yield
        finally:
            self.stopped.set()
            thread.join(60)


def names_of_body(number: int) -> list[str]:
    return [f"Event {number:03} {place}" for place in range(EVENTS_IN_A_BODY)]


@pytest.fixture
def slow_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[Sender], None]:
    """A function after which a backup lets some bodies arrive before it comes to the next table of traffic."""

    def slow_down(sender: Sender) -> None:
        def read_slowly(table: StoredTable) -> Iterator[bytes]:
            if table.name.startswith("traffic_"):
                arrived = sender.accepted + 2
                wait_for(lambda: sender.accepted >= arrived, what="events to be accepted")
            yield from read_rows(table)

        monkeypatch.setattr(dump, "read_rows", read_slowly)

    return slow_down


def test_every_accepted_event_is_counted_once_in_what_is_restored(
    empty_installation: OtherDatabase, slow_disk: Callable[[Sender], None], tmp_path: Path
) -> None:
    key = create_write_key(SourceFactory.create(slug="web-shop"))
    accepted_before, accepted_after = [], []
    files = [tmp_path / "first.zip", tmp_path / "second.zip"]
    with running_installation(tmp_path) as server:
        sender = Sender(server, key)
        slow_disk(sender)
        with sender.sending():
            for file in files:
                wait_for(lambda: sender.accepted >= 5, what="events to be accepted")
                accepted_before.append(sender.accepted)
                back_up(file)
                accepted_after.append(sender.accepted)
        assert accepted_after[1] < MAX_BODIES

    with empty_installation.connected():
        restore(files[1])
        waited = InboxBatch.objects.count()
    restored_folder = tmp_path / "restored"
    restored_folder.mkdir()
    with Worker(restored_folder, env=empty_installation.application_environment()), empty_installation.connected():
        wait_for(lambda: not InboxBatch.objects.exists(), what=f"{waited} bodies to be checked")
        rows = TrafficCount.objects.order_by().values_list("seen_name__name").annotate(Sum("count"), Sum("repeats"))
        counts = {name: (count, repeats) for name, count, repeats in rows}
    bodies, rest = divmod(len(counts), EVENTS_IN_A_BODY)
    assert rest == 0
    assert counts == {name: (1, 0) for number in range(bodies) for name in names_of_body(number)}
    # Answered before it began: in it. Sent when it had long begun: not in it.
    assert accepted_before[1] <= bodies < accepted_after[1] - 5
