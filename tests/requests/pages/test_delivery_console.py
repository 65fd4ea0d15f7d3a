"""The QA page of a delivery: what arrived, what was expected, and what is signed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.choices import Environment
from tests.factories.catalog import create_write_key, definition
from tests.factories.requests import VALID_PAYLOAD, RequestFactory, hash_of_person, ingest
from tests.requests.pages.page_answers import ROLES, first, queries_of, text_of
from tracking.requests.choices import DeliveryState
from tracking.traffic.models import SeenName

pytestmark = pytest.mark.django_db


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

    def test_it_shows_no_key_that_is_on_its_way_out(self, lifecycle, qa):
        key = lifecycle.delivery.source.write_keys.get()
        key.retires_at = timezone.now() + timedelta(hours=1)
        key.save()
        text = text_of(qa.get(f"/qa/{lifecycle.delivery.pk}/"))
        assert key.key not in text
        assert "The source has no development key yet" in text

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
