"""The replay of a breaking change: what it says of events that came, and that it must have been seen."""

from datetime import date, timedelta

import pytest
from django.core import signing
from django.db.models import Sum

from accounts.models import HistoryEntry
from accounts.preconditions import UnmetConditionsError
from catalog.services.sources import update_source
from tests.factories.catalog import SourceFactory, definition
from tests.factories.requests import VALID_PAYLOAD, RequestFactory, TeamFixture, ingest
from tests.page_text import one_line
from tracking.requests.authoring.draft_editing import add_change, edit_request
from tracking.requests.choices import ChangeAction, Lane, RequestState
from tracking.requests.evidence import replay as replays
from tracking.requests.evidence.content_hash import request_content_hash, request_fingerprint
from tracking.requests.evidence.replay import StaleReplay, build_replay, is_breaking, read_replay_token
from tracking.requests.workflow.approval_service import approve_request
from tracking.requests.workflow.available_steps import available_steps
from tracking.requests.workflow.transition_service import move_request
from tracking.traffic.models import Rollup, RollupDelta, Sample, TrafficCount

pytestmark = pytest.mark.django_db


@pytest.fixture
def members():
    return TeamFixture.create()


@pytest.fixture
def source(members):
    return SourceFactory.create(owner_team=members.team)


@pytest.fixture
def breaking(members, source):
    """A request that makes the coupon required, after some events with and without one came from staging."""
    first = RequestFactory.live(members=members, sources=[source])
    ingest(
        source,
        "Order Completed",
        [VALID_PAYLOAD, VALID_PAYLOAD, {"total": 1}],
        environment="staging",
        app_version="2.0.0",
    )
    ingest(
        source,
        "Order Completed",
        [{"total": 2, "coupon": "ann@example.com"}],  # an address is masked wherever it stands
        environment="development",
    )
    schema = definition()["schema"] | {"required": ["total", "coupon"]}
    return RequestFactory.requested(
        members=members, event=first.event, sources=[source], document=definition(schema=schema)
    )


def shown_to_analyst(lifecycle):
    return build_replay(lifecycle.request, reader=lifecycle.members.analyst)


def test_it_counts_what_would_conform_and_what_a_mask_hides(breaking, source):
    shown = shown_to_analyst(breaking)
    (change,) = shown.changes
    result = change["sources"][source.slug]
    # One more conforming event came while the first request was verified.
    assert (result["total"], result["conforming"], result["nonconforming"], result["unknown"]) == (5, 3, 1, 1)
    assert result["broken"] == [{"path": "/properties/coupon", "rule": "required", "count": 1, "stopping": 1}]
    assert result["witness"]["event"]["properties"] == {"total": 1}
    assert change["comparison"]["outcome"] == "breaking"
    assert "coupon" not in change["comparison"]["witness"]["properties"]


def test_production_is_replayed_apart(breaking, source):
    before = shown_to_analyst(breaking).changes[0]["sources"][source.slug]
    ingest(source, "Order Completed", [{"total": 1}, {"total": 1}, VALID_PAYLOAD], app_version="2.0.0")
    after = shown_to_analyst(breaking).changes[0]["sources"][source.slug]
    assert after["total"] == before["total"]
    production = after["production"]
    assert production["total"] - before["production"]["total"] == 3
    assert production["events"] - before["production"]["events"] == 3
    assert (production["days"], production["nonconforming"], production["stopping"]) == (7, 2, 2)
    assert production["broken"] == [{"path": "/properties/coupon", "rule": "required", "count": 2, "stopping": 2}]
    assert production["unknown"] >= 1  # a mask hides whether the coupon that came is one


def test_what_does_not_conform_today_does_not_stop_conforming(breaking, source):
    ingest(source, "Order Completed", [{"total": "x"}], app_version="2.0.0")
    production = shown_to_analyst(breaking).changes[0]["sources"][source.slug]["production"]
    assert (production["nonconforming"], production["stopping"]) == (1, 0)
    assert {row["stopping"] for row in production["broken"]} == {0}


def test_nulls_of_optional_properties_are_what_the_source_says(members, source):
    first = RequestFactory.live(members=members, sources=[source])
    ingest(source, "Order Completed", [{"total": 3, "coupon": None}], environment="staging", app_version="2.0.0")
    properties = definition()["schema"]["properties"] | {"total": {"type": "number", "minimum": 0, "maximum": 1_000}}
    narrowed = RequestFactory.requested(
        members=members,
        event=first.event,
        sources=[source],
        document=definition(schema=definition()["schema"] | {"properties": properties}),
    )
    before = shown_to_analyst(narrowed).changes[0]
    update_source(source, null_handling="absent", by=members.analyst)
    after = shown_to_analyst(narrowed).changes[0]
    assert before["sources"][source.slug]["nonconforming"] == 1
    assert after["sources"][source.slug]["nonconforming"] == 0
    assert before["comparison"] == after["comparison"], "it says what arrives, not what two versions are to each other"


