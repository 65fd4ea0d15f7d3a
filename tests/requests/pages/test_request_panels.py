"""What other pages show of requests."""

import re

import pytest
from django.template import Context, Template

from catalog.choices import Status
from tests.factories.catalog import EventFactory, SourceFactory
from tests.factories.requests import RequestFactory, TeamFixture
from tracking.requests.choices import ChangeAction, RequestState

pytestmark = pytest.mark.django_db


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

    @pytest.mark.parametrize("asked", ["decision", "question"])
    def test_the_story_quotes_a_question(self, asked):
        event = RequestFactory.live(
            **{"decision": "", "metric": "Days kept", asked: "How often do we keep the day?"}
        ).event
        assert "“How often do we keep the day?”;" in self.draw("event_origin", event)

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

    def test_who_asked_for_its_end_did_not_ask_for_it(self):
        members = TeamFixture.create()
        source = SourceFactory.create(owner_team=members.team)
        retirement = RequestFactory.draft(
            members=members,
            event=EventFactory.create(sources=[source], owner_team=members.team, is_live=True),
            sources=[source],
            action=ChangeAction.RETIRE,
            reason="Nobody reads it.",
            change={"has_no_successor": True, "ends_on": "2030-01-01"},
        )
        retirement.submit().approve().develop(app_version="3.0.0")
        assert retirement.event.status == Status.RETIRED
        assert "No request tells why it was sent." in self.draw("event_origin", retirement.event)

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
