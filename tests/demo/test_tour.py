"""The tour: what each of its acts does to the ordinary rows, who may, and how it begins anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.test import Client
from django.test.utils import override_settings
from django.utils import timezone

from accounts.models import HistoryEntry, User
from accounts.permissions import Forbidden
from accounts.problems import UnmetConditions
from catalog.choices import Environment
from catalog.models import Deploy, Event, Source
from catalog.services.keys import create_key, current_key, revoke_key
from config.settings.demo import PROOF_CLIENT, PROOF_SERVER
from demo.access import ACCOUNTS
from demo.purging import purge_company, purge_tour
from runtime.greeting import LINK_FILE
from tests.demo.conftest import Demo
from tests.factories.requests import RequestFactory
from tests.factories.traffic import check_all, send, track
from tour import visitors
from tour.acts import ACTS, Doing
from tour.signing_in import use_link
from tour.story import STEPS, Stop
from tour.telling import tell
from tour.world import OWN_SLUG, World
from tracking.quality.models import Finding
from tracking.requests.models import Request
from tracking.requests.services.drafting import edit_request
from tracking.requests.services.moving import move_delivery
from tracking.requests.tasks import advance_deliveries
from tracking.traffic.models import InboxBatch, Sample
from tracking.traffic.rollups import fold

LANTERN = {"product_id": "LAN-5004", "product_name": "Storm Lantern", "price": 27.5, "currency": "EUR"}
LINE = {"sku": "LAN-5004-ONE", "quantity": 1, "price": 27.5}
BASKET = {"cart_id": "crt_9f2k7d1q", "sku": "LAN-5004-ONE", "product_id": "LAN-5004", "price": 27.5, "currency": "EUR"}
ORDER = {"order_id": "HB-204518", "currency": "EUR", "payment_method": "card", "products": [LINE]}
ANSWERS = {"says": "Somebody tapped the heart.", "question": "What do people like?", "decision": "The spring window"}


def answers() -> dict[str, str]:
    """The three answers, with the edit of the draft that they were written on."""
    return ANSWERS | {"revision": str(World().request.revision)}


CAME = ("accounts", "catalog", "traffic", "quality", "requests")


@pytest.fixture
def shop(demo: Demo) -> Iterator[Source]:
    """The tour's shop, in the demo."""
    proofs = {"PROOF_CLIENT": PROOF_CLIENT, "PROOF_SERVER": PROOF_SERVER}
    with override_settings(IS_DEMO=True, STATE_DIR=demo.file.parent, **proofs):
        yield Source.objects.get(slug="pocket-shop")


def account(name: str) -> User:
    return User.objects.get(username=ACCOUNTS[name])


def do(what: str, by: str = "pm", **posted: str) -> Any:
    """One act of the tour, as an account."""
    return ACTS[what](Doing(World(), account(by), posted))


def tap(shop: Source, name: str, properties: dict[str, Any], environment: str = "staging") -> None:
    key = current_key(shop, environment)
    assert key is not None
    assert send(key, track(name, properties=properties)).status_code == 200
    check_all()


def walk_to(shop: Source, stop: Stop) -> None:
    """Go on until a stop, the way a visitor does."""
    ways = {
        Stop.ADD: lambda: tap(shop, "Product Added", BASKET | {"quantity": 1}),
        Stop.BREAK: lambda: do("break"),
        Stop.BUY: lambda: tap(shop, "Order Completed", ORDER | {"total": "27.50"}),
        Stop.LIKE: lambda: tap(shop, "Product Liked", LANTERN),
        Stop.PROPOSE: lambda: do("propose"),
        Stop.SUBMIT: lambda: do("submit", **answers()),
        Stop.APPROVE: lambda: do("approve", "analyst"),
        Stop.STAGE: lambda: do("stage", "developer"),
        Stop.AGAIN: lambda: tap(shop, "Product Liked", LANTERN),
        Stop.SIGN: lambda: do("sign", "qa"),
        Stop.SHIP: lambda: (do("ship", "developer"), check_all()),
        Stop.PROVE: advance_deliveries,
        Stop.READ: lambda: do("own", "developer"),
    }
    for _turn in STEPS:
        at = World().stop
        if at == stop:
            return
        ways[at]()
        assert World().stop != at, f"{at} was not left"
    raise AssertionError(f"{stop} was not reached")


