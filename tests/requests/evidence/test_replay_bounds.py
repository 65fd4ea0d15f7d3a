"""The replay of a request of many changes: one bound for page and API, and the way to what an answer leaves out."""

import pytest

from accounts.models import HistoryEntry
from tests.factories.catalog import EventFactory, SourceFactory, definition
from tests.factories.requests import RequestFactory, TeamFixture, ingest
from tracking.requests.authoring.draft_editing import add_change
from tracking.requests.choices import ChangeAction, RequestState
from tracking.requests.evidence.replay import (
    CHANGES_PER_REPLAY,
    build_page_replay,
    build_replay,
    build_replay_of_change,
    read_replay_token,
)
from tracking.requests.models import Change

pytestmark = pytest.mark.django_db
TOO_MANY = CHANGES_PER_REPLAY + 2


@pytest.fixture
def members():
    return TeamFixture.create()


@pytest.fixture
def source(members):
    return SourceFactory.create(owner_team=members.team)


def breaking_document(name):
    return definition(name, schema=definition()["schema"] | {"required": ["total", "coupon"]})


@pytest.fixture
def wide(members, source):
    """A draft that makes the coupon of twelve events required, and creates one event besides."""
    lifecycle = RequestFactory.draft(members=members, sources=[source], document=definition("Cart Viewed"))
    for number in range(TOO_MANY):
        name = f"Order {number}"
        event = EventFactory.create(name=name, definition=definition(name), sources=[source], owner_team=members.team)
        add_change(
            lifecycle.request,
            action=ChangeAction.UPDATE,
            event=event,
            by=members.pm,
            definition=breaking_document(name),
            sources=[source],
        )
    lifecycle.request.refresh_from_db()
    return lifecycle


def breaking_ids(lifecycle):
    return list(lifecycle.request.changes.filter(is_breaking=True).order_by("id").values_list("pk", flat=True))


def test_the_first_changes_are_replayed_and_the_others_named(wide):
    replay = build_replay(wide.request, reader=wide.members.analyst)
    ids = breaking_ids(wide)
    assert len(ids) == TOO_MANY
    assert [result["change"] for result in replay.changes] == ids[:CHANGES_PER_REPLAY]
    assert replay.left_out == tuple(ids[CHANGES_PER_REPLAY:])
    assert {result["comparison"]["outcome"] for result in replay.changes} == {"breaking"}
    assert len(read_replay_token(wide.request, replay.token, by=wide.members.analyst)["counts"]) == CHANGES_PER_REPLAY


def test_more_changes_need_no_more_queries(wide, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        build_replay(wide.request, reader=wide.members.analyst)


def test_all_changes_of_an_answer_share_its_samples_as_on_a_page(wide, source, settings):
    settings.REPLAY_SAMPLES_PER_PAGE = 4 * CHANGES_PER_REPLAY
    ingest(source, "Order 3", [{"total": number} for number in range(5)], environment="staging")
    result = build_replay(wide.request, reader=wide.members.analyst).changes[3]
    on_page = build_page_replay(
        wide.request,
        list(wide.request.changes.filter(is_breaking=True)[:CHANGES_PER_REPLAY]),
        reader=wide.members.analyst,
    )
    assert result["sources"][source.slug]["total"] == 2
    assert result["sources"] == on_page.changes[3]["sources"]
    alone = build_replay_of_change(wide.request, result["change"], reader=wide.members.analyst)
    assert alone.changes[0]["sources"][source.slug]["total"] == 5


def test_a_draft_from_before_is_looked_at_before_it_counts_as_breaking(wide):
    first = wide.request.changes.filter(is_breaking=True).first()
    Change.objects.filter(pk=first.pk).update(definition=first.base.definition)
    replay = build_replay(wide.request, reader=wide.members.analyst)
    ids = breaking_ids(wide)
    assert [result["change"] for result in replay.changes] == ids[1 : CHANGES_PER_REPLAY + 1]
    assert replay.left_out == tuple(ids[CHANGES_PER_REPLAY + 1 :])


class TestOverTheApi:
    """The answer says what it leaves out, and `?replay=` asks for one change's."""

    def test_what_is_left_out_is_told_with_the_way_to_it(self, wide, members, api_of):
        ids, analyst = breaking_ids(wide), api_of(members.analyst)
        url = f"/api/v1/requests/{wide.request.pk}/"
        replay = analyst.get(url).json()["replay"]
        assert len(replay["changes"]) == CHANGES_PER_REPLAY
        left_out = replay["left_out"]
        assert (left_out["count"], left_out["changes"]) == (2, ids[CHANGES_PER_REPLAY:])
        assert left_out["detail"].endswith(f"?replay={ids[CHANGES_PER_REPLAY]}")

        one = analyst.get(url, {"replay": ids[-1]}).json()["replay"]
        assert [result["change"] for result in one["changes"]] == [ids[-1]]
        assert one["changes"][0]["comparison"]["outcome"] == "breaking"
        assert one["left_out"] == {"count": 0, "changes": [], "detail": ""}

    def test_the_token_of_one_change_is_one_that_was_seen(self, wide, members, api_of):
        wide.submit()
        analyst, url = api_of(members.analyst), f"/api/v1/requests/{wide.request.pk}/"
        token = analyst.get(url, {"replay": breaking_ids(wide)[-1]}).json()["replay"]["token"]
        answer = analyst.post(f"{url}transitions/", {"to": "reviewed", "evidence": {"replay": token}})
        assert answer.status_code == 200, answer.content
        entry = HistoryEntry.objects.for_subject("request", wide.request.pk).filter(to_state="reviewed").get()
        assert list(entry.evidence["replay"]["counts"]) == [f"Order {TOO_MANY - 1}"]

    def test_a_change_that_breaks_nothing_has_one_without_a_token(self, wide, members, api_of):
        created = wide.request.changes.get(action=ChangeAction.CREATE)
        answer = api_of(members.analyst).get(f"/api/v1/requests/{wide.request.pk}/", {"replay": created.pk})
        replay = answer.json()["replay"]
        assert (replay["token"], [result["event"] for result in replay["changes"]]) == ("", ["Cart Viewed"])

    @pytest.mark.parametrize("change", ["0", "x", "", "-1", "9" * 30, "1.0", "\0"])
    def test_what_is_no_change_of_it_is_refused(self, wide, members, api_of, change):
        answer = api_of(members.analyst).get(f"/api/v1/requests/{wide.request.pk}/", {"replay": change})
        assert answer.status_code == 400
        (error,) = answer.json()["errors"]
        assert error["parameter"] == "replay"
        assert "no change of this request" in error["detail"]

    def test_a_change_of_another_request_is_none_of_this(self, wide, members, api_of):
        other = RequestFactory.draft(members=members, document=definition("Cart Left"))
        answer = api_of(members.analyst).get(f"/api/v1/requests/{wide.request.pk}/", {"replay": other.change.pk})
        assert answer.status_code == 400

    def test_a_list_replays_nothing(self, members, api_of):
        assert api_of(members.analyst).get("/api/v1/requests/", {"replay": 1}).status_code == 400

    def test_what_breaks_nothing_has_none(self, members, api_of):
        lifecycle = RequestFactory.requested(members=members)
        assert lifecycle.request.state == RequestState.REQUESTED
        answer = api_of(members.analyst).get(f"/api/v1/requests/{lifecycle.request.pk}/")
        assert answer.json()["replay"] is None
