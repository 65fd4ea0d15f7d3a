"""Each page of requests and QA: who sees it, what it says in each state, and how many queries it takes."""

import html
import re
from typing import Any

import pytest
from django.template import Context, Template
from django.test import Client
from django.utils import timezone

from accounts.models import HistoryEntry, User
from catalog.choices import Environment
from catalog.models import Source
from tests.factories.accounts import person
from tests.factories.catalog import EventFactory, SourceFactory, create_write_key, definition
from tests.factories.requests import VALID_PAYLOAD, RequestFactory, TeamFixture, hash_of_person, ingest
from tests.page_text import one_line
from tracking.requests.authoring.draft_editing import add_change, edit_request
from tracking.requests.choices import ChangeAction, DeliveryState, Lane, RequestState
from tracking.requests.models import Delivery, Request
from tracking.requests.pages.presenters.status_messages import request_status_message
from tracking.requests.workflow.steps.step_conflicts import already_moved_message
from tracking.requests.workflow.steps.transitions import TRANSITIONS, Subject
from tracking.requests.workflow.transition_service import move_delivery, move_request
from tracking.traffic.models import SeenName

pytestmark = pytest.mark.django_db

ROLES = ("pm", "analyst", "developer", "qa", "viewer", "admin")
WRITERS = ("pm", "analyst", "developer")


def text_of(page):
    return one_line(page.content.decode())


def first(pattern, text):
    """What the group of a pattern holds where it is found first."""
    found = re.search(pattern, text)
    assert found is not None, pattern
    return found[1]


@pytest.mark.parametrize("state", RequestState)
def test_pages_open_in_every_state_for_everybody(state, client_of):
    lifecycle = RequestFactory.at(state)
    for role in ROLES:
        browser = client_of(getattr(lifecycle.members, role))
        for url in ("/requests/", f"/requests/{lifecycle.request.pk}/", "/qa/", f"/qa/{lifecycle.delivery.pk}/"):
            page = browser.get(url)
            assert page.status_code == 200
            assert text_of(page).count("<h1") == 1
            assert not re.search(r"\sstyle=|<script>|<style|hx-on", text_of(page))


