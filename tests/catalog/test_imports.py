"""Dictionaries of other tools taken as a baseline: every entry accounted for, and nothing changed by a second time."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import HistoryEntry
from accounts.permissions import Forbidden
from accounts.roles import Role
from catalog.choices import Environment, ImportOutcome, ImportState, Status
from catalog.exchange.upload import Upload
from catalog.models import Binding, Category, Event, EventName, ImportRun, Version, VersionSource
from catalog.resolution.binding_resolver import BindingResolver, ResolutionStatus
from catalog.services.bindings import BASELINE_START
from catalog.services.event_projections import EventTraffic, update_event_traffic
from catalog.services.imports import baseline_import
from catalog.services.imports.import_runs import read_entries, revert_import, run_baseline_import, start_import
from catalog.services.versions import publish_version
from tests.factories.accounts import TeamFactory, person
from tests.factories.catalog import EventFactory, SourceFactory, analyst, definition, newest_version

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parents[1] / "data"
WROTE = (Event, EventName, Version, VersionSource, Binding, Category)


def zipped(folder: Path, *subfolders: str) -> bytes:
    """The folder's files under these subfolders as a zip, by their paths in the folder."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for subfolder in subfolders:
            for path in sorted((folder / subfolder).rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(folder))
    return content.getvalue()


IGLU = (
    "iglu",
    "iglu.zip",
    zipped(DATA / "iglu-central", "schemas/com.snowplowanalytics.snowplow", "schemas/nl.basjes"),
)
WIKIMEDIA = (
    "wikimedia",
    "primary.zip",
    zipped(DATA / "wikimedia/primary", "jsonschema/fragment", "jsonschema/mediawiki"),
)
PUBLIC = DATA / "segment-typewriter-plan/plan.public-api.json"
SPEC = DATA / "segment-spec-tracking-plan/tracking-plan.public-api.json"
SEGMENT = ("segment", PUBLIC.name, PUBLIC.read_bytes())


def imported(format, file_name, content, *, by=None, sources=(), **options):
    options = {"is_dry_run": False, "is_baseline": True} | options
    run = start_import(
        format=format, file_name=file_name, content=content, by=by or analyst(), sources=sources, **options
    )
    return run_baseline_import(run)


def rows():
    return [list(model.objects.order_by("pk").values()) for model in WROTE]


def plan_of(*rules):
    return "segment", "plan.json", json.dumps({"name": "Plan", "rules": rules}).encode()


def rule(name="Order Completed", version=1, **properties):
    schema = {"type": "object", "properties": {"properties": {"type": "object", "properties": properties}}}
    return {"type": "TRACK", "key": name, "version": version, "jsonSchema": schema}


@pytest.mark.parametrize(
    "upload",
    [SEGMENT, ("segment", SPEC.name, SPEC.read_bytes()), IGLU, WIKIMEDIA],
    ids=["typewriter", "spec", "iglu", "wikimedia"],
)
def test_a_second_time_changes_nothing(upload):
    sources = [SourceFactory.create(), SourceFactory.create()]
    first = imported(*upload, sources=sources)
    assert first.state == ImportState.DONE and first.counts["created"] > 10
    before = rows()
    second = imported(*upload, sources=sources)
    assert rows() == before
    assert second.counts["unchanged"] == first.counts["created"]
    assert second.counts["created"] == second.counts["updated"] == 0
    for run in (first, second):
        assert (
            sum(run.counts.values()) == run.done == run.total == len(read_entries(run, Upload.from_bytes(*upload[1:])))
        )
        assert run.content is None and run.finished_at


def test_all_versions_come_in_their_origins_order_each_after_its_predecessor():
    imported(*IGLU)
    event = Event.objects.get(name="com.snowplowanalytics.snowplow/geolocation_context")
    versions = list(event.versions.order_by("major", "minor", "patch"))
    assert [version.origin_version for version in versions] == ["1-0-0", "1-1-0"]
    assert versions[0].parent is None and versions[1].parent == versions[0]
    assert event.newest_version == versions[1] and event.status == Status.PLANNED


