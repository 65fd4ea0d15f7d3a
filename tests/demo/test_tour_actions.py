"""The tour: what each of its acts does to the ordinary rows, who may, and how it begins anew."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import HistoryEntry, User
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditionsError
from catalog.choices import Environment
from catalog.models import Deploy, Event, Source
from catalog.services.write_keys import create_key, current_key, revoke_key
from demo.removal.demo_purge import purge_tour
from tests.demo.tour_walkthrough import (
    LANTERN,
    advance_to,
    answers_with_revision,
    demo_user,
    perform_action,
    row_counts,
)
from tests.factories.requests import RequestFactory
from tests.factories.traffic import post_batch, process_inbox, track_call
from tour import simulated_visitors
from tour.tour_actions import TOUR_ACTIONS, ActionContext
from tour.tour_messages import current_message
from tour.tour_state import OWN_SLUG, TourState
from tour.tour_steps import TOUR_STEPS, StepId
from tracking.quality.models import Finding
from tracking.requests.authoring.draft_editing import edit_request
from tracking.requests.models import Request
from tracking.requests.tasks import advance_deliveries
from tracking.requests.workflow.transition_service import move_delivery
from tracking.traffic.counts.rollups import fold_deltas
from tracking.traffic.models import Sample


def test_it_goes_the_whole_way_by_the_ordinary_services(shop: Source, posted_bodies: list[dict[str, Any]]) -> None:
    advance_to(shop, StepId.YOURS)
    event = Event.objects.get(name="Product Liked")
    request = event.changes.get().request
    assert (event.status, str(event.live_version.number), request.state) == ("live", "1.0.0", "live")
    assert (request.author.username, request.decision) == ("mara", "The spring window")
    assert request.approvals.get().person.username == "jonas"
    delivery = event.changes.get().deliveries.get()
    assert (delivery.developed_by.username, delivery.tested_by.username) == ("sofia", "lin")
    assert delivery.verifications.get().evidence
    actors = HistoryEntry.objects.filter(subject_type="delivery", subject_id=str(delivery.pk))
    assert list(actors.values_list("to_state", "actor__username").order_by("id"))[-3:] == [
        ("developed", "sofia"),
        ("tested", "lin"),
        ("live", "signalbook"),
    ]
    finding = Finding.objects.get(source=shop, rule="type")
    assert (finding.path, finding.app_versions, finding.owner.username) == ("/properties/total", {"2.4.1": 1}, "sofia")
    assert Source.objects.get(slug=OWN_SLUG).is_sample is False


def test_the_definition_reuses_what_the_library_knows(shop: Source) -> None:
    advance_to(shop, StepId.SUBMIT)
    found = TourState().change.definition["schema"]["properties"]
    assert found["currency"]["enum"] == ["EUR", "DKK", "SEK"]
    assert found["price"]["description"]


def test_the_visitors_keep_to_the_definitions(shop: Source, posted_bodies: list[dict[str, Any]]) -> None:
    advance_to(shop, StepId.PROVE)
    assert len(posted_bodies) == 1
    came = Sample.objects.filter(source=shop, environment=Environment.PRODUCTION)
    assert set(came.values_list("verdict", flat=True)) == {"conforming"}
    assert {event["userId"] for event in posted_bodies[0]["batch"]} == set(simulated_visitors.VISITOR_IDS)


@pytest.mark.parametrize("stop", [step.step_id for step in TOUR_STEPS if step.step_id != StepId.YOURS])
def test_beginning_anew_leaves_what_was_before(shop: Source, posted_bodies: list[dict[str, Any]], stop: StepId) -> None:
    before = row_counts()
    advance_to(shop, stop)
    fold_deltas()
    receipt = purge_tour()
    assert row_counts() == before
    assert TourState().current_step_id == StepId.ADD
    assert TourState().version == "2.4.0"
    assert bool(receipt) == (stop != StepId.ADD)
    assert purge_tour() == {}


def test_beginning_anew_keeps_what_people_made_themselves(shop: Source, posted_bodies: list[dict[str, Any]]) -> None:
    advance_to(shop, StepId.YOURS)
    own = Source.objects.get(slug=OWN_SLUG)
    post_batch(own.write_keys.filter(environment="development").get(), track_call("Hello Signalbook"))
    process_inbox()
    mine = RequestFactory.draft(sources=[shop, Source.objects.get(slug="web-shop")])
    perform_action("reset")
    assert Sample.objects.filter(source=own).exists()
    assert Request.objects.filter(pk=mine.request.pk).exists()
    assert not Event.objects.filter(name="Product Liked").exists()
    assert Event.objects.filter(name="Product Added").exists()
    assert Deploy.objects.filter(source=shop).count() == 2
    assert perform_action("own", "developer") == own


def test_the_command_begins_the_tour_anew_without_a_question(shop: Source, capsys: pytest.CaptureFixture[str]) -> None:
    advance_to(shop, StepId.LIKE)
    call_command("purge_demo", "--tour")
    assert "The tour begins anew" in capsys.readouterr().out
    assert TourState().current_step_id == StepId.ADD
    call_command("purge_demo", "--tour")
    assert "had left nothing" in capsys.readouterr().out


def test_every_stop_tells_one_sentence(shop: Source, posted_bodies: list[dict[str, Any]]) -> None:
    for step in TOUR_STEPS:
        advance_to(shop, step.step_id)
        told = current_message(TourState(), step.step_id).sentence
        assert told[-1] == "." and len(told) < 160, told


@pytest.mark.parametrize(
    ("stop", "what", "wrong"),
    [
        (StepId.BREAK, "break", "viewer"),
        (StepId.BREAK, "break", "pm"),
        (StepId.BUY, "break", "viewer"),  # again, when nothing is left to do
        (StepId.APPROVE, "approve", "pm"),
        (StepId.APPROVE, "approve", "viewer"),
        (StepId.STAGE, "stage", "pm"),
        (StepId.SIGN, "sign", "developer"),
        (StepId.SHIP, "ship", "qa"),
        (StepId.PROPOSE, "propose", "viewer"),
    ],
)
def test_whoever_may_not_is_told(
    shop: Source, posted_bodies: list[dict[str, Any]], stop: StepId, what: str, wrong: str
) -> None:
    advance_to(shop, stop)
    before = row_counts()
    with pytest.raises((Forbidden, UnmetConditionsError)):
        perform_action(what, wrong)
    assert row_counts() == before
    assert TourState().current_step_id == stop


def test_answers_that_are_missing_are_all_told_and_nothing_is_written(shop: Source) -> None:
    advance_to(shop, StepId.SUBMIT)
    with pytest.raises(UnmetConditionsError) as refused:
        perform_action("submit", says="Somebody tapped it.")
    assert [unmet.code for unmet in refused.value.unmet] == ["question", "decision"]
    assert TourState().request.question == ""


def test_the_steps_stand_in_one_order() -> None:
    assert [step.step_id for step in TOUR_STEPS] == list(StepId)


def test_what_somebody_wrote_meanwhile_is_not_written_over(shop: Source) -> None:
    advance_to(shop, StepId.SUBMIT)
    shown = answers_with_revision()
    edit_request(TourState().request, by=demo_user("pm"), revision=None, question="My own question?")
    with pytest.raises(UnmetConditionsError, match="Somebody edited this draft"):
        perform_action("submit", **shown)
    assert TourState().request.question == "My own question?"


def test_the_heart_sent_by_another_app_too_is_asked_for_on_the_shop_alone(
    shop: Source, posted_bodies: list[dict[str, Any]]
) -> None:
    own = perform_action("own", "developer")
    post_batch(own.write_keys.get(environment="development"), track_call("Product Liked", properties=LANTERN))
    process_inbox()
    advance_to(shop, StepId.YOURS)  # the stop before it is passed over: the source is there already
    perform_action("reset")
    assert TourState().current_step_id == StepId.ADD


def test_nobody_else_may_begin_it_anew(shop: Source, stranger: User) -> None:
    advance_to(shop, StepId.LIKE)
    with pytest.raises(Forbidden):
        TOUR_ACTIONS["reset"](ActionContext(TourState(), stranger, {}))
    assert TourState().current_step_id == StepId.LIKE


def test_shipping_waits_for_the_signature(shop: Source, posted_bodies: list[dict[str, Any]]) -> None:
    advance_to(shop, StepId.SIGN)
    with pytest.raises(UnmetConditionsError, match="signature"):
        perform_action("ship", "developer")
    assert not Deploy.objects.filter(source=shop, environment="production", version="2.5.0").exists()


def test_where_the_collector_is_away_the_visitors_come_later(
    shop: Source, client_of: Any, posted_bodies: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    advance_to(shop, StepId.SHIP)
    with monkeypatch.context() as away:
        away.setattr(simulated_visitors, "post_to_collector", lambda *_, **__: (0, "The collector did not answer."))
        with pytest.raises(UnmetConditionsError, match="did not answer"):
            perform_action("ship", "developer")
    page = client_of(demo_user("developer")).get("/start/").content.decode()
    assert "Let the visitors in again" in page
    perform_action("ship", "developer")
    process_inbox()
    advance_deliveries()
    assert TourState().current_step_id == StepId.READ


def test_whoever_dropped_the_delivery_elsewhere_can_begin_anew(
    shop: Source, client_of: Any, posted_bodies: list[dict[str, Any]]
) -> None:
    advance_to(shop, StepId.STAGE)
    move_delivery(TourState().delivery, "dropped", by=demo_user("analyst"), comment="Not now.")
    page = client_of(demo_user("pm")).get("/start/").content.decode()
    assert "by another way than this tour" in page
    perform_action("reset")
    assert TourState().current_step_id == StepId.ADD


def test_two_clicks_make_one_source(shop: Source) -> None:
    stale = TourState()
    assert stale.own_source is None
    first = perform_action("own", "developer")
    assert TOUR_ACTIONS["own"](ActionContext(stale, demo_user("developer"), {})) == first


def test_a_production_key_that_is_gone_is_told_and_can_be_made_again(
    shop: Source, posted_bodies: list[dict[str, Any]]
) -> None:
    advance_to(shop, StepId.SHIP)
    revoke_key(current_key(shop, "production"), by=demo_user("admin"))
    with pytest.raises(UnmetConditionsError, match="no write key for production"):
        perform_action("ship", "developer")
    create_key(shop, "production", by=demo_user("admin"))
    perform_action("ship", "developer")
    process_inbox()
    advance_deliveries()
    assert TourState().current_step_id == StepId.READ


@pytest.mark.parametrize("account", ["developer", "analyst", "admin"])
def test_the_shop_is_broken_by_whoever_may_mark_its_deploys(
    shop: Source, posted_bodies: list[dict[str, Any]], account: str
) -> None:
    advance_to(shop, StepId.BREAK)
    perform_action("break", account)
    deploy = Deploy.objects.filter(source=shop).latest("pk")
    assert deploy.created_by == demo_user(account)
    entry = HistoryEntry.objects.filter(subject_type="source", action="deploy marked").latest("pk")
    assert (entry.actor, entry.message) == (demo_user(account), "2.4.1")
