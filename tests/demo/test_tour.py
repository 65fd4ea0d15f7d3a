"""The tour: what each of its acts does to the ordinary rows, who may, and how it begins anew."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import HistoryEntry, User
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditions
from catalog.choices import Environment
from catalog.models import Deploy, Event, Source
from catalog.services.write_keys import create_key, current_key, revoke_key
from demo.removal.demo_purge import purge_tour
from tests.demo.tour_walkthrough import LANTERN, account, answers, counts, do, walk_to
from tests.factories.requests import RequestFactory
from tests.factories.traffic import check_all, send, track
from tour import simulated_visitors
from tour.tour_actions import ACTS, Doing
from tour.tour_messages import tell
from tour.tour_state import OWN_SLUG, World
from tour.tour_steps import STEPS, Stop
from tracking.quality.models import Finding
from tracking.requests.authoring.draft_editing import edit_request
from tracking.requests.models import Request
from tracking.requests.tasks import advance_deliveries
from tracking.requests.workflow.transition_service import move_delivery
from tracking.traffic.counts.rollups import fold
from tracking.traffic.models import Sample


def test_it_goes_the_whole_way_by_the_ordinary_services(shop: Source, posted: list[dict[str, Any]]) -> None:
    walk_to(shop, Stop.YOURS)
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
    walk_to(shop, Stop.SUBMIT)
    found = World().change.definition["schema"]["properties"]
    assert found["currency"]["enum"] == ["EUR", "DKK", "SEK"]
    assert found["price"]["description"]


def test_the_visitors_keep_to_the_definitions(shop: Source, posted: list[dict[str, Any]]) -> None:
    walk_to(shop, Stop.PROVE)
    assert len(posted) == 1
    came = Sample.objects.filter(source=shop, environment=Environment.PRODUCTION)
    assert set(came.values_list("verdict", flat=True)) == {"conforming"}
    assert {event["userId"] for event in posted[0]["batch"]} == set(simulated_visitors.VISITORS)


@pytest.mark.parametrize("stop", [step.stop for step in STEPS if step.stop != Stop.YOURS])
def test_beginning_anew_leaves_what_was_before(shop: Source, posted: list[dict[str, Any]], stop: Stop) -> None:
    before = counts()
    walk_to(shop, stop)
    fold()
    receipt = purge_tour()
    assert counts() == before
    assert World().stop == Stop.ADD
    assert World().version == "2.4.0"
    assert bool(receipt) == (stop != Stop.ADD)
    assert purge_tour() == {}


def test_beginning_anew_keeps_what_people_made_themselves(shop: Source, posted: list[dict[str, Any]]) -> None:
    walk_to(shop, Stop.YOURS)
    own = Source.objects.get(slug=OWN_SLUG)
    send(own.write_keys.filter(environment="development").get(), track("Hello Signalbook"))
    check_all()
    mine = RequestFactory.draft(sources=[shop, Source.objects.get(slug="web-shop")])
    do("reset")
    assert Sample.objects.filter(source=own).exists()
    assert Request.objects.filter(pk=mine.request.pk).exists()
    assert not Event.objects.filter(name="Product Liked").exists()
    assert Event.objects.filter(name="Product Added").exists()
    assert Deploy.objects.filter(source=shop).count() == 2
    assert do("own", "developer") == own


def test_the_command_begins_the_tour_anew_without_a_question(shop: Source, capsys: pytest.CaptureFixture[str]) -> None:
    walk_to(shop, Stop.LIKE)
    call_command("purge_demo", "--tour")
    assert "The tour begins anew" in capsys.readouterr().out
    assert World().stop == Stop.ADD
    call_command("purge_demo", "--tour")
    assert "had left nothing" in capsys.readouterr().out


def test_every_stop_tells_one_sentence(shop: Source, posted: list[dict[str, Any]]) -> None:
    for step in STEPS:
        walk_to(shop, step.stop)
        told = tell(World(), step.stop).sentence
        assert told[-1] == "." and len(told) < 160, told


@pytest.mark.parametrize(
    ("stop", "what", "wrong"),
    [
        (Stop.APPROVE, "approve", "pm"),
        (Stop.APPROVE, "approve", "viewer"),
        (Stop.STAGE, "stage", "pm"),
        (Stop.SIGN, "sign", "developer"),
        (Stop.SHIP, "ship", "qa"),
        (Stop.PROPOSE, "propose", "viewer"),
    ],
)
def test_whoever_may_not_is_told(shop: Source, posted: list[dict[str, Any]], stop: Stop, what: str, wrong: str) -> None:
    walk_to(shop, stop)
    before = counts()
    with pytest.raises((Forbidden, UnmetConditions)):
        do(what, wrong)
    assert counts() == before
    assert World().stop == stop


def test_answers_that_are_missing_are_all_told_and_nothing_is_written(shop: Source) -> None:
    walk_to(shop, Stop.SUBMIT)
    with pytest.raises(UnmetConditions) as refused:
        do("submit", says="Somebody tapped it.")
    assert [unmet.code for unmet in refused.value.unmet] == ["question", "decision"]
    assert World().request.question == ""


def test_the_steps_stand_in_one_order() -> None:
    assert [step.stop for step in STEPS] == list(Stop)


def test_what_somebody_wrote_meanwhile_is_not_written_over(shop: Source) -> None:
    walk_to(shop, Stop.SUBMIT)
    shown = answers()
    edit_request(World().request, by=account("pm"), revision=None, question="My own question?")
    with pytest.raises(UnmetConditions, match="Somebody edited this draft"):
        do("submit", **shown)
    assert World().request.question == "My own question?"


def test_the_heart_sent_by_another_app_too_is_asked_for_on_the_shop_alone(
    shop: Source, posted: list[dict[str, Any]]
) -> None:
    own = do("own", "developer")
    send(own.write_keys.get(environment="development"), track("Product Liked", properties=LANTERN))
    check_all()
    walk_to(shop, Stop.YOURS)  # the stop before it is passed over: the source is there already
    do("reset")
    assert World().stop == Stop.ADD


def test_nobody_else_may_begin_it_anew(shop: Source, stranger: User) -> None:
    walk_to(shop, Stop.LIKE)
    with pytest.raises(Forbidden):
        ACTS["reset"](Doing(World(), stranger, {}))
    assert World().stop == Stop.LIKE


def test_shipping_waits_for_the_signature(shop: Source, posted: list[dict[str, Any]]) -> None:
    walk_to(shop, Stop.SIGN)
    with pytest.raises(UnmetConditions, match="signature"):
        do("ship", "developer")
    assert not Deploy.objects.filter(source=shop, environment="production", version="2.5.0").exists()


def test_where_the_collector_is_away_the_visitors_come_later(
    shop: Source, client_of: Any, posted: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    walk_to(shop, Stop.SHIP)
    with monkeypatch.context() as away:
        away.setattr(simulated_visitors, "post_to_collector", lambda *_, **__: (0, "The collector did not answer."))
        with pytest.raises(UnmetConditions, match="did not answer"):
            do("ship", "developer")
    page = client_of(account("developer")).get("/start/").content.decode()
    assert "Let the visitors in again" in page
    do("ship", "developer")
    check_all()
    advance_deliveries()
    assert World().stop == Stop.READ


def test_whoever_dropped_the_delivery_elsewhere_can_begin_anew(
    shop: Source, client_of: Any, posted: list[dict[str, Any]]
) -> None:
    walk_to(shop, Stop.STAGE)
    move_delivery(World().delivery, "dropped", by=account("analyst"), comment="Not now.")
    page = client_of(account("pm")).get("/start/").content.decode()
    assert "by another way than this tour" in page
    do("reset")
    assert World().stop == Stop.ADD


def test_two_clicks_make_one_source(shop: Source) -> None:
    stale = World()
    assert stale.own is None
    first = do("own", "developer")
    assert ACTS["own"](Doing(stale, account("developer"), {})) == first


def test_a_production_key_that_is_gone_is_told_and_can_be_made_again(
    shop: Source, posted: list[dict[str, Any]]
) -> None:
    walk_to(shop, Stop.SHIP)
    revoke_key(current_key(shop, "production"), by=account("admin"))
    with pytest.raises(UnmetConditions, match="no write key for production"):
        do("ship", "developer")
    create_key(shop, "production", by=account("admin"))
    do("ship", "developer")
    check_all()
    advance_deliveries()
    assert World().stop == Stop.READ