def test_the_newest_version_is_bound_from_the_beginning_for_each_named_source():
    web, server = SourceFactory.create(), SourceFactory.create()
    imported(*IGLU, sources=[web, server])
    event = Event.objects.get(name="com.snowplowanalytics.snowplow/geolocation_context")
    bound = Binding.objects.filter(event=event)
    assert {(row.source, row.environment) for row in bound} == {
        (source, environment) for source in (web, server) for environment in Environment
    }
    assert {(row.version, row.since_at, row.ended_at) for row in bound} == {
        (event.newest_version, BASELINE_START, None)
    }
    resolver = BindingResolver.load(web, "production", [event.pk])
    named = resolver.resolve(event.pk, event_time=timezone.now(), named_version="1-0-0")
    assert named.version_id == event.versions.get(origin_version="1-0-0").pk
    update_event_traffic({event.pk: EventTraffic(last_seen_at=timezone.now(), has_conformed=True)})
    assert Event.objects.live().get() == event


def test_without_sources_events_are_defined_and_bound_nowhere():
    imported(*SEGMENT)
    assert Version.objects.exists() and not Binding.objects.exists() and not VersionSource.objects.exists()


def test_what_cannot_be_expressed_is_reported_with_its_notes():
    run = imported(*IGLU)
    failed = run.entries.filter(outcome=ImportOutcome.FAILED)
    assert failed.exists() and all(entry.notes and entry.version is None for entry in failed)
    assert any("array" in note["what"] for entry in failed for note in entry.notes)
    created = run.entries.filter(outcome=ImportOutcome.CREATED).first()
    assert created.source_text and created.version.origin_version == created.origin_version


def test_fragments_are_listed_as_parts_of_others():
    run = imported(*WIKIMEDIA)
    assert run.counts["fragment"] > 0
    assert not Event.objects.filter(name__startswith="fragment/").exists()


def test_a_version_found_later_follows_its_predecessor_and_the_newest_stays():
    folder = DATA / "iglu-central"
    path = "schemas/com.snowplowanalytics.snowplow/mobile_context/jsonschema"
    late, others = f"{path}/1-0-1", ("1-0-0", "1-0-2", "1-0-3")
    imported("iglu", "a.zip", _files(folder, *(f"{path}/{version}" for version in others)))
    event = Event.objects.get()
    before = newest_version(event)
    assert before.origin_version == "1-0-3"
    run = imported("iglu", "b.zip", _files(folder, late))
    event.refresh_from_db()
    assert run.counts["created"] == 1 and event.newest_version == before
    found = event.versions.get(origin_version="1-0-1")
    assert found.parent == event.versions.get(origin_version="1-0-0") and event.versions.count() == 4


