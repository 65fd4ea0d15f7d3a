"""Fills the tables that the demo company of the release 5ee1d07 leaves empty, and thins out the longest ones.

`make_release` runs it with that release's own code and packages, after the demo was loaded there, and not with those of
this one: what is imported here is imported from there.
"""

from datetime import timedelta
from unittest.mock import patch

import django

django.setup()

from allauth.account.models import EmailAddress, EmailConfirmation  # noqa: E402  the apps must be set up before
from django.contrib.admin.models import CHANGE, LogEntry  # noqa: E402
from django.contrib.auth.models import Group, Permission  # noqa: E402
from django.contrib.contenttypes.models import ContentType  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import Team, User  # noqa: E402
from catalog.contract import Contract  # noqa: E402
from catalog.models import Event, Source, WriteKey  # noqa: E402
from catalog.services.sensitive_exemptions import exempt_property  # noqa: E402
from tests.factories.traffic import post_batch, process_inbox, track_call  # noqa: E402
from tracking.traffic.check.quarantine import quarantine_batch  # noqa: E402
from tracking.traffic.counts.rollups import fold_deltas  # noqa: E402
from tracking.traffic.models import InboxBatch, WorkerBeat  # noqa: E402

KEPT_OF_LONG_TABLES = (
    "DELETE FROM traffic_rollup WHERE hour < now() - interval '2 days' AND id % 20 <> 0",
    "DELETE FROM traffic_dedupkey WHERE id % 20 <> 0",
    "DELETE FROM traffic_hourlydistinctvalue WHERE id % 20 <> 0",
    """DELETE FROM traffic_sample USING (
        SELECT id, row_number() OVER (ring ORDER BY id DESC) AS place FROM traffic_sample
        WINDOW ring AS (PARTITION BY source_id, environment, seen_name_id, verdict)
    ) AS numbered WHERE numbered.id = traffic_sample.id AND place > 2""",
)

LONG_BODY_EVENTS = 6_000
"""More than later releases take in one body: this one stored it as it came."""


def fill() -> None:
    """Put a row into every table that the demo leaves empty."""
    person = User.objects.filter(is_active=True, is_system=False).earliest("pk")
    fill_accounts(person)
    fill_catalog(person)
    fill_traffic()


def fill_accounts(person: User) -> None:
    """What people and administrators leave: sessions, addresses, groups, entries of the admin site's log."""
    Client().force_login(person, "django.contrib.auth.backends.ModelBackend")
    address = EmailAddress.objects.create(user=person, email="person@example.org", verified=False, primary=True)
    EmailConfirmation.create(address)
    group = Group.objects.create(name="Readers")
    group.permissions.add(Permission.objects.earliest("pk"))
    LogEntry.objects.create(
        user=person,
        content_type=ContentType.objects.get_for_model(Source),
        object_id="1",
        object_repr="A source",
        action_flag=CHANGE,
    )
    cache.set("kept", "for a while", timeout=10**8)


def fill_catalog(person: User) -> None:
    """An import that became a draft, and an exemption from a rule."""
    sources = Source.objects.order_by("pk")[:2]
    call_command(
        "import_definitions",
        "tests/data/segment-typewriter-plan/plan.public-api.json",
        source=[source.slug for source in sources],
        team=Team.objects.earliest("pk").slug,
        quiet=True,
    )
    event = Event.objects.filter(newest_version__properties__path__startswith="/properties/").earliest("pk")
    path = event.newest_version.properties.filter(path__startswith="/properties/").earliest("pk").path
    exempt_property(event, path, reason="It is the name of a shop.", by=User.objects.system())


def fill_traffic() -> None:
    """Counts that are not folded, events that could not be checked, and bodies that wait."""
    fold_deltas()
    with connection.cursor() as cursor:
        for statement in KEPT_OF_LONG_TABLES:
            cursor.execute(statement)
    key = WriteKey.objects.filter(environment="staging", revoked_at=None).earliest("pk")
    post_batch(key, track_call("Never Defined Before"), track_call())
    process_inbox()

    def fail(contract: Contract, event: object) -> None:
        raise ValueError("a fault of ours")

    live = Event.objects.filter(live_version__isnull=False, call="track").earliest("pk")
    with patch.object(Contract, "check", fail):
        for count in (1, 7):
            post_batch(key, *(track_call(live.name) for _ in range(count)))
        process_inbox()
    post_batch(key, track_call())
    failed = InboxBatch.objects.get()
    quarantine_batch(failed, reason="It could not be checked.")
    failed.delete()
    post_batch(key, track_call(), track_call("Never Defined Before"), is_gzipped=True)
    post_batch(key, *({"type": "track", "event": "Tick", "anonymousId": "d1"} for _ in range(LONG_BODY_EVENTS)))
    WorkerBeat.objects.create(name="worker@release", at=timezone.now() - timedelta(minutes=1))


if __name__ == "__main__":
    setup_test_environment()
    fill()
