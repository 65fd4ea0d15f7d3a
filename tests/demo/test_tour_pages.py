"""The addresses of the tour, and the link that signs in once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.test.utils import override_settings
from django.utils import timezone

from accounts.models import AuditEntry, AuditKind, User
from catalog.models import Deploy, Source
from catalog.services.write_keys import current_key
from demo.removal.demo_purge import purge_company
from runtime.startup.greeting import SIGN_IN_LINK_FILE
from tests.demo.conftest import Demo
from tests.demo.tour_walkthrough import BASKET, advance_to, demo_user, send_tap
from tests.factories.traffic import post_batch, track_call
from tests.page_text import one_line
from tour.tour_sign_in import consume_sign_in_link
from tour.tour_steps import StepId
from tracking.traffic.models import InboxBatch


class TestPages:
    """The addresses of the tour."""

    @pytest.fixture
    def browser(self, shop: Source, client_of: Any) -> Client:
        return client_of(demo_user("pm"))

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
        self, shop: Source, browser: Client, posted_bodies: list[dict[str, Any]]
    ) -> None:
        advance_to(shop, StepId.SHIP)
        key = current_key(shop, "production").key
        for path in ("/start/", "/start/shop/", "/start/view/"):
            assert key not in browser.get(path).content.decode()

    def test_changing_the_account_is_a_real_sign_in(self, browser: Client) -> None:
        session = browser.session.session_key
        assert browser.post("/start/as/", {"account": "analyst"}).status_code == 302
        assert browser.session["_auth_user_id"] == str(demo_user("analyst").pk)
        assert browser.session.session_key != session
        assert browser.post("/start/as/", {"account": "nobody"}).status_code == 404

    def test_only_accounts_of_the_demo_may_change(self, shop: Source, client_of: Any, stranger: User) -> None:
        assert client_of(stranger).post("/start/as/", {"account": "admin"}).status_code == 403
        assert Client().post("/start/as/", {"account": "admin"}).status_code == 302  # to the sign-in page

    def test_it_needs_the_token_against_forgery(self, shop: Source) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(demo_user("pm"), "django.contrib.auth.backends.ModelBackend")
        for path in ("/start/as/", "/start/do/"):
            assert client.post(path, {"account": "admin", "do": "reset"}).status_code == 403

    def test_after_the_company_has_left_nobody_changes_accounts(self, shop: Source, browser: Client) -> None:
        purge_company()
        assert browser.post("/start/as/", {"account": "admin"}).status_code == 404
        assert browser.post("/start/do/", {"do": "reset"}).status_code == 404
        assert Client().get("/start/in/word/").status_code == 404

    def test_without_a_script_each_act_leads_back_to_the_page(self, shop: Source, client_of: Any) -> None:
        advance_to(shop, StepId.BREAK)
        browser = client_of(demo_user("developer"))
        answer = browser.post("/start/do/", {"do": "break"})
        assert (answer.status_code, answer["Location"]) == (302, "/start/")
        assert browser.post("/start/do/", {"do": "nothing"}).status_code == 404

    @pytest.mark.parametrize("account", ["viewer", "pm"])
    def test_whoever_may_not_break_the_shop_is_told_who_may(self, shop: Source, client_of: Any, account: str) -> None:
        advance_to(shop, StepId.BREAK)
        before = Deploy.objects.count()
        answer = client_of(demo_user(account)).post("/start/do/", {"do": "break"})
        assert answer.status_code == 409
        page = answer.content.decode()
        assert "That was not possible" in page and "You may not mark a deploy" in page
        assert "This needs the role developer, analyst or admin in the team Storefront" in page
        assert "Go on as Sofia Marques, developer" in page
        assert Deploy.objects.count() == before
        refused = AuditEntry.objects.get(kind=AuditKind.REFUSED)
        assert (refused.person, refused.path) == (demo_user(account), "/start/do/")

    def test_a_refused_act_is_told_with_what_was_typed(self, shop: Source, browser: Client) -> None:
        advance_to(shop, StepId.SUBMIT)
        typed = {"do": "submit", "says": "Somebody tapped it.", "question": "", "revision": "1"}
        answer = browser.post("/start/do/", typed)
        assert answer.status_code == 409
        assert "Please say the question." in answer.content.decode()
        assert "Somebody tapped it." in answer.content.decode()

    def test_the_view_answers_only_what_differs(self, shop: Source, browser: Client) -> None:
        page = browser.get("/start/").context["presenter"]
        stands = {"you": demo_user("pm").pk, "now": page.step_etag, "seen": page.arrivals_etag}
        assert browser.get("/start/view/", stands).status_code == 204
        send_tap(shop, "Product Added", BASKET | {"quantity": 1})
        text = browser.get("/start/view/", stands).content.decode()
        assert 'id="tour-now"' in text and 'id="tour-seen"' in text and "Conforming" in text
        assert 'id="tour-players"' not in text
        assert 'id="tour-players"' in browser.get("/start/view/", stands | {"you": 0}).content.decode()

    def test_where_nothing_is_checked_the_page_says_so(self, shop: Source, browser: Client) -> None:
        post_batch(current_key(shop, "staging"), track_call("Product Added", properties=BASKET))
        assert "The check is behind" not in one_line(browser.get("/start/").content.decode())
        InboxBatch.objects.update(received_at=timezone.now() - timedelta(seconds=10))
        assert "1 event has arrived and not been checked yet" in one_line(browser.get("/start/").content.decode())

    def test_a_viewer_sees_no_event(self, shop: Source, client_of: Any) -> None:
        send_tap(shop, "Product Added", BASKET | {"quantity": 1})
        text = client_of(demo_user("viewer")).get("/start/").content.decode()
        assert "Product Added" not in text

    def test_it_stays_within_its_queries(
        self, shop: Source, browser: Client, posted_bodies: list[dict[str, Any]], django_assert_max_num_queries: Any
    ) -> None:
        advance_to(shop, StepId.PROVE)
        with django_assert_max_num_queries(45):
            browser.get("/start/")

    def test_hostile_names_stand_as_text(self, shop: Source, browser: Client) -> None:
        send_tap(shop, "<script>alert(1)</script>", {"<img src=x>": "\u202eevil"})
        text = browser.get("/start/").content.decode()
        assert "<script>alert" not in text and "<img src=x>" not in text


class TestLink:
    """The link that the start prints: it signs in once."""

    @pytest.fixture
    def word(self, shop: Source, demo: Demo) -> Iterator[str]:
        path = demo.file.with_name(SIGN_IN_LINK_FILE)
        path.write_text("a-word\n")
        yield "a-word"
        path.unlink(missing_ok=True)

    def test_it_signs_in_once_and_leaves_the_address(self, word: str) -> None:
        first, second = Client(), Client()
        assert first.get(f"/start/in/{word}/")["Location"] == "/start/"
        assert first.session["_auth_user_id"] == str(demo_user("developer").pk)
        again = second.get(f"/start/in/{word}/", follow=True)
        assert "_auth_user_id" not in second.session
        assert "That link worked once" in again.content.decode()

    @pytest.mark.parametrize("wrong", ["another", "a-wor", "a-word-", "%00", "é"])
    def test_a_wrong_word_does_nothing_and_uses_nothing_up(self, word: str, wrong: str) -> None:
        client = Client()
        client.get(f"/start/in/{wrong}/")
        assert "_auth_user_id" not in client.session
        assert consume_sign_in_link(word)

    def test_what_only_looks_ahead_uses_nothing_up(self, word: str) -> None:
        assert Client().get(f"/start/in/{word}/", headers={"Sec-Purpose": "prefetch"}).status_code == 204
        assert Client().head(f"/start/in/{word}/").status_code == 405
        assert consume_sign_in_link(word)

    def test_an_empty_file_lets_nobody_in(self, word: str, demo: Demo) -> None:
        demo.file.with_name(SIGN_IN_LINK_FILE).write_text("\n")
        assert not consume_sign_in_link("")

    def test_without_a_file_nobody_gets_in(self, shop: Source, tmp_path: Path) -> None:
        with override_settings(STATE_DIR=tmp_path):
            assert not consume_sign_in_link("a-word")