def test_pages_are_for_people_who_signed_in():
    lifecycle = RequestFactory.developed()
    for url in (
        "/requests/",
        "/requests/new/",
        f"/requests/{lifecycle.request.pk}/",
        "/qa/",
        f"/qa/{lifecycle.delivery.pk}/",
    ):
        assert Client().get(url)["Location"].startswith("/accounts/login/?next=")
    for url in (
        f"/requests/{lifecycle.request.pk}/move/",
        f"/qa/{lifecycle.delivery.pk}/move/",
        "/requests/propose/1/",
    ):
        assert Client().post(url)["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("role", ROLES)
def test_only_writers_write(role, client_of):
    members = TeamFixture.create()
    assert client_of(getattr(members, role)).get("/requests/new/").status_code == (200 if role in WRITERS else 403)


@pytest.mark.parametrize("role", ROLES)
def test_only_its_author_edits_a_draft(role, client_of):
    lifecycle = RequestFactory.draft()
    browser = client_of(getattr(lifecycle.members, role))
    url = f"/requests/{lifecycle.request.pk}/edit/"
    expected = 200 if role == "pm" else 403
    assert browser.get(url).status_code == expected
    assert browser.post(url, {"title": "Mine now"}).status_code == (422 if role == "pm" else 403) or role == "pm"
    lifecycle.request.refresh_from_db()
    assert role == "pm" or lifecycle.request.title != "Mine now"


@pytest.mark.parametrize("role", ROLES)
def test_a_step_that_somebody_may_not_take_is_403_with_the_missing_role(role, client_of):
    lifecycle = RequestFactory.requested()
    page = client_of(getattr(lifecycle.members, role)).post(
        f"/requests/{lifecycle.request.pk}/move/", {"to": "reviewed"}
    )
    if role == "analyst":
        assert page.status_code == 302
    else:
        assert page.status_code == 403
        assert "analyst" in text_of(page)


def test_a_stranger_is_told_whose_turn_it_is(client_of, stranger):
    lifecycle = RequestFactory.requested()
    text = text_of(client_of(stranger).get(f"/requests/{lifecycle.request.pk}/"))
    assert "Waiting for an analyst&#x27;s approval" in text
    assert "This is the step of an analyst" in text


@pytest.mark.parametrize(
    "state", [RequestState.DRAFT, RequestState.REQUESTED, RequestState.REVIEWED, RequestState.DEVELOPED]
)
def test_each_step_says_whom_it_waits_for(state, client_of, stranger):
    lifecycle = RequestFactory.at(state)
    text = text_of(client_of(stranger).get(f"/requests/{lifecycle.request.pk}/"))
    told = {
        RequestState.DRAFT: f"Waiting for {lifecycle.members.pm} to submit it",
        RequestState.REQUESTED: "Waiting for an analyst&#x27;s approval",
        RequestState.REVIEWED: f"Waiting for a developer to build it on {lifecycle.sources[0]}",
        RequestState.DEVELOPED: f"Waiting for QA to verify it on {lifecycle.sources[0]}",
    }
    assert f"<h2>{told[state]}</h2>" in text


def test_after_a_step_people_read_what_comes_next(client_of):
    lifecycle = RequestFactory.requested()
    url = f"/requests/{lifecycle.request.pk}/move/"
    page = client_of(lifecycle.members.analyst).post(url, {"to": "reviewed"}, follow=True)
    assert "Approved. Developers build it next." in text_of(page)
    page = client_of(lifecycle.members.analyst).post(url, {"to": "draft", "comment": "Once more."}, follow=True)
    assert "It is a draft again." in text_of(page)
    page = client_of(lifecycle.members.pm).post(url, {"to": "requested"}, follow=True)
    assert "Submitted. An analyst reviews it next." in text_of(page)


def test_there_is_a_sentence_for_every_state():
    for state in RequestState:
        for lane in Lane:
            assert request_status_message(Request(state=state, lane=lane)).endswith(".")
    for row in TRANSITIONS:
        for start in row.from_states:
            kind: Any = Request if row.subject is Subject.REQUEST else Delivery
            moved = kind(state=start)
            entry = HistoryEntry(actor=User(name="Jonas"), at=timezone.now())
            assert "Jonas already " in already_moved_message(moved, row.to, entry, by=User(pk=1), at=timezone.now())


def test_a_refused_step_names_each_condition_and_keeps_what_was_typed(client_of):
    lifecycle = RequestFactory.developed()
    ingest(
        lifecycle.delivery.source,
        lifecycle.change.name,
        [{"total": "much"}],
        environment="staging",
        app_version="2.0.0",
    )
    sent = {"to": "tested", "comment": "Looks <b>fine</b>", "back": "qa"}
    page = client_of(lifecycle.members.qa).post(f"/qa/{lifecycle.delivery.pk}/move/", sent)
    text = text_of(page)
    assert page.status_code == 409
    assert "did not conform since it was developed" in text
    assert "Not seen yet in a conforming event" in text
    assert "Looks &lt;b&gt;fine&lt;/b&gt;" in text
    page = client_of(lifecycle.members.developer).post(f"/qa/{lifecycle.delivery.pk}/move/", {"to": "reviewed"})
    assert page.status_code == 422
    assert "Say why, so that others understand the step." in text_of(page)


def test_a_reason_with_what_no_column_holds_is_written_out(client_of):
    lifecycle = RequestFactory.requested()
    sent = {"to": "declined", "comment": "No\0pe"}
    assert client_of(lifecycle.members.analyst).post(f"/requests/{lifecycle.request.pk}/move/", sent).status_code == 302
    assert "No\\u0000pe" in text_of(client_of(lifecycle.members.pm).get(f"/requests/{lifecycle.request.pk}/"))


@pytest.mark.parametrize("to", ["", "nonsense", "live", "x" * 5_000, "planned"])
def test_a_step_that_is_none_is_told_so(to, client_of):
    lifecycle = RequestFactory.reviewed()
    for url in (f"/requests/{lifecycle.request.pk}/move/", f"/qa/{lifecycle.delivery.pk}/move/"):
        assert client_of(lifecycle.members.analyst).post(url, {"to": to}).status_code in (403, 409)


def test_a_breaking_change_is_approved_by_whoever_saw_its_replay(client_of):
    members = TeamFixture.create()
    source = SourceFactory.create(owner_team=members.team, slug="web-shop")
    event = EventFactory.create(name="Order Completed", sources=[source], owner_team=members.team, is_live=True)
    ingest(source, event.name, [{"total": 1}], environment="staging")
    stricter = definition(schema={**definition()["schema"], "required": ["total", "coupon"]})
    lifecycle = RequestFactory.requested(members=members, sources=[source], event=event, document=stricter)
    analyst = client_of(members.analyst)
    text = text_of(analyst.get(f"/requests/{lifecycle.request.pk}/"))
    assert "1.0.0 → 2.0.0" in text
    assert "Breaking: some event that was valid is valid no more." in text
    assert "Would fail" in text
    page = analyst.post(f"/requests/{lifecycle.request.pk}/move/", {"to": "reviewed"})
    assert page.status_code == 422
    assert "Look at its replay first" in text_of(page)
    token = first(r'name="replay" value="([^"]+)"', text)
    page = analyst.post(f"/requests/{lifecycle.request.pk}/move/", {"to": "reviewed", "replay": token})
    assert page.status_code == 302
    assert "Saw the replay" in text_of(analyst.get(page["Location"]))


def test_a_compatible_change_is_not_called_breaking_by_its_lane(client_of):
    live = RequestFactory.live()
    schema = definition()["schema"]
    wider = definition(schema=schema | {"properties": schema["properties"] | {"note": {"type": "string"}}})
    lifecycle = RequestFactory.requested(members=live.members, sources=live.sources, event=live.event, document=wider)
    text = text_of(client_of(live.members.analyst).get(f"/requests/{lifecycle.request.pk}/"))
    assert "Compatible: every event that was valid stays valid." in text
    assert "Full way" in text
    assert "New or breaking" not in text


def test_the_reviewer_is_shown_what_lives_under_nearly_the_same_name(client_of):
    members = TeamFixture.create()
    for name, is_live in (("Product Compared", True), ("Products Compare", False), ("Order Completed", True)):
        source = SourceFactory.create(owner_team=members.team)
        EventFactory.create(name=name, sources=[source], owner_team=members.team, is_live=is_live)
    lifecycle = RequestFactory.requested(members=members, document=definition("Compared Products"))
    url = f"/requests/{lifecycle.request.pk}/"
    text = text_of(client_of(members.analyst).get(url))
    told = text[text.index("Similar and live") :].partition("</p>")[0]
    assert "Product Compared" in told
    assert "Products Compare<" not in told
    assert "Order Completed" not in told
    lifecycle.approve()
    assert "Similar and live" not in text_of(client_of(members.analyst).get(url))


def test_an_approval_of_other_words_is_shown_as_stale(client_of):
    lifecycle = RequestFactory.reviewed()
    move_request(lifecycle.request, RequestState.DRAFT, by=lifecycle.members.pm, comment="One more thing.")
    edit_request(lifecycle.request, by=lifecycle.members.pm, revision=None, question="Another question?")
    assert "Stale: edited since" in text_of(client_of(lifecycle.members.pm).get(f"/requests/{lifecycle.request.pk}/"))


def test_a_request_that_was_declined_before_its_review_awaits_nothing(client_of):
    lifecycle = RequestFactory.at(RequestState.DECLINED)
    page = text_of(client_of(lifecycle.members.pm).get(lifecycle.request.get_absolute_url()))
    assert "Dropped" in page
    assert "Begins when the request is approved." not in page


def test_the_page_renews_itself_only_while_something_can_move(client_of):
    lifecycle = RequestFactory.tested()
    browser = client_of(lifecycle.members.pm)
    page = text_of(browser.get(f"/requests/{lifecycle.request.pk}/"))
    url = first(r'hx-get="([^"]+)" hx-trigger="every 2s"', page).replace("&amp;", "&")
    fragment = text_of(browser.get(url, headers={"HX-Request": "true"}))
    assert "Proof events" in fragment
    assert "hx-swap-oob" not in fragment
    lifecycle.prove()
    fragment = text_of(browser.get(url, headers={"HX-Request": "true"}))
    assert "every 2s" not in fragment
    assert 'id="next"' in fragment
    assert "Everything that was asked for is live" in fragment
    assert "<html" not in fragment
    assert "every 2s" not in text_of(browser.get(f"/requests/{lifecycle.request.pk}/"))


def test_lists_tell_an_empty_house_from_filters_that_find_nothing(client_of):
    members = TeamFixture.create()
    pm, viewer = client_of(members.pm), client_of(members.viewer)
    assert "Write the first request" in text_of(pm.get("/requests/"))
    assert "Write the first request" not in text_of(viewer.get("/requests/"))
    assert "Nothing waits for QA" in text_of(pm.get("/qa/"))
    lifecycle = RequestFactory.developed(members=members)
    assert "No request matches" in text_of(pm.get("/requests/?state=live"))
    assert "Nothing waits on you" in text_of(pm.get("/requests/?waiting_on=me"))
    assert "No delivery matches" in text_of(pm.get("/qa/?state=live"))
    assert lifecycle.request.title in text_of(client_of(members.qa).get("/requests/?waiting_on=me"))
    assert lifecycle.change.name in text_of(pm.get("/qa/"))
    assert "Filter requests" in text_of(pm.get("/requests/?state=nonsense&author=nobody&event=x"))


def test_a_list_is_exported_as_it_is_filtered(client_of):
    lifecycle = RequestFactory.requested(title="=cmd()")
    RequestFactory.draft(members=lifecycle.members, title="Other")
    content = text_of(client_of(lifecycle.members.viewer).get("/requests/?state=requested&export=csv"))
    assert "'=cmd()" in content
    assert "Other" not in content
    assert lifecycle.delivery.source.slug in text_of(
        client_of(lifecycle.members.viewer).get("/qa/?state=planned&export=json")
    )


def test_hidden_filters_stay_when_others_change(client_of):
    lifecycle = RequestFactory.requested()
    text = text_of(client_of(lifecycle.members.pm).get("/requests/?waiting_on=me"))
    assert '<input type="hidden" name="waiting_on" value="me">' in text


def queries_of(browser, url, django_assert_max_num_queries, most):
    browser.get(url)
    with django_assert_max_num_queries(most) as caught:
        assert browser.get(url).status_code == 200
    return len(caught)


def test_lists_stay_within_their_budget(client_of, django_assert_max_num_queries):
    members = TeamFixture.create()
    source = SourceFactory.create(owner_team=members.team)
    for number in range(8):
        RequestFactory.developed(members=members, sources=[source], document=definition(f"Event {number}"))
    browser = client_of(members.qa)
    for url in ("/requests/", "/requests/?waiting_on=me", "/qa/", "/qa/?waiting_on=me"):
        queries_of(browser, url, django_assert_max_num_queries, 12)


@pytest.mark.parametrize(
    "state",
    [
        RequestState.DRAFT,
        RequestState.REQUESTED,
        RequestState.REVIEWED,
        RequestState.DEVELOPED,
        RequestState.TESTED,
        RequestState.LIVE,
    ],
)
def test_the_page_stays_within_its_budget(state, client_of, django_assert_max_num_queries):
    members = TeamFixture.create()
    lifecycle = RequestFactory.at(state, members=members)
    for role in ("pm", "analyst", "developer", "qa"):
        browser = client_of(getattr(members, role))
        queries_of(browser, f"/requests/{lifecycle.request.pk}/", django_assert_max_num_queries, 25)


def test_a_hundred_changes_are_read_a_page_at_a_time(client_of, django_assert_max_num_queries):
    lifecycle = RequestFactory.draft()
    change = lifecycle.change
    for number in range(99):
        change.pk = None
        change.definition = definition(f"Event {number}")
        change.save()
    browser = client_of(lifecycle.members.analyst)
    url = f"/requests/{lifecycle.request.pk}/"
    assert text_of(browser.get(url)).count('id="change-') == 10
    assert text_of(browser.get(f"{url}?page=10")).count('id="change-') == 10
    queries_of(browser, f"{url}?page=10", django_assert_max_num_queries, 40)


class TestConsole:
    """The QA page of a delivery."""

    @pytest.fixture
    def lifecycle(self):
        lifecycle = RequestFactory.developed()
        create_write_key(lifecycle.delivery.source, Environment.DEVELOPMENT)
        return lifecycle

    @pytest.fixture
    def qa(self, lifecycle, client_of):
        return client_of(lifecycle.members.qa)

    @staticmethod
    def send(lifecycle, payload, **options):
        options = {"environment": "staging", "app_version": "2.0.0"} | options
        ingest(lifecycle.delivery.source, lifecycle.change.name, [payload], **options)

    def test_it_waits_with_the_key_and_what_to_try(self, lifecycle, qa):
        text = text_of(qa.get(f"/qa/{lifecycle.delivery.pk}/"))
        assert "Waiting for events" in text
        assert lifecycle.delivery.source.write_keys.get().key in text
        assert "2.0.0</code> or later" in text

    def test_expected_stands_beside_received(self, lifecycle, qa):
        self.send(lifecycle, {"total": "a lot", "colour": "<i>red</i>"})
        text = text_of(qa.get(f"/qa/{lifecycle.delivery.pk}/"))
        assert "&quot;a lot&quot;" in text
        assert "type: expected" in text
        assert "unknown_property" in text
        assert "<i>red" not in text
        assert "check-errors" in text

    def test_an_older_event_is_chosen_by_its_address(self, lifecycle, qa):
        self.send(lifecycle, {"total": 1, "coupon": "FIRST"})
        self.send(lifecycle, {"total": 2, "coupon": "SECOND"})
        older = SeenName.objects.get().samples.order_by("id").first()
        assert "&quot;FIRST&quot;" in text_of(qa.get(f"/qa/{lifecycle.delivery.pk}/?sample={older.pk}"))
        for nonsense in ("x", "-1", "9" * 40, "999999"):
            assert qa.get(f"/qa/{lifecycle.delivery.pk}/?sample={nonsense}").status_code == 200

    def test_what_arrives_is_shown_without_a_reload(self, lifecycle, qa):
        page = text_of(qa.get(f"/qa/{lifecycle.delivery.pk}/"))
        url = first(r'hx-get="([^"]+)" hx-trigger="every 2s"', page).replace("&amp;", "&")
        assert qa.get(url, headers={"HX-Request": "true"}).status_code == 204
        self.send(lifecycle, VALID_PAYLOAD)
        answer = qa.get(url, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        assert "1 conforming, 0 not" in text_of(answer)
        assert "<html" not in text_of(answer)

    def test_an_event_held_against_an_older_version_is_tried_against_this_one(self, lifecycle, qa):
        lifecycle.verify().prove()
        document = definition(schema={**definition()["schema"], "required": ["coupon", "total"]})
        newer = RequestFactory.developed(
            members=lifecycle.members,
            sources=lifecycle.sources,
            event=lifecycle.event,
            document=document,
            app_version="3.0.0",
        )
        self.send(newer, {"total": 1}, app_version="2.0.0")
        text = text_of(qa.get(f"/qa/{newer.delivery.pk}/"))
        assert "required: expected" in text

    def test_ids_are_chosen_and_their_events_alone_count(self, lifecycle, qa):
        self.send(lifecycle, VALID_PAYLOAD, person_ids=[7])
        self.send(lifecycle, {"total": "much"}, person_ids=[8])
        assert f'value="{hash_of_person(7)}" form="sign"' in text_of(qa.get(f"/qa/{lifecycle.delivery.pk}/"))
        sent = {"to": "tested", "back": "qa"}
        assert qa.post(f"/qa/{lifecycle.delivery.pk}/move/", sent).status_code == 409
        assert (
            qa.post(f"/qa/{lifecycle.delivery.pk}/move/", sent | {"ids": [str(hash_of_person(7)), "junk"]}).status_code
            == 302
        )
        assert lifecycle.delivery.state == DeliveryState.TESTED

    def test_an_id_stands_once_with_its_environments_and_the_signature_names_it(self, lifecycle, qa):
        for environment in ("staging", "development"):
            self.send(lifecycle, VALID_PAYLOAD, person_ids=[7], environment=environment)
        self.send(lifecycle, VALID_PAYLOAD, person_ids=[8])
        text = text_of(qa.get(f"/qa/{lifecycle.delivery.pk}/"))
        assert text.count(f'value="{hash_of_person(7)}" form="sign"') == 1
        assert "Staging and Development: 2 conforming" in text
        assert "Nobody ticked: everybody counts" in text
        page = qa.post(
            f"/qa/{lifecycle.delivery.pk}/move/",
            {"to": "tested", "back": "qa", "ids": [str(hash_of_person(7))]},
            follow=True,
        )
        assert f"{lifecycle.members.qa} signed 2 events of " in text_of(page)

    def test_a_signature_without_chosen_ids_is_of_everybody(self, lifecycle, qa):
        self.send(lifecycle, VALID_PAYLOAD)
        page = qa.post(f"/qa/{lifecycle.delivery.pk}/move/", {"to": "tested", "back": "qa"}, follow=True)
        assert f"{lifecycle.members.qa} signed 1 event of everybody" in text_of(page)

    def test_it_is_sent_back_with_a_reason(self, lifecycle, qa):
        sent = {"to": "reviewed", "back": "qa", "comment": "Totals are texts."}
        assert qa.post(f"/qa/{lifecycle.delivery.pk}/move/", sent)["Location"] == f"/qa/{lifecycle.delivery.pk}/"
        assert lifecycle.delivery.state == DeliveryState.REVIEWED
        assert "Totals are texts." in text_of(qa.get(f"/requests/{lifecycle.request.pk}/"))

    @pytest.mark.parametrize("role", ROLES)
    def test_samples_are_for_whoever_may_look_at_them(self, role, lifecycle, client_of):
        self.send(lifecycle, {"total": 1, "coupon": "SEEN-BY-FEW"})
        text = text_of(client_of(getattr(lifecycle.members, role)).get(f"/qa/{lifecycle.delivery.pk}/"))
        assert ("SEEN-BY-FEW" in text) == (role != "viewer")
        assert ("Sign: verified" in text) == (role == "qa")

    def test_it_stays_within_its_budget(self, lifecycle, qa, django_assert_max_num_queries):
        for _ in range(20):
            self.send(lifecycle, VALID_PAYLOAD)
        queries_of(qa, f"/qa/{lifecycle.delivery.pk}/", django_assert_max_num_queries, 25)


class TestPanels:
    """What the event page shows of requests."""

    @staticmethod
    def draw(tag, event):
        return Template("{% load request_panels %}{% " + tag + " event %}").render(Context({"event": event}))

    def test_the_story_of_a_live_event(self, django_assert_max_num_queries):
        lifecycle = RequestFactory.live(decision="Which shops get the new checkout.")
        event = lifecycle.event
        with django_assert_max_num_queries(2):
            text = self.draw("event_origin", event)
        told = " ".join(re.sub("<[^>]+>", "", text).split())
        assert told.startswith(f"Asked by {lifecycle.members.pm} to decide: Which shops get the new checkout; live on ")
        assert told.endswith(f"; verified by {lifecycle.members.qa}.")

    @pytest.mark.parametrize(
        ("state", "told"),
        [
            (RequestState.REVIEWED, "on its way on"),
            (RequestState.TESTED, "on its way on"),
            (RequestState.LIVE, "live on"),
        ],
    )
    def test_the_story_on_the_way(self, state, told):
        assert told in self.draw("event_origin", RequestFactory.at(state).event)

    def test_the_story_that_nobody_told(self):
        assert "No request tells" in self.draw("event_origin", EventFactory.create())
        source = SourceFactory.create()
        assert "Taken over as it was" in self.draw("event_origin", EventFactory.create(sources=[source], is_live=True))

    def test_the_requests_of_an_event(self, django_assert_max_num_queries):
        lifecycle = RequestFactory.live(title="<b>Know</b>")
        RequestFactory.draft(
            members=lifecycle.members, sources=lifecycle.sources, event=lifecycle.event, title="And then"
        )
        event = lifecycle.event
        with django_assert_max_num_queries(1):
            text = self.draw("event_requests", event)
        assert "&lt;b&gt;Know&lt;/b&gt;" in text
        assert "And then" in text
        assert "No request has touched" in self.draw("event_requests", EventFactory.create())


def test_undocumented_traffic_becomes_a_draft_in_one_click(client_of):
    members = TeamFixture.create()
    source = SourceFactory.create(owner_team=members.team)
    ingest(source, "Mouse Moved", [{"x": 1}])
    name = SeenName.objects.get()
    assert client_of(members.viewer).post(f"/requests/propose/{name.pk}/").status_code == 403
    answer = client_of(members.pm).post(f"/requests/propose/{name.pk}/")
    assert re.fullmatch(r"/requests/\d+/edit/", answer["Location"])
    assert "Mouse Moved" in text_of(client_of(members.pm).get(answer["Location"]))
    name.samples.all().delete()
    assert client_of(members.pm).get(f"/requests/propose/{name.pk}/")["Location"] == "/findings/"
    assert client_of(members.pm).post("/requests/propose/999999/").status_code == 404


def test_whoever_comes_second_reads_the_definition_that_is_under_way(client_of):
    members = TeamFixture.create()
    ingest(SourceFactory.create(owner_team=members.team), "Mouse Moved", [{"x": 1}])
    name = SeenName.objects.get()
    client_of(members.pm).post(f"/requests/propose/{name.pk}/")
    begun = Request.objects.get()
    second = client_of(members.analyst).post(f"/requests/propose/{name.pk}/", follow=True)
    assert second.redirect_chain == [(f"/requests/{begun.pk}/", 302)]
    assert f"{members.pm} is at it already." in text_of(second)
    home = text_of(client_of(members.analyst).get("/"))
    assert f"{members.pm} is drafting this" in home
    assert "Propose a definition" not in home
    assert "Go on with your draft" in text_of(client_of(members.pm).get("/"))
    move_request(begun, RequestState.WITHDRAWN, by=members.pm, comment="Not now.")
    assert "Propose a definition" in text_of(client_of(members.analyst).get("/"))
    assert "Propose a definition" not in text_of(client_of(members.viewer).get("/"))


def test_whoever_asked_for_a_definition_is_led_to_the_request(client_of):
    members = TeamFixture.create()
    ingest(SourceFactory.create(owner_team=members.team), "Order Completed", [VALID_PAYLOAD])
    lifecycle = RequestFactory.requested(members=members, sources=list(Source.objects.all()))
    for reader, words in ((members.pm, "You asked for this"), (members.analyst, f"{members.pm} asked for this")):
        home = text_of(client_of(reader).get("/"))
        link = next(link for link in re.findall(r"<a .*?</a>", home, re.DOTALL) if "asked for this" in link)
        assert words in link
        assert f'href="{lifecycle.request.get_absolute_url()}"' in link
        assert "Go on with your draft" not in home


def test_two_at_once_the_second_is_told(client_of):
    lifecycle = RequestFactory.reviewed()
    other = person("developer", team=lifecycle.members.team)
    move_delivery(lifecycle.delivery, DeliveryState.DEVELOPED, by=other, app_version="2.0.0")
    sent = {"to": "developed", "app_version": "2.0.0"}
    page = client_of(lifecycle.members.developer).post(f"/qa/{lifecycle.delivery.pk}/move/", sent)
    assert page.status_code == 409
    assert f"{other} already marked it as developed, just now. Nothing is left to do." in text_of(page)
    assert Delivery.objects.get().developed_by == other


def test_the_address_of_a_step_leads_whoever_opens_it_to_its_page(client_of):
    lifecycle = RequestFactory.reviewed()
    browser = client_of(lifecycle.members.developer)
    assert browser.get(f"/requests/{lifecycle.request.pk}/move/")["Location"] == f"/requests/{lifecycle.request.pk}/"
    url = f"/qa/{lifecycle.delivery.pk}/move/"
    assert browser.get(url)["Location"] == f"/requests/{lifecycle.request.pk}/?delivery={lifecycle.delivery.pk}"
    assert browser.put(url).status_code == 405
    lifecycle.develop()
    assert browser.get(url)["Location"] == f"/qa/{lifecycle.delivery.pk}/"
    assert browser.get("/qa/999999/move/").status_code == 404


class TestChosenDelivery:
    """A request of two sources, opened for one of them."""

    @pytest.fixture
    def lifecycle(self):
        members = TeamFixture.create()
        sources = [SourceFactory.create(name=name, owner_team=members.team) for name in ("Android app", "iOS app")]
        for source in sources:
            create_write_key(source, Environment.DEVELOPMENT)
        return RequestFactory.reviewed(members=members, sources=sources)

    @staticmethod
    def of(lifecycle, name):
        return next(delivery for delivery in lifecycle.deliveries if delivery.source.name == name)

    def test_home_leads_to_the_step_of_the_delivery(self, lifecycle, client_of):
        text = text_of(client_of(lifecycle.members.developer).get("/"))
        assert self.of(lifecycle, "iOS app").get_absolute_url() in text

    def test_its_step_and_its_snippet_come_first(self, lifecycle, client_of):
        browser = client_of(lifecycle.members.developer)
        text = text_of(browser.get(self.of(lifecycle, "iOS app").get_absolute_url()))
        assert "<h2>Mark as developed on iOS app</h2>" in text
        assert "on iOS app: " in first(r'<details class="unfold" open><summary>([^<]+)<', text)
        for nonsense in ("x", "-1", "9" * 40, "999999"):
            assert browser.get(f"/requests/{lifecycle.request.pk}/?delivery={nonsense}").status_code == 200

    def test_its_snippet_carries_the_app_version_that_counts(self, lifecycle, client_of):
        lifecycle.develop(only=[self.of(lifecycle, "iOS app")], app_version="2.7.1")
        delivery = self.of(lifecycle, "iOS app")
        for address in (delivery.get_absolute_url(), f"/qa/{delivery.pk}/"):
            text = html.unescape(text_of(client_of(lifecycle.members.developer).get(address)))
            assert '"version": "2.7.1"' in re.sub(r"<[^>]+>", "", text)

    def test_a_refused_step_shows_its_own_form_again(self, lifecycle, client_of):
        sent = {"to": "developed", "app_version": "nonsense"}
        page = client_of(lifecycle.members.developer).post(f"/qa/{self.of(lifecycle, 'iOS app').pk}/move/", sent)
        assert page.status_code == 422
        assert "<h2>Mark as developed on iOS app</h2>" in text_of(page)

    def test_what_is_no_step_of_theirs_does_not_come_first(self, lifecycle, client_of):
        lifecycle.develop(only=[self.of(lifecycle, "iOS app")])
        text = text_of(client_of(lifecycle.members.developer).get(self.of(lifecycle, "iOS app").get_absolute_url()))
        assert "<h2>Mark as developed on Android app</h2>" in text

    def test_it_opens_the_page_of_changes_that_holds_it(self, client_of):
        lifecycle = RequestFactory.draft()
        for number in range(11):
            add_change(
                lifecycle.request,
                action=ChangeAction.CREATE,
                by=lifecycle.members.pm,
                definition=definition(f"Event {number}"),
                sources=lifecycle.sources,
            )
        lifecycle.submit().approve()
        text = text_of(client_of(lifecycle.members.developer).get(lifecycle.deliveries[-1].get_absolute_url()))
        assert "Event 10" in text


def test_the_page_of_nothing_is_404(client_of, stranger):
    browser = client_of(stranger)
    for url in ("/requests/999/", "/qa/999/", "/requests/999/edit/"):
        assert browser.get(url).status_code == 404
    for url in ("/requests/999/move/", "/qa/999/move/"):
        assert browser.post(url, {"to": "live"}).status_code == 404


def test_queries_do_not_grow_with_arrivals(client_of, django_assert_max_num_queries):
    lifecycle = RequestFactory.developed()
    browser = client_of(lifecycle.members.qa)
    url = f"/qa/{lifecycle.delivery.pk}/"
    counts = []
    for size in (1, 10):
        ingest(
            lifecycle.delivery.source,
            lifecycle.change.name,
            [VALID_PAYLOAD] * size,
            environment="staging",
            app_version="2.0.0",
        )
        counts.append(queries_of(browser, url, django_assert_max_num_queries, 25))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("state", "role", "expected"),
    [
        (RequestState.DRAFT, "pm", "Your draft: finish it, then submit it"),
        (RequestState.REQUESTED, "analyst", "Waits for your review, asked by {author}"),
        (RequestState.REVIEWED, "developer", "Approved: build it, then say which app version carries it"),
        (RequestState.DEVELOPED, "qa", "Built: verify it from what arrived"),
    ],
)
def test_the_home_page_says_what_each_person_has_to_do(state, role, expected, client_of):
    lifecycle = RequestFactory.at(state)
    home = text_of(client_of(getattr(lifecycle.members, role)).get("/"))
    assert expected.format(author=lifecycle.request.author) in home
