"""The rule `sensitive` is asked of every event whose texts were not seen before, within a budget, and counts hold."""

from __future__ import annotations

import json
from typing import Any

import pytest

from catalog.contract import text_memory
from catalog.contract.pii_detection import PersonalData, kind_of_value
from catalog.contract.text_memory import Known, TextMemory
from catalog.models import Event, Source, WriteKey
from catalog.services.sensitive_exemptions import end_exemption, exempt_property
from tests.factories.accounts import person
from tests.factories.catalog import EventFactory, SourceFactory, create_write_key
from tests.factories.traffic import counts_by_verdict, post_batch, process_inbox, track_call
from tracking.quality.models import Finding
from tracking.traffic.check import evaluation, text_budget, worker
from tracking.traffic.check.sample_retention import MAX_PER_KEY_PRODUCTION
from tracking.traffic.models import InboxBatch, Sample

pytestmark = pytest.mark.django_db

TOKEN = "glpat-aaaaaaaaaaaaaaaaaaaa"
COUPON = "/properties/coupon"
MORE_THAN_SAMPLES = 2 * MAX_PER_KEY_PRODUCTION


@pytest.fixture(autouse=True)
def new_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that has seen nothing yet."""
    monkeypatch.setattr(text_budget, "text_memory", TextMemory())


@pytest.fixture
def looked_into(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was looked into, in order."""
    values: list[object] = []

    def note(value: object) -> PersonalData | None:
        values.append(value)
        return kind_of_value(value)

    monkeypatch.setattr(text_memory, "kind_of_value", note)
    return values


def orders(*coupons: str, name: str = "Order Completed", **fields: Any) -> list[dict[str, Any]]:
    return [track_call(name, properties={"total": 1, "coupon": coupon}, **fields) for coupon in coupons]


def sensitive_counts(**by: Any) -> dict[str, int]:
    return {finding.path: finding.count for finding in Finding.objects.filter(rule="sensitive", **by)}


def test_every_new_value_is_counted_though_few_events_are_kept(key: WriteKey, order: Event) -> None:
    post_batch(key, *orders(*(f"anna{number}@example.org" for number in range(MORE_THAN_SAMPLES))))
    process_inbox()
    assert sensitive_counts() == {COUPON: MORE_THAN_SAMPLES}
    assert Sample.objects.count() == MAX_PER_KEY_PRODUCTION
    (finding,) = Finding.objects.filter(rule="sensitive")
    shown = json.dumps([finding.samples, finding.came, list(Sample.objects.values_list("event", "violations"))])
    assert finding.samples and "anna" not in shown and "example.org" not in shown


def test_a_value_that_comes_again_is_counted_each_time_and_looked_into_once(
    key: WriteKey, order: Event, looked_into: list[object]
) -> None:
    post_batch(key, *orders(*[TOKEN] * MORE_THAN_SAMPLES, *["TEN"] * 10))
    process_inbox()
    post_batch(key, *orders(*[TOKEN] * MORE_THAN_SAMPLES))
    process_inbox()
    assert sensitive_counts() == {COUPON: 2 * MORE_THAN_SAMPLES}
    assert counts_by_verdict() == {"nonconforming": 2 * MORE_THAN_SAMPLES, "conforming": 10}
    assert [looked_into.count(text) for text in (TOKEN, "TEN", "u-1001", "analytics.js")] == [1, 1, 1, 1]