def test_production_is_not_replayed(breaking, source):
    before = shown_to_analyst(breaking).changes[0]["sources"][source.slug]["total"]
    ingest(source, "Order Completed", [{"total": 1}], app_version="2.0.0")
    assert shown_to_analyst(breaking).changes[0]["sources"][source.slug]["total"] == before


def test_only_so_many_samples_are_replayed(breaking, source, settings):
    settings.REPLAY_SAMPLES = 2
    assert shown_to_analyst(breaking).changes[0]["sources"][source.slug]["total"] == 2


def test_a_breaking_change_is_not_approved_unseen(breaking, members):
    with pytest.raises(UnmetConditionsError) as caught:
        move_request(breaking.request, RequestState.REVIEWED, by=members.analyst)
    assert [unmet.code for unmet in caught.value.unmet] == ["replay"]
    with pytest.raises(UnmetConditionsError):
        approve_request(breaking.request, by=members.analyst)


def test_what_was_seen_is_kept_on_the_approval_and_in_history(breaking, members, source):
    shown = shown_to_analyst(breaking)
    ingest(source, "Order Completed", [{"total": 5}] * 3, environment="staging")  # after it was shown
    move_request(breaking.request, RequestState.REVIEWED, by=members.analyst, replay=shown.token)
    kept = breaking.request.approvals.get().evidence
    assert kept["counts"]["Order Completed"][source.slug]["nonconforming"] == 1
    assert kept["comparisons"]["Order Completed"]["outcome"] == "breaking"
    entry = HistoryEntry.objects.for_subject("request", breaking.request.pk).filter(to_state="reviewed").get()
    assert entry.evidence["replay"] == kept


def test_the_step_says_that_a_replay_is_asked_for(breaking, members):
    step = next(step for step in available_steps(breaking.request, members.analyst) if step.to == RequestState.REVIEWED)
    assert step.is_allowed
    assert {asked.field: asked.is_required for asked in step.inputs} == {"comment": False, "replay": True}


def text_of(page):
    return one_line(page.content.decode())


def described(members, source, **coupon):
    """A draft that describes a property that was unknown: minor, so no replay has to be seen."""
    first = RequestFactory.live(members=members, sources=[source])
    schema = definition()["schema"]
    document = definition(schema=schema | {"properties": schema["properties"] | {"shop": coupon}})
    return RequestFactory.draft(members=members, event=first.event, sources=[source], document=document)