def _files(folder: Path, *paths: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path in paths:
            archive.write(folder / path, path)
    return content.getvalue()


def test_another_content_under_a_version_that_may_change_is_the_next_version():
    source = SourceFactory.create()
    imported(*plan_of(rule(total={"type": "number"})), sources=[source])
    run = imported(*plan_of(rule(total={"type": "string"})), sources=[source])
    event = Event.objects.get()
    assert run.counts["updated"] == 1 and str(newest_version(event).number) == "2.0.0"
    assert newest_version(event).parent == event.versions.get(parent=None)
    bound = Binding.objects.filter(event=event, ended_at=None)
    assert {row.version for row in bound} == {event.newest_version} and bound.count() == 3


def test_an_event_that_somebody_defined_is_changed_and_not_doubled():
    event = EventFactory.create(name="Order Completed", definition=definition())
    imported(*plan_of(rule(total={"type": "number"})))
    event.refresh_from_db()
    assert Event.objects.get() == event and newest_version(event).parent == event.versions.get(parent=None)


def test_a_dry_run_writes_its_report_alone():
    before = rows()
    run = imported(*SEGMENT, is_dry_run=True, by=person(Role.DEVELOPER))
    assert rows() == before and run.counts["created"] == run.entries.filter(outcome="created").count() > 10
    assert imported(*SEGMENT).counts["created"] == run.counts["created"]


def test_who_may_import_and_who_may_take_a_baseline(team, stranger):
    for role in (Role.PM, Role.DEVELOPER, Role.ANALYST):
        by = person(role, team=team)
        start_import(format="segment", file_name="a.json", content=b"{}", by=by)
    for by in (person(Role.VIEWER), person(Role.QA), stranger):
        with pytest.raises(Forbidden):
            start_import(format="segment", file_name="a.json", content=b"{}", by=by)
    real: dict[str, Any] = {
        "format": "segment",
        "file_name": "a.json",
        "content": b"{}",
        "is_dry_run": False,
        "is_baseline": True,
    }
    start_import(owner_team=team, by=person(Role.ANALYST, team=team), **real)
    start_import(by=person(Role.ANALYST), **real)
    for by in (person(Role.PM, team=team), person(Role.ANALYST, team=TeamFactory.create())):
        with pytest.raises(Forbidden):
            start_import(owner_team=team, by=by, **real)


def test_an_event_of_another_team_is_refused_and_the_rest_is_imported(team):
    EventFactory.create(name="Order Completed", owner_team=TeamFactory.create())
    run = imported(*plan_of(rule(), rule("Signed Up")), owner_team=team, by=person(Role.ANALYST, team=team))
    assert run.counts == dict.fromkeys(ImportOutcome.values, 0) | {"created": 1, "failed": 1}
    refused = run.entries.get(outcome="failed")
    assert refused.name == "Order Completed" and refused.notes[0]["code"] == "refused"
    assert Event.objects.get(name="Signed Up").owner_team == team


@pytest.mark.parametrize("content", [b"PK\x03\x04 no zip after all", b"PK\x05\x06"], ids=["damaged", "cut off"])
def test_a_damaged_upload_ends_the_run_with_a_sentence(content):
    run = imported("iglu", "schemas.zip", content)
    assert run.state == ImportState.FAILED and run.error.endswith(".") and not run.entries.exists()
    assert run_baseline_import(run).state == ImportState.FAILED


def test_a_damaged_file_fails_its_entry_alone():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("good.json", plan_of(rule())[2])
        archive.writestr("bad.json", b'{"rules": [')
    run = imported("segment", "plans.zip", content.getvalue())
    assert run.state == ImportState.DONE and (run.counts["created"], run.counts["failed"]) == (1, 1)


@pytest.mark.parametrize(("format", "content"), [("avro", b"{}"), ("segment", b"")])
def test_unknown_formats_and_empty_files_are_refused(format, content, system):
    with pytest.raises(ValidationError):
        start_import(format=format, file_name="a", content=content, by=system)


def test_a_run_that_was_cut_off_goes_on_where_it_stopped(monkeypatch):
    run = start_import(
        format="segment", file_name="a.json", content=SEGMENT[2], by=analyst(), is_dry_run=False, is_baseline=True
    )
    whole, calls = publish_version, []

    def breaks(*args, **kwargs):
        calls.append(args)
        if len(calls) == 8:
            raise KeyboardInterrupt
        return whole(*args, **kwargs)

    monkeypatch.setattr(baseline_import, "publish_version", breaks)
    with pytest.raises(KeyboardInterrupt):
        run_baseline_import(run)
    assert Version.objects.count() == 7 and ImportRun.objects.get().state == ImportState.RUNNING
    run_baseline_import(run)
    run.refresh_from_db()
    assert run.state == ImportState.DONE and run.counts["unchanged"] == 0
    assert run.counts["created"] == Version.objects.count() == Event.objects.count() > 8


def test_a_baseline_is_taken_back_as_withdrawn_versions_and_can_be_taken_again(stranger):
    by, source = analyst(), SourceFactory.create()
    run = imported(*plan_of(rule(), rule("Signed Up")), sources=[source], by=by)
    with pytest.raises(Forbidden):
        revert_import(run, by=stranger, message="No")
    assert revert_import(run, by=by, message="Wrong plan") == 2
    assert not Version.objects.active().exists() and not Binding.objects.filter(ended_at=None).exists()
    again = imported(*plan_of(rule(), rule("Signed Up")), sources=[source], by=by)
    assert again.counts["created"] == 2 and Version.objects.active().count() == 2
    assert Event.objects.count() == 2
    event = Event.objects.get(name="Signed Up")
    resolution = BindingResolver.load(source, "production", [event.pk]).resolve(event.pk, event_time=timezone.now())
    assert resolution.status == ResolutionStatus.DEFINED and resolution.version_id == newest_version(event).pk


def test_two_plans_that_share_events_settle_and_say_which_one_owns_them():
    names = [f"Event {number}" for number in range(8)]
    first = ("segment", "web.json", plan_of(*(rule(name, total={"type": "number"}) for name in names))[2])
    second = ("segment", "shop.json", plan_of(*(rule(name, total={"type": "string"}) for name in names))[2])

    assert imported(*first).counts["created"] == 8
    assert imported(*second).counts["updated"] == 8
    for _ in range(2):
        before = rows()
        for upload, said in ((first, "shop.json owns this event"), (second, None)):
            for options in ({"is_dry_run": True, "is_baseline": False}, {}):
                run = imported(*upload, **options)
                assert run.counts["unchanged"] == 8
                notes = [note["what"] for entry in run.entries.all() for note in entry.notes]
                assert any(said in note for note in notes) if said else not any("owns" in note for note in notes)
        assert rows() == before

    edited = ("segment", "web.json", plan_of(rule(names[0], total={"type": "boolean"}))[2])
    assert imported(*edited).counts["updated"] == 1
    run = imported(*second)
    assert run.counts["unchanged"] == 8
    assert "web.json owns this event" in run.entries.get(name=names[0]).notes[0]["what"]
    assert run.entries.get(name=names[1]).notes == imported(*second).entries.get(name=names[1]).notes


def test_one_plan_may_return_to_what_it_said_before():
    for kind, outcome in (("number", "created"), ("string", "updated"), ("number", "updated"), ("number", "unchanged")):
        assert imported(*plan_of(rule(total={"type": kind}))).counts[outcome] == 1


def test_plans_of_one_path_in_two_uploads_are_two_plans():
    def packed(kind):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr("plan.json", plan_of(rule(total={"type": kind}))[2])
        return content.getvalue()

    first, second = ("segment", "web.zip", packed("number")), ("segment", "shop.zip", packed("string"))
    imported(*first)
    imported(*second)
    run = imported(*first)

    assert run.counts["unchanged"] == 1
    assert run.entries.get().notes[0]["what"].startswith("plan.json of shop.zip owns this event")


REASON = "Two shops until May."


def outcomes(run):
    return {entry.name: str(entry.outcome) for entry in run.entries.all()}


def notes(run, name):
    return [(note["code"], note["what"]) for note in run.entries.get(name=name).notes]


def test_a_name_that_reads_like_an_event_is_left_out_and_the_others_are_imported():
    EventFactory.create(name="Order Completed", definition=definition())
    upload = plan_of(rule("order_completed"), rule("Cart Viewed"), rule("cartViewed"))
    dry = imported(*upload, is_dry_run=True)
    run = imported(*upload)
    assert (
        outcomes(dry)
        == outcomes(run)
        == {"order_completed": "skipped", "Cart Viewed": "created", "cartViewed": "skipped"}
    )
    ((code, what), *_rest) = notes(run, "order_completed")
    assert code == "similar_name"
    assert what.startswith("'order_completed' reads like 'Order Completed'.") and "--name-reason" in what
    assert notes(run, "cartViewed")[0][1].startswith("'cartViewed' reads like 'Cart Viewed'.")
    # A second time settles.
    assert outcomes(imported(*upload)) == outcomes(run) | {"Cart Viewed": "unchanged"}


def test_with_a_reason_names_that_read_alike_are_imported_and_the_reason_is_kept():
    EventFactory.create(name="Order Completed", definition=definition())
    upload = plan_of(rule("order_completed"), rule("Cart Viewed"))
    run = imported(*upload, name_reason=f" {REASON} ")
    assert outcomes(run) == {"order_completed": "created", "Cart Viewed": "created"}
    assert notes(run, "order_completed")[0][0] == "similar_name"
    kept = {
        Event.objects.get(pk=entry.subject_id).name: entry.evidence
        for entry in HistoryEntry.objects.filter(subject_type="event", action="created", actor=run.created_by)
    }
    assert kept["order_completed"] == {"name_reason": REASON}
    assert "name_reason" not in kept["Cart Viewed"]
    # Once it is an event of its own, nobody asks again.
    assert outcomes(imported(*plan_of(rule("order_completed", total={"type": "number"})))) == {
        "order_completed": "updated"
    }