def test_a_known_value_is_counted_where_nothing_more_may_be_looked_into(
    key: WriteKey, order: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    post_batch(key, *orders(TOKEN))
    process_inbox()
    monkeypatch.setattr(text_budget, "PER_NAME", 0)
    monkeypatch.setattr(text_budget, "PER_EVENT", 0)
    post_batch(key, *orders(*[TOKEN] * MORE_THAN_SAMPLES))
    process_inbox()
    assert sensitive_counts() == {COUPON: MORE_THAN_SAMPLES + 1}


def test_texts_that_are_always_new_cost_their_name_its_budget_and_others_nothing(
    key: WriteKey, shop: Source, order: Event, looked_into: list[object]
) -> None:
    EventFactory.create(name="Note Written", sources=[shop], is_live=True)
    other = SourceFactory.create(slug="other-shop")
    EventFactory.create(name="Other", sources=[other], is_live=True)
    long = "nothing to see here " * 100
    noisy = orders(*(f"{number} {long}" for number in range(200)), name="Note Written")
    quiet = orders(*(f"anna{number}@example.org" for number in range(MORE_THAN_SAMPLES)))
    post_batch(key, *noisy[:100], *quiet, *noisy[100:])
    post_batch(create_write_key(other), *orders(*(f"bea{number}@example.org" for number in range(30)), name="Other"))
    process_inbox()

    assert sensitive_counts(source=shop) == {COUPON: MORE_THAN_SAMPLES}
    assert sensitive_counts(source=other) == {COUPON: 30}
    notes = [text for text in looked_into if isinstance(text, str) and "nothing to see" in text]
    budget = text_budget.PER_NAME + 200 * text_budget.PER_EVENT
    assert 0 < len(set(notes)) <= budget / 2_000 + 1 + MAX_PER_KEY_PRODUCTION
    assert len(notes) == len(set(notes))
    not_asked = [event["properties"]["coupon"] for event in noisy if event["properties"]["coupon"] not in notes]
    memory = text_budget.text_memory
    assert all(memory.review([text]) is Known.CLEAN for text in notes)
    assert not_asked and not any(memory.review([text]) is Known.CLEAN for text in not_asked)


def test_what_was_not_looked_into_is_looked_into_when_it_comes_again(
    key: WriteKey, order: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_budget, "PER_NAME", 0)
    monkeypatch.setattr(text_budget, "PER_EVENT", 0)
    coupons = [f"anna{number}@example.org" for number in range(MORE_THAN_SAMPLES)]
    post_batch(key, *orders(*coupons))
    process_inbox()
    assert sensitive_counts() == {COUPON: MAX_PER_KEY_PRODUCTION}, "samples are looked into whatever there is"
    monkeypatch.setattr(text_budget, "PER_NAME", 10_000)
    post_batch(key, *orders(*coupons))
    process_inbox()
    assert sensitive_counts() == {COUPON: MAX_PER_KEY_PRODUCTION + MORE_THAN_SAMPLES}


@pytest.mark.parametrize("start", [0, 7, MORE_THAN_SAMPLES - 1])
def test_chance_decides_with_which_event_it_begins(
    key: WriteKey, order: Event, monkeypatch: pytest.MonkeyPatch, start: int
) -> None:
    post_batch(key, *orders("TEN"))
    process_inbox()
    monkeypatch.setattr(text_budget, "PER_NAME", 1)
    monkeypatch.setattr(text_budget, "PER_EVENT", 0)
    monkeypatch.setattr(evaluation, "select_newest", lambda keys, environment: set())
    monkeypatch.setattr(evaluation, "randrange", lambda count: start if count == MORE_THAN_SAMPLES else 0)
    coupons = [f"anna{number}@example.org" for number in range(MORE_THAN_SAMPLES)]
    post_batch(key, *orders(*coupons))
    process_inbox()
    assert sensitive_counts() == {COUPON: 1}
    found = [text for text in coupons if text_budget.text_memory.kind_found(hash(text)) is not None]
    assert found == [coupons[start]]


def test_a_check_that_is_done_again_counts_the_same(
    key: WriteKey, order: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, failures = worker.recorders(), [RuntimeError("killed"), None]

    def fail_once(batch: object) -> None:
        if error := failures.pop(0) if failures else None:
            raise error

    monkeypatch.setattr(worker, "recorders", lambda: (*usual, fail_once))
    post_batch(key, *orders(*[TOKEN] * MORE_THAN_SAMPLES, "anna@example.org"))
    process_inbox()
    assert not InboxBatch.objects.exists()
    assert sensitive_counts() == {COUPON: MORE_THAN_SAMPLES + 1}
    assert counts_by_verdict() == {"nonconforming": MORE_THAN_SAMPLES, "conforming": 1}


def test_two_workers_and_a_restart_find_the_same(key: WriteKey, order: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    event = orders(TOKEN)[0]
    for number in range(4):
        memories = [TextMemory(), TextMemory()]
        monkeypatch.setattr(text_budget, "text_memory", memories[number % 2])
        post_batch(key, *orders(TOKEN, "anna@example.org", "TEN"), event)
        process_inbox()
    assert sensitive_counts() == {COUPON: 4 * 2 + 1}, "a repeat counts once"
    assert counts_by_verdict() == {"nonconforming": 5, "conforming": 8}


def test_an_exemption_holds_for_what_is_remembered_too_and_so_does_its_end(
    key: WriteKey, shop: Source, order: Event
) -> None:
    analyst = person("analyst", team=order.owner_team)
    expected = 0
    for is_exempt in (False, True, False, True):
        post_batch(key, *orders(*[TOKEN] * MORE_THAN_SAMPLES, *(f"b{n}@example.org" for n in range(30))))
        process_inbox()
        expected += 0 if is_exempt else MORE_THAN_SAMPLES + 30
        assert sensitive_counts() == {COUPON: expected}
        decide = end_exemption if is_exempt else exempt_property
        decide(order, COUPON, reason="Codes of a partner.", by=analyst)


def test_a_repeat_and_history_are_not_looked_into(
    key: WriteKey, order: Event, looked_into: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation, "select_newest", lambda keys, environment: set())
    event = orders(TOKEN)[0]
    post_batch(key, event)
    process_inbox()
    monkeypatch.setattr(text_budget, "text_memory", TextMemory())
    looked_into.clear()
    post_batch(key, event)
    post_batch(key, *orders("anna@example.org", timestamp="2026-11-20T10:00:00.000Z"), path="/v1/import")
    process_inbox()
    assert looked_into == []
    assert sensitive_counts() == {COUPON: 1}