class TestOnThePage:
    """Whatever its lane, a request's page says what its changes would do to events that came."""

    def test_a_property_that_was_unknown_is_described_otherwise_than_it_is_sent(self, members, source, client_of):
        lifecycle = described(members, source, type="integer")
        properties = [{"total": 1, "shop": "Berlin"}] * 3 + [{"total": 1, "shop": 5}] * 2
        ingest(source, "Order Completed", properties, app_version="2.0.0")
        kept = Sample.objects.filter(environment="production", is_repeat=False).count()
        sent = TrafficCount.objects.filter(environment="production").aggregate(sent=Sum("count"))["sent"]

        assert not lifecycle.change.is_breaking
        for state in (RequestState.DRAFT, RequestState.REQUESTED):
            text = text_of(client_of(members.analyst).get(f"/requests/{lifecycle.request.pk}/"))
            assert f"3 of {kept} already send shop with another type: they would stop conforming." in text
            assert f"It brought {sent} in the last 7 days" in text
            assert "a mask hides what would become of them." in text
            assert "unknown so far" in text
            if state == RequestState.DRAFT:
                lifecycle.submit()
        page = client_of(members.analyst).get(f"/requests/{lifecycle.request.pk}/")
        assert 'name="replay"' not in page.content.decode()

    def test_the_sample_is_scaled_by_what_production_sent(self, members, source, client_of):
        lifecycle = described(members, source, type="integer")
        ingest(source, "Order Completed", [{"total": 1, "shop": "Berlin"}] * 4, app_version="2.0.0")
        Sample.objects.filter(environment="production").exclude(event__properties__has_key="shop").delete()
        Rollup.objects.all().delete()
        RollupDelta.objects.filter(environment="production").update(count=0)
        delta = RollupDelta.objects.filter(environment="production").latest("pk")
        RollupDelta.objects.filter(pk=delta.pk).update(count=4_000)

        text = text_of(client_of(members.analyst).get(f"/requests/{lifecycle.request.pk}/"))

        assert "It brought 4 000 in the last 7 days: about 4 000 of them would stop conforming." in text

    def test_words_are_replayed_too(self, members, source, client_of):
        first = RequestFactory.live(members=members, sources=[source])
        document = definition(description="Paid.")
        lifecycle = RequestFactory.draft(members=members, event=first.event, sources=[source], document=document)
        assert lifecycle.request.lane == Lane.WORDS
        assert "What it would do to events that came" in text_of(
            client_of(members.pm).get(f"/requests/{lifecycle.request.pk}/")
        )

    def test_a_new_event_is_held_against_what_came_under_its_name(self, members, source, client_of):
        ingest(source, "Cart Viewed", [{"total": "x"}] * 2)
        document = definition("Cart Viewed")
        lifecycle = RequestFactory.requested(members=members, sources=[source], document=document)
        text = text_of(client_of(members.analyst).get(f"/requests/{lifecycle.request.pk}/"))
        assert "2 of 2 already send total with another type: they would not conform." in text

    def test_sources_without_events_are_told_in_one_sentence(self, members, source, client_of):
        ingest(source, "Cart Viewed", [{"total": 1}])
        others = [SourceFactory.create(owner_team=members.team, name=name) for name in ("Kiosk in Bern", "Till")]
        lifecycle = RequestFactory.draft(members=members, sources=[source, *others], document=definition("Cart Viewed"))
        text = text_of(client_of(members.pm).get(f"/requests/{lifecycle.request.pk}/"))
        assert "No event of Cart Viewed is kept of Kiosk in Bern, Till, so nothing can be tried there." in text
        replayed = text[text.index('id="replay"') : text.index('id="deliveries"')]
        assert replayed.count("Outside production") == 1
        assert source.name in replayed

    def test_what_is_decided_is_not_replayed(self, members, source, client_of):
        lifecycle = RequestFactory.reviewed(members=members, sources=[source])
        assert "events that came" not in text_of(client_of(members.analyst).get(f"/requests/{lifecycle.request.pk}/"))

    def test_two_sources_and_two_changes_are_told_apart_in_as_many_queries(
        self, members, source, django_assert_max_num_queries
    ):
        other = SourceFactory.create(owner_team=members.team)
        lifecycle = RequestFactory.draft(members=members, sources=[source, other], document=definition("Cart Viewed"))
        add_change(
            lifecycle.request,
            action=ChangeAction.CREATE,
            by=members.pm,
            definition=definition("Cart Left"),
            sources=[other],
        )
        ingest(source, "Cart Viewed", [{"total": "x"}])
        ingest(other, "Cart Left", [{"total": "x"}, {"total": 1}])
        rows = list(
            lifecycle.request.changes.select_related("event", "base").prefetch_related("sources").order_by("id")
        )
        for row in rows:
            row.request = lifecycle.request
        with django_assert_max_num_queries(5):
            viewed, left = replays.build_page_replay(lifecycle.request, rows, reader=members.analyst).changes
        failing = {slug: trial["production"]["nonconforming"] for slug, trial in viewed["sources"].items()}
        assert failing == {source.slug: 1, other.slug: 0}
        assert left["sources"][other.slug]["production"]["total"] == 2
        assert left["sources"].keys() == {other.slug}

    def test_only_so_many_samples_are_tried_for_a_page(self, members, source, settings):
        settings.REPLAY_SAMPLES_PER_PAGE = 4
        lifecycle = RequestFactory.draft(members=members, sources=[source], document=definition("Cart Viewed"))
        ingest(source, "Cart Viewed", [{"total": 1}] * 5)
        ingest(source, "Cart Viewed", [{"total": 1}] * 5, environment="staging")
        (change,) = replays.build_page_replay(
            lifecycle.request, list(lifecycle.request.changes.all()), reader=members.analyst
        ).changes
        trial = change["sources"][source.slug]
        assert (trial["total"], trial["production"]["total"], trial["production"]["events"]) == (2, 2, 5)


@pytest.mark.parametrize("token", ["", "nonsense", "a:b:c"])
def test_a_made_up_token_is_none(breaking, token):
    with pytest.raises(StaleReplay):
        read_replay_token(breaking.request, token, by=breaking.members.analyst)


def test_a_token_of_another_content_is_stale(breaking, members):
    token = shown_to_analyst(breaking).token
    move_request(breaking.request, RequestState.DRAFT, by=members.pm, comment="A word is wrong.")
    edited = edit_request(breaking.request, by=members.pm, revision=None, question="What else?")
    with pytest.raises(StaleReplay):
        read_replay_token(edited, token, by=members.analyst)