@pytest.fixture
def posted(shop: Source, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the visitors post: handed to the collector by Django's own client, since no server runs here."""
    bodies: list[dict[str, Any]] = []

    def post(path: str, body: dict[str, Any], *, key: str) -> tuple[int, str]:
        bodies.append(body)
        answer = Client().post(path, body | {"writeKey": key}, content_type="application/json")
        return answer.status_code, answer.content.decode()

    monkeypatch.setattr(visitors, "post_to_collector", post)
    return bodies


def counts() -> dict[str, int]:
    """How many rows there are of everything that the tour could leave."""
    models = [model for room in CAME for model in apps.get_app_config(room).get_models() if model._meta.managed]
    return {model._meta.label: model._default_manager.count() for model in models}


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
    assert {event["userId"] for event in posted[0]["batch"]} == set(visitors.VISITORS)


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
        away.setattr(visitors, "post_to_collector", lambda *_, **__: (0, "The collector did not answer."))
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


class TestPages:
    """The addresses of the tour."""

    @pytest.fixture
    def browser(self, shop: Source, client_of: Any) -> Client:
        return client_of(account("pm"))

    def test_outside_the_demo_there_is_none(self, browser: Client) -> None:
        with override_settings(IS_DEMO=False):
            for path in ("/start/", "/start/shop/", "/start/view/", "/start/in/word/"):
                assert browser.get(path).status_code == 404
            for path in ("/start/do/", "/start/as/"):
                assert browser.post(path, {"do": "reset", "account": "admin"}).status_code == 404

    def test_the_shop_alone_may_be_framed_and_by_this_host_alone(self, browser: Client) -> None:
        shop, tour = browser.get("/start/shop/"), browser.get("/start/")
        assert shop.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert "frame-ancestors 'self'" in shop.headers["Content-Security-Policy"]
        assert tour.headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in tour.headers["Content-Security-Policy"]
        assert "default-src 'self'" in shop.headers["Content-Security-Policy"]

    def test_no_page_of_it_holds_the_production_key(
        self, shop: Source, browser: Client, posted: list[dict[str, Any]]
    ) -> None:
        walk_to(shop, Stop.SHIP)
        key = current_key(shop, "production").key
        for path in ("/start/", "/start/shop/", "/start/view/"):
            assert key not in browser.get(path).content.decode()

    def test_changing_the_account_is_a_real_sign_in(self, browser: Client) -> None:
        session = browser.session.session_key
        assert browser.post("/start/as/", {"account": "analyst"}).status_code == 302
        assert browser.session["_auth_user_id"] == str(account("analyst").pk)
        assert browser.session.session_key != session
        assert browser.post("/start/as/", {"account": "nobody"}).status_code == 404

    def test_only_accounts_of_the_demo_may_change(self, shop: Source, client_of: Any, stranger: User) -> None:
        assert client_of(stranger).post("/start/as/", {"account": "admin"}).status_code == 403
        assert Client().post("/start/as/", {"account": "admin"}).status_code == 302  # to the sign-in page

    def test_it_needs_the_token_against_forgery(self, shop: Source) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(account("pm"), "django.contrib.auth.backends.ModelBackend")
        for path in ("/start/as/", "/start/do/"):
            assert client.post(path, {"account": "admin", "do": "reset"}).status_code == 403

    def test_after_the_company_has_left_nobody_changes_accounts(self, shop: Source, browser: Client) -> None:
        purge_company()
        assert browser.post("/start/as/", {"account": "admin"}).status_code == 404
        assert browser.post("/start/do/", {"do": "reset"}).status_code == 404
        assert Client().get("/start/in/word/").status_code == 404

    def test_without_a_script_each_act_leads_back_to_the_page(self, shop: Source, browser: Client) -> None:
        walk_to(shop, Stop.BREAK)
        answer = browser.post("/start/do/", {"do": "break"})
        assert (answer.status_code, answer["Location"]) == (302, "/start/")
        assert browser.post("/start/do/", {"do": "nothing"}).status_code == 404

    def test_a_refused_act_is_told_with_what_was_typed(self, shop: Source, browser: Client) -> None:
        walk_to(shop, Stop.SUBMIT)
        typed = {"do": "submit", "says": "Somebody tapped it.", "question": "", "revision": "1"}
        answer = browser.post("/start/do/", typed)
        assert answer.status_code == 409
        assert "Please say the question." in answer.content.decode()
        assert "Somebody tapped it." in answer.content.decode()

    def test_the_view_answers_only_what_differs(self, shop: Source, browser: Client) -> None:
        page = browser.get("/start/").context["reading"]
        stands = {"you": account("pm").pk, "now": page.now_stand, "seen": page.seen_stand}
        assert browser.get("/start/view/", stands).status_code == 204
        tap(shop, "Product Added", BASKET | {"quantity": 1})
        text = browser.get("/start/view/", stands).content.decode()
        assert 'id="tour-now"' in text and 'id="tour-seen"' in text and "Conforming" in text
        assert 'id="tour-players"' not in text
        assert 'id="tour-players"' in browser.get("/start/view/", stands | {"you": 0}).content.decode()

    def test_where_nothing_is_checked_the_page_says_so(self, shop: Source, browser: Client) -> None:
        send(current_key(shop, "staging"), track("Product Added", properties=BASKET))
        assert "The check is behind" not in browser.get("/start/").content.decode()
        InboxBatch.objects.update(received_at=timezone.now() - timedelta(seconds=10))
        assert "1 event has arrived and not been checked yet" in browser.get("/start/").content.decode()

    def test_a_viewer_sees_no_event(self, shop: Source, client_of: Any) -> None:
        tap(shop, "Product Added", BASKET | {"quantity": 1})
        text = client_of(account("viewer")).get("/start/").content.decode()
        assert "Product Added" not in text

    def test_it_stays_within_its_queries(
        self, shop: Source, browser: Client, posted: list[dict[str, Any]], django_assert_max_num_queries: Any
    ) -> None:
        walk_to(shop, Stop.PROVE)
        with django_assert_max_num_queries(45):
            browser.get("/start/")

    def test_hostile_names_stand_as_text(self, shop: Source, browser: Client) -> None:
        tap(shop, "<script>alert(1)</script>", {"<img src=x>": "\u202eevil"})
        text = browser.get("/start/").content.decode()
        assert "<script>alert" not in text and "<img src=x>" not in text


class TestLink:
    """The link that the start prints: it signs in once."""

    @pytest.fixture
    def word(self, shop: Source, demo: Demo) -> Iterator[str]:
        path = demo.file.with_name(LINK_FILE)
        path.write_text("a-word\n")
        yield "a-word"
        path.unlink(missing_ok=True)

    def test_it_signs_in_once_and_leaves_the_address(self, word: str) -> None:
        first, second = Client(), Client()
        assert first.get(f"/start/in/{word}/")["Location"] == "/start/"
        assert first.session["_auth_user_id"] == str(account("pm").pk)
        again = second.get(f"/start/in/{word}/", follow=True)
        assert "_auth_user_id" not in second.session
        assert "That link worked once" in again.content.decode()

    @pytest.mark.parametrize("wrong", ["another", "a-wor", "a-word-", "%00", "é"])
    def test_a_wrong_word_does_nothing_and_uses_nothing_up(self, word: str, wrong: str) -> None:
        client = Client()
        client.get(f"/start/in/{wrong}/")
        assert "_auth_user_id" not in client.session
        assert use_link(word)

    def test_what_only_looks_ahead_uses_nothing_up(self, word: str) -> None:
        assert Client().get(f"/start/in/{word}/", headers={"Sec-Purpose": "prefetch"}).status_code == 204
        assert Client().head(f"/start/in/{word}/").status_code == 405
        assert use_link(word)

    def test_an_empty_file_lets_nobody_in(self, word: str, demo: Demo) -> None:
        demo.file.with_name(LINK_FILE).write_text("\n")
        assert not use_link("")

    def test_without_a_file_nobody_gets_in(self, shop: Source, tmp_path: Path) -> None:
        with override_settings(STATE_DIR=tmp_path):
            assert not use_link("a-word")
