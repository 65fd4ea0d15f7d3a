"""What the QA console says of events that were validated against another version first."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.choices import Environment, VersionFrom
from catalog.models import Source
from tests.factories.catalog import SourceFactory, create_write_key, definition
from tests.factories.requests import VALID_PAYLOAD, RequestFactory, RequestLifecycle, TeamFixture, ingest
from tests.factories.traffic import post_batch, process_inbox, track_call
from tests.page_text import one_line
from tracking.requests.choices import DeliveryState
from tracking.requests.pages.presenters.qa_console import QAConsole
from tracking.requests.workflow.transition_service import move_delivery
from tracking.traffic.models import Sample

pytestmark = pytest.mark.django_db

WRONG = "A.B@Example.COM 1"
RIGHT = "a@example.com"


@pytest.fixture
def lifecycle() -> RequestLifecycle:
    """An update that adds an address, on a source without app versions: the first verdict rests on the old version."""
    members = TeamFixture.create()
    source = SourceFactory.create(owner_team=members.team, version_from=VersionFrom.NOWHERE)
    first = RequestFactory.live(members=members, sources=[source], app_version="")
    Sample.objects.all().delete()
    schema = definition()["schema"]
    email = {"type": "string", "pattern": "^[a-z]+@[a-z.]+$"}
    document = definition(schema={**schema, "properties": {**schema["properties"], "email": email}})
    return RequestFactory.reviewed(members=members, event=first.event, sources=[source], document=document)


def sample_of_event(lifecycle: RequestLifecycle, **properties: object) -> Sample:
    """Send an event to the collector with the staging key, and let it be checked."""
    key = lifecycle.sources[0].write_keys.filter(environment=Environment.STAGING).first()
    key = key or create_write_key(lifecycle.sources[0], Environment.STAGING)
    assert post_batch(key, track_call(lifecycle.change.name, properties=VALID_PAYLOAD | properties)).status_code == 200
    process_inbox()
    return Sample.objects.latest("id")


def console_of(lifecycle: RequestLifecycle) -> QAConsole:
    return QAConsole(lifecycle.delivery, lifecycle.members.qa)


@pytest.mark.parametrize(("email", "verdict"), [(WRONG, "nonconforming"), (RIGHT, "conforming")])
def test_it_says_what_the_evidence_says_where_a_mask_hides_the_value(lifecycle, email, verdict):
    lifecycle.develop(app_version="")
    sample = sample_of_event(lifecycle, email=email)
    assert sample.masked == ["/properties/email"]
    assert sample.version_id != lifecycle.change.version.pk
    console = console_of(lifecycle)
    assert console.recent_samples[0].verdict == verdict
    assert (console.evidence.conforming, console.evidence.nonconforming) == (
        int(verdict == "conforming"),
        int(verdict == "nonconforming"),
    )


def test_what_it_shows_of_a_violation_is_masked(lifecycle):
    lifecycle.develop(app_version="")
    sample_of_event(lifecycle, email=WRONG)
    found = console_of(lifecycle).recent_samples[0].violations
    assert [violation["rule"] for violation in found] == ["pattern"]
    assert "Example" not in str(found)


def test_warnings_against_the_version_are_shown(lifecycle, client_of):
    lifecycle.develop(app_version="")
    sample_of_event(lifecycle, colour="red")
    console = console_of(lifecycle)
    assert console.recent_samples[0].verdict == "conforming"
    assert [(side.state, side.message.split(":")[0]) for side in console.property_checks if not side.type_label] == [
        ("extra", "unknown_property")
    ]
    assert "unknown_property" in client_of(lifecycle.members.qa).get(f"/qa/{lifecycle.delivery.pk}/").content.decode()


def test_an_event_from_before_the_approval_is_hidden_where_a_mask_hides_the_answer(lifecycle, client_of):
    sample = sample_of_event(lifecycle, email=WRONG)
    Sample.objects.update(second_verdicts={})
    lifecycle.develop(app_version="")
    assert console_of(lifecycle).recent_samples[0].verdict == "hidden"
    text = one_line(
        client_of(lifecycle.members.qa).get(f"/qa/{lifecycle.delivery.pk}/?sample={sample.pk}").content.decode()
    )
    assert "Send it again to know" in text


def test_an_event_from_before_the_approval_is_tried_where_all_of_it_is_seen(lifecycle):
    sample_of_event(lifecycle, total="much", colour="red")
    Sample.objects.update(second_verdicts={}, masked=[])
    arrival = console_of(lifecycle).recent_samples[0]
    assert arrival.verdict == "nonconforming"
    assert arrival.error_count == 1
    assert {violation["rule"] for violation in arrival.violations} == {"type", "unknown_property"}


class TestSendingBack:
    """The event that shows why goes with the step, and stands in the history."""

    @pytest.fixture
    def sent(self) -> RequestLifecycle:
        lifecycle = RequestFactory.developed()
        for payload in ({"total": "FIRST"}, {"total": "SECOND"}, VALID_PAYLOAD):
            ingest(lifecycle.sources[0], lifecycle.change.name, [payload], environment="staging", app_version="2.0.0")
        return lifecycle

    @pytest.mark.parametrize(("chosen", "told"), [(None, "SECOND"), (2, "FIRST"), (0, "SPRING")])
    def test_the_page_sends_the_chosen_event_else_the_newest_that_failed(self, sent, client_of, chosen, told):
        qa, address = client_of(sent.members.qa), f"/qa/{sent.delivery.pk}/"
        newest_first = list(Sample.objects.order_by("-id"))
        query = "" if chosen is None else f"?sample={newest_first[chosen].pk}"
        form = form_fields(qa.get(address + query).content.decode(), wanted="reviewed")
        assert qa.post(f"{address}move/", form | {"comment": "Totals are texts."}).status_code == 302
        assert sent.delivery.state == DeliveryState.REVIEWED
        history = qa.get(f"/requests/{sent.request.pk}/").content.decode()
        assert told in history
        assert "Shown by an event from staging 2.0.0" in history

    def test_whoever_may_not_look_at_samples_reads_what_failed_alone(self, sent, client_of):
        sample = Sample.objects.order_by("id").first()
        move_delivery(sent.delivery, "reviewed", by=sent.members.qa, comment="Texts.", sample=sample.pk)
        page = client_of(sent.members.viewer).get(f"/requests/{sent.request.pk}/").content.decode()
        assert "/properties/total: type, expected" in page
        assert "FIRST" not in page

    def test_an_event_that_is_gone_is_told(self, sent, client_of):
        form = {"to": "reviewed", "back": "qa", "comment": "Texts.", "sample": "999999"}
        page = client_of(sent.members.qa).post(f"/qa/{sent.delivery.pk}/move/", form)
        assert page.status_code == 422
        assert "Choose another" in page.content.decode()


class TestWhatDoesNotCount:
    """Each arrival that does not count says why, and the evidence agrees with it."""

    @staticmethod
    def developed(*, app_version="2.5.0", **fields) -> RequestLifecycle:
        members = TeamFixture.create()
        source = SourceFactory.create(owner_team=members.team, **fields)
        return RequestFactory.reviewed(members=members, sources=[source]).develop(app_version=app_version)

    @staticmethod
    def came(lifecycle, version="", environment="staging", **options) -> None:
        ingest(
            lifecycle.sources[0],
            lifecycle.change.name,
            [VALID_PAYLOAD],
            environment=environment,
            app_version=version,
            **options,
        )

    @staticmethod
    def read(client_of, lifecycle) -> str:
        """The words of the rows that do not count."""
        page = client_of(lifecycle.members.qa).get(f"/qa/{lifecycle.delivery.pk}/").content.decode()
        return words_of("".join(re.findall(r'<li class="stream-old">.*?</li>', page, re.DOTALL)))

    @pytest.mark.parametrize(
        ("version", "told"),
        [
            ("", "came without an app version, which is looked for at /context/app/version"),
            ("2.4.1", "came from 2.4.1, counts from 2.5.0 on"),
            ("<b>new</b>", "came from <b>new</b>, which is no semantic version"),
        ],
    )
    def test_an_app_version_that_does_not_reach_it(self, client_of, version, told):
        lifecycle = self.developed()
        self.came(lifecycle, version)
        assert self.read(client_of, lifecycle).count(f"Does not count: {told}") == 1
        console = console_of(lifecycle)
        assert [arrival.counts for arrival in console.recent_samples] == [False]
        assert console.evidence.conforming == 0

    @pytest.mark.parametrize("version", ["2.5.0", "2.5.0-rc.1", "3"])
    def test_what_reaches_it_counts_and_says_nothing(self, client_of, version):
        lifecycle = self.developed()
        self.came(lifecycle, version)
        assert self.read(client_of, lifecycle) == ""
        assert console_of(lifecycle).evidence.conforming == 1

    def test_a_place_without_a_deploy_marker_leads_to_marking_one(self, client_of):
        lifecycle = self.developed(version_from=VersionFrom.DEPLOYS)
        self.came(lifecycle)
        reason = "no deploy marker said which version ran in Staging. Mark a deploy of 2.5.0"
        assert reason in self.read(client_of, lifecycle)
        page = client_of(lifecycle.members.qa).get(f"/qa/{lifecycle.delivery.pk}/").content.decode()
        assert f'href="{lifecycle.sources[0].get_absolute_url()}#deploys"' in page

    def test_what_came_too_early_and_what_came_twice(self, client_of):
        lifecycle = self.developed()
        self.came(lifecycle, "2.5.0", at=timezone.now() - timedelta(hours=1))
        assert "Does not count: came before it was developed" in self.read(client_of, lifecycle)
        Sample.objects.update(is_repeat=True)
        assert "Does not count: sent twice" in self.read(client_of, lifecycle)

    def test_what_happened_earlier_and_comes_now_is_told_so(self, client_of):
        lifecycle = self.developed()
        self.came(lifecycle, "2.5.0")
        Sample.objects.update(event_time=timezone.now() - timedelta(days=3))
        told = self.read(client_of, lifecycle)
        assert "Does not count: happened" in told and ", before it was developed" in told
        assert "came before" not in told

    def test_a_wrong_clock_is_counted_as_a_warning_of_the_event_itself(self, client_of):
        lifecycle = self.developed(version_from=VersionFrom.NOWHERE, app_version="")
        key = create_write_key(lifecycle.sources[0], Environment.STAGING)
        call = track_call(lifecycle.change.name, properties=VALID_PAYLOAD) | {"timestamp": "yesterday"}
        assert post_batch(key, call).status_code == 200
        process_inbox()
        page = words_of(client_of(lifecycle.members.qa).get(f"/qa/{lifecycle.delivery.pk}/").content.decode())
        assert "1 warning" in page and "error" not in page.split("Whose events count")[0].split("Arriving")[1]
        inspector = page.split("Expected beside received")[1]
        assert "occurred_at of the event itself" in inspector and "not in the definition" not in inspector

    def test_before_it_is_developed_no_row_is_grey(self, lifecycle, client_of):
        sample_of_event(lifecycle)
        assert self.read(client_of, lifecycle) == ""

    def test_a_delivery_from_when_its_source_had_no_app_versions(self, client_of):
        lifecycle = self.developed(app_version="", version_from=VersionFrom.NOWHERE)
        self.came(lifecycle)
        assert self.read(client_of, lifecycle) == ""
        Source.objects.update(version_from=VersionFrom.PAYLOAD)
        lifecycle = replace(lifecycle, sources=list(Source.objects.all()))
        self.came(lifecycle, "2.5.0")
        assert "but the delivery names no app version to count from" in self.read(client_of, lifecycle)

    def test_one_that_does_not_count_may_still_show_why_it_is_sent_back(self):
        lifecycle = self.developed()
        ingest(
            lifecycle.sources[0],
            lifecycle.change.name,
            [{"total": "X"}] * 2,
            environment="staging",
            app_version="2.4.1",
        )
        chosen = Sample.objects.latest("id")
        assert QAConsole(lifecycle.delivery, lifecycle.members.qa).failing_sample is None
        assert QAConsole(lifecycle.delivery, lifecycle.members.qa, chosen.pk).failing_sample.sample == chosen

    def test_the_requests_page_says_it_in_the_same_words(self, client_of):
        lifecycle = self.developed()
        for version in ("", "", "", "2.4.1"):
            self.came(lifecycle, version)
        text = words_of(client_of(lifecycle.members.viewer).get(f"/requests/{lifecycle.request.pk}/").content.decode())
        assert "Nothing yet from staging or development at 2.5.0 or later." in text
        assert "3 events came without an app version, which is looked for at /context/app/version" in text
        assert "1 event came from 2.4.1, counts from 2.5.0 on" in text
        self.came(lifecycle, "2.4.1", environment="production")
        self.came(lifecycle, "2.4.1")
        text = words_of(client_of(lifecycle.members.viewer).get(f"/requests/{lifecycle.request.pk}/").content.decode())
        assert "2 events came from 2.4.1, count from 2.5.0 on" in text
        self.came(lifecycle, "2.5.0")
        text = words_of(client_of(lifecycle.members.viewer).get(f"/requests/{lifecycle.request.pk}/").content.decode())
        assert "events came" not in text


def words_of(page: str) -> str:
    """What a page says, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", page)).split())


def form_fields(page: str, *, wanted: str) -> dict[str, str]:
    """What the hidden fields of the form hold that leads to a state."""
    forms = re.findall(r"<form.*?</form>", page, re.DOTALL)
    form = next(form for form in forms if f'name="to" value="{wanted}"' in form)
    return dict(re.findall(r'<input type="hidden" name="(to|back|sample)" value="([^"]*)"', form))
