"""A request that is opened for one of its deliveries."""

import html
import re

import pytest

from catalog.choices import Environment
from tests.factories.catalog import SourceFactory, create_write_key, definition
from tests.factories.requests import RequestFactory, TeamFixture
from tests.requests.pages.page_answers import first, text_of
from tracking.requests.authoring.draft_editing import add_change
from tracking.requests.choices import ChangeAction

pytestmark = pytest.mark.django_db


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
