"""Removing the company: no sample and no orphan is left, and what people made themselves stays."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, models

from accounts.models import HistoryEntry, User
from catalog.models import Event, Property, Source, Version
from catalog.services.write_keys import create_key
from demo.credentials import USERNAME_BY_ACCOUNT
from demo.removal.demo_purge import purge_company
from tests.factories.accounts import TeamFactory
from tests.factories.catalog import EventFactory, SourceFactory, definition
from tests.factories.requests import RequestFactory, TeamFixture
from tests.factories.traffic import post_batch, process_inbox, track_call
from tracking.requests.models import Change, Request, Verification
from tracking.traffic.models import Rollup, Sample, SeenName

ROOMS = ("accounts", "catalog", "traffic", "profiling", "quality", "requests")
USED = ("price", "total", "coupon")
FORGOTTEN_BY_ITSELF = {"dedupkey"}  # within two days; a row does not say of which source it is
HAS_ROWS_OF_ITS_OWN = {"team", "user", "membership", "apitoken", "auditentry", "historyentry", "companypolicy"}


def managed_models():
    return [model for room in ROOMS for model in apps.get_app_config(room).get_models() if model._meta.managed]


def orphans() -> list[str]:
    """Rows whose foreign key names nothing; the database checks these only when a transaction ends."""
    found = []
    for model in managed_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey):
                known = field.related_model._default_manager.values("pk")
                rows = model._default_manager.exclude(**{f"{field.name}__isnull": True})
                if rows.exclude(**{f"{field.attname}__in": known}).exists():
                    found.append(f"{model._meta.label}.{field.name}")
    return found


def test_it_asks_for_a_yes(demo):
    with pytest.raises(CommandError, match="--yes"):
        call_command("purge_demo", verbosity=0)
    assert Event.objects.filter(is_sample=True).exists()


def test_no_sample_and_no_orphan_is_left(demo):
    purge_company()
    connection.check_constraints()
    assert orphans() == []
    left = {
        model._meta.model_name: model._default_manager.count()
        for model in managed_models()
        if model._default_manager.exists()
    }
    assert left.keys() - FORGOTTEN_BY_ITSELF == HAS_ROWS_OF_ITS_OWN
    assert set(HistoryEntry.objects.values_list("subject_type", flat=True)) <= {"team", "user", "token", "purge"}


def test_history_says_what_was_purged_that_is_written_once(demo):
    before = {
        model._meta.db_table: set(model.objects.values_list("pk", flat=True)) for model in (Version, Verification)
    }
    purge_company()
    written = HistoryEntry.objects.filter(subject_type="purge", action="rows purged")
    for table, ids in before.items():
        (entry,) = written.filter(subject_id=table)
        assert (entry.actor.username, entry.message) == ("signalbook", "The demo company is removed.")
        assert entry.evidence["rows"] == len(ids) and set(entry.evidence["ids"]) == ids
    assert written.filter(subject_id="accounts_historyentry").exists()


def test_the_empty_catalog_works_and_the_accounts_stay(demo, client_of):
    call_command("purge_demo", "--yes", verbosity=0)
    assert demo.content["sources"] == {} and demo.content["accounts"].keys() == USERNAME_BY_ACCOUNT.keys()
    client = client_of(User.objects.get(username=USERNAME_BY_ACCOUNT["pm"]))
    for path in ("/", "/events/", "/properties/", "/sources/", "/requests/", "/findings/", "/qa/"):
        assert client.get(path).status_code == 200, path
    assert not User.objects.get(username="david").is_active


def test_the_receipt_counts_what_went(demo, capsys):
    events = Event.objects.count()
    call_command("purge_demo", "--yes")
    printed = capsys.readouterr().out
    assert f"{events}  events" in printed and "17  requests" in printed
    call_command("purge_demo", "--yes")
    assert "There were no samples." in capsys.readouterr().out


def test_what_people_made_themselves_stays(demo):
    own = SourceFactory.create(slug="till", owner_team=TeamFactory.create(name="Tills"))
    event = EventFactory.create(name="Till Opened", sources=[own, Source.objects.get(slug="web-shop")], is_live=True)
    price = Property.objects.get(name="price")
    priced = EventFactory.create(
        name="Till Closed",
        sources=[own],
        is_live=True,
        definition=definition(
            "Till Closed", schema={"type": "object", "properties": {"price": price.schema}, "required": ["price"]}
        ),
    )
    mine = RequestFactory.reviewed(sources=[own], document=definition("Drawer Opened"))
    on_sample = RequestFactory.draft(
        event=Event.objects.get(name="Product Viewed"), members=TeamFixture.create(TeamFactory.create(name="Others"))
    )
    purge_company()
    connection.check_constraints()
    assert orphans() == []
    assert set(Event.objects.values_list("pk", flat=True)) == {event.pk, priced.pk, mine.event.pk}
    assert [row.source for row in event.newest_version.for_sources.all()] == [own]
    # Their events use these three, so they have become theirs.
    assert set(Property.objects.values_list("name", "is_sample")) == {(name, False) for name in USED}
    assert set(Request.objects.values_list("pk", flat=True)) == {mine.request.pk}
    assert not Change.objects.filter(request=on_sample.request).exists()
    assert HistoryEntry.objects.for_subject("event", event.pk).exists()


def test_traffic_of_their_own_stays(demo):
    own = SourceFactory.create(slug="till", owner_team=TeamFactory.create(name="Tills"))
    EventFactory.create(name="Till Opened", sources=[own], is_live=True)
    key = create_key(own, "production", by=User.objects.system())
    assert post_batch(key, track_call("Till Opened"), track_call("Nobody Knows")).status_code == 200
    assert process_inbox() == 2
    purge_company()
    connection.check_constraints()
    assert set(SeenName.objects.values_list("name", flat=True)) == {"Till Opened", "Nobody Knows"}
    assert Sample.objects.count() == 2 and not Rollup.objects.exists()
