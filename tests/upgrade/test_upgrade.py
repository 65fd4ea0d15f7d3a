"""A database of the release 5ee1d07, with rows in every table, migrates to this one: nothing is lost, all pages answer.

`make_release` says how the database was made.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import HistoryEntry, Membership, User
from accounts.roles import COMPANY_ROLES
from tests.erasure.traces import erase
from tests.factories.accounts import UserFactory
from tests.factories.traffic import process_inbox
from tests.hostile.every_address import addresses
from tests.live_processes import ROOT, database_url, process_environment
from tests.upgrade.make_release import RELEASE_FILE
from tests.upgrade.opened_pages import NOT_OPENED, OPENED, QUERIES
from tests.upgrade.restored_database import count_rows, restored_database
from tracking.requests.choices import RequestState
from tracking.requests.models import Request
from tracking.traffic.check.overlong_batches import divide_overlong_batches
from tracking.traffic.check.quarantine import resend_quarantined
from tracking.traffic.models import InboxBatch, QuarantinedBatch, Sample, TrafficCount

pytestmark = [pytest.mark.xdist_group("upgrade"), pytest.mark.timeout(180)]

LONG_BODY_EVENTS = 6_000  # as `fill_release` has it
CHANGED_BY_MIGRATIONS = {"django_migrations", "django_content_type", "auth_permission"}
"""Tables that name the migrations and the models themselves."""


@dataclass(frozen=True, slots=True)
class Upgrade:
    """How many rows each table had before and after."""

    before: dict[str, int]
    after: dict[str, int]


@pytest.fixture(scope="module")
def upgrade(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Upgrade]:
    """The restored database, migrated by `manage.py` as its owner. Tests share it, and leave what they did."""
    with django_db_blocker.unblock(), restored_database(RELEASE_FILE):
        before = count_rows()
        folder = tmp_path_factory.mktemp("upgrade")
        environment = process_environment(folder, {"OWNER_DATABASE_URL": database_url()})
        command = [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0"]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        yield Upgrade(before, count_rows())


@pytest.fixture(scope="module")
def user(upgrade: Upgrade) -> User:
    """Somebody who may do everything."""
    user = UserFactory.create(username="after-the-upgrade")
    for role in COMPANY_ROLES:
        Membership.objects.create(user=user, role=role)
    return user


@pytest.fixture
def browser(user: User) -> Client:
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def test_the_release_had_rows_in_every_table(upgrade: Upgrade) -> None:
    assert len(upgrade.before) > 50
    assert [table for table, count in upgrade.before.items() if not count] == []


def test_no_row_is_lost(upgrade: Upgrade) -> None:
    after = {table: upgrade.after.get(table) for table in upgrade.before.keys() - CHANGED_BY_MIGRATIONS}
    assert after == {table: upgrade.before[table] for table in after}
    assert upgrade.after["django_migrations"] > upgrade.before["django_migrations"]


def test_every_address_is_opened_or_known_not_to_be() -> None:
    names = {address.name for address in addresses() if not address.is_admin}
    unknown = names - set(OPENED) - NOT_OPENED
    assert not unknown, f"{sorted(unknown)}: say in tests/upgrade/opened_pages.py with which rows they are opened."
    assert not (set(OPENED) | NOT_OPENED) - names


def test_every_page_answers(upgrade: Upgrade, browser: Client) -> None:
    failed, opened = [], 0
    for address in addresses():
        if address.name not in OPENED:
            continue
        found = OPENED[address.name]()
        assert found, f"nothing is behind {address.name}"
        for arguments in found:
            url = address.url(arguments) + QUERIES.get(address.name, "")
            status = browser.get(url).status_code
            opened += 1
            if status != 200:
                failed.append(f"{url} {status}")
    assert not failed, "\n".join(failed)
    assert opened > 100


def test_a_draft_opens_for_its_author(upgrade: Upgrade) -> None:
    drafts = Request.objects.filter(state=RequestState.DRAFT, author__is_system=False).select_related("author")
    assert drafts
    for draft in drafts:
        author = Client()
        author.force_login(draft.author, "django.contrib.auth.backends.ModelBackend")
        assert author.get(f"{draft.get_absolute_url()}edit/").status_code == 200


def test_every_page_of_the_admin_site_answers(upgrade: Upgrade, browser: Client) -> None:
    failed = []
    for model in admin.site._registry:
        place = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        urls = [reverse(f"{place}_changelist")]
        if (pk := model._default_manager.order_by("-pk").values_list("pk", flat=True).first()) is not None:
            urls.append(reverse(f"{place}_change", args=[pk]))
        failed += [f"{url} {status}" for url in urls if (status := browser.get(url).status_code) != 200]
    assert not failed, "\n".join(failed)


def test_what_waited_and_what_could_not_be_checked_is_checked(upgrade: Upgrade, user: User) -> None:
    def count() -> int:
        return int(TrafficCount.objects.totals()["count"])

    before = count()
    assert InboxBatch.objects.count() == 2
    assert divide_overlong_batches() == 1
    waiting = sum(InboxBatch.objects.values_list("event_count", flat=True))
    assert waiting == LONG_BODY_EVENTS + 2
    assert process_inbox() == waiting
    assert count() == before + waiting
    for batch in QuarantinedBatch.objects.order_by("pk"):
        resend_quarantined(batch, by=User.objects.system())
    assert process_inbox() == 9
    assert count() == before + waiting + 1, "eight were counted as unchecked before"
    assert not TrafficCount.objects.filter(verdict="unchecked").exclude(count=0).totals()["count"]


def test_history_is_still_written_once_and_is_erased_from(upgrade: Upgrade) -> None:
    entry = HistoryEntry.objects.earliest("pk")
    with pytest.raises(Exception, match="written once"):
        HistoryEntry.objects.filter(pk=entry.pk).update(message="rewritten")
    sample = Sample.objects.filter(environment="staging").exclude(event__user_id=None).earliest("pk")
    erased = erase(sample.event["user_id"])
    assert erased.code == 0
    assert erased.counts["samples"] > 0