def test_what_a_colleague_was_shown_approves_for_nobody_else(breaking, members):
    theirs = build_replay(breaking.request, reader=members.second_analyst).token
    with pytest.raises(UnmetConditionsError, match="shown to somebody else") as caught:
        approve_request(breaking.request, by=members.analyst, replay=theirs)
    assert [unmet.code for unmet in caught.value.unmet] == ["replay"]
    assert not breaking.request.approvals.exists()
    assert approve_request(breaking.request, by=members.second_analyst, replay=theirs).evidence["counts"]


@pytest.mark.parametrize("way", ["page", "transitions", "approvals"])
def test_a_token_that_another_was_given_is_refused_wherever_it_is_sent(breaking, members, api_of, client_of, way):
    address = f"/api/v1/requests/{breaking.request.pk}/"
    theirs = api_of(members.second_analyst).get(address).json()["replay"]["token"]
    if way == "page":
        answer = client_of(members.analyst).post(
            f"/requests/{breaking.request.pk}/move/", {"to": "reviewed", "replay": theirs}
        )
    else:
        body = {"evidence": {"replay": theirs}} | ({"to": "reviewed"} if way == "transitions" else {})
        answer = api_of(members.analyst).post(f"{address}{way}/", body)
    assert answer.status_code == (422 if way == "page" else 409)
    assert "shown to somebody else" in one_line(answer.content.decode())
    assert not breaking.request.approvals.exists()


def test_a_token_from_before_names_nobody_and_is_stale(breaking, members):
    content = {"content": request_fingerprint(breaking.request), "counts": {}}
    token = signing.dumps(content, salt=replays.TOKEN_SALT, compress=True)
    with pytest.raises(StaleReplay):
        read_replay_token(breaking.request, token, by=members.analyst)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("definition", {"name": "Another"}),
        ("name_reason", "Two shops, two names."),
        ("ends_on", date(2030, 1, 1)),
        ("has_no_successor", True),
        ("action", ChangeAction.DEPRECATE),
        ("base", None),
    ],
)
def test_any_edit_of_a_change_makes_another_content_and_another_fingerprint(breaking, field, value):
    request = breaking.request
    before = request_content_hash(request), request_fingerprint(request)
    request.changes.update(**{field: value})
    after = request_content_hash(request), request_fingerprint(request)
    assert before[0] != after[0] and before[1] != after[1]


def test_a_token_ends_after_a_day(breaking, monkeypatch):
    token = shown_to_analyst(breaking).token
    monkeypatch.setattr(replays, "TOKEN_MAX_AGE_SECONDS", -timedelta(seconds=1))
    with pytest.raises(StaleReplay):
        read_replay_token(breaking.request, token, by=breaking.members.analyst)


def test_what_breaks_nothing_has_no_replay(members):
    lifecycle = RequestFactory.requested(members=members)
    assert shown_to_analyst(lifecycle) is None
    assert not is_breaking(lifecycle.change)


class TestUnneeded:
    """Where nothing breaks no replay is needed, and whatever is sent for one is ignored."""

    @pytest.mark.parametrize("address", ["approvals", "transitions"])
    def test_the_api_ignores_it(self, members, api_of, address):
        request = RequestFactory.requested(members=members).request
        body = {"evidence": {"replay": "x"}} | ({"to": "reviewed"} if address == "transitions" else {})
        answer = api_of(members.analyst).post(f"/api/v1/requests/{request.pk}/{address}/", body)
        assert answer.status_code in (200, 201), answer.content
        request.refresh_from_db()
        assert (request.state, request.approvals.get().evidence) == (RequestState.REVIEWED, {})

    def test_the_page_ignores_it(self, members, client_of):
        request = RequestFactory.requested(members=members).request
        answer = client_of(members.analyst).post(f"/requests/{request.pk}/move/", {"to": "reviewed", "replay": "x"})
        assert answer.status_code == 302
        request.refresh_from_db()
        assert (request.state, request.approvals.get().evidence) == (RequestState.REVIEWED, {})

    def test_one_of_other_content_is_ignored_too(self, members, breaking):
        token = shown_to_analyst(breaking).token
        request = RequestFactory.requested(members=members, document=definition("Cart Viewed")).request
        assert approve_request(request, by=members.analyst, replay=token).evidence == {}


@pytest.mark.parametrize("token", ["x", "a:b:c", "é", " "])
@pytest.mark.parametrize("teams", [1, 2])
def test_where_it_is_needed_what_is_none_is_refused_with_a_sentence(token, teams, api_of):
    lifecycle = RequestFactory.across(teams=teams).submit()
    url = f"/api/v1/requests/{lifecycle.request.pk}/approvals/"
    answer = api_of(lifecycle.members.analyst).post(url, {"evidence": {"replay": token}})
    assert answer.status_code == 409
    (unmet,) = [each for each in answer.json()["unmet"] if each["code"] == "replay"]
    assert "replay" in unmet["detail"]
    assert not lifecycle.request.approvals.exists()
