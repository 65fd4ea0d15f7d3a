"""An event rule on the whole way: violations, findings and the API know of it; valid, evidence and the like do not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from structlog.testing import capture_logs

from catalog.contract import Severity, ValidationResult
from catalog.contract.comparison.compatibility import ComparisonOutcome, compare
from catalog.contract.examples.example_payload import example_payload
from catalog.contract.json.json_parser import parse_json
from catalog.contract.rules import rule_tables
from catalog.contract.rules.event_rule import ALL_EVENTS, Breach, Cost, EventFacts, EventRule
from catalog.contract.rules.rule_text import RuleText
from catalog.models import Event, Source, WriteKey
from tests.factories.accounts import person
from tests.factories.catalog import EventFactory, definition
from tests.factories.traffic import counts_by_verdict, post_batch, process_inbox, track_call
from tracking.quality.explanations import explain
from tracking.quality.models import Finding
from tracking.requests.choices import EvidenceStage
from tracking.requests.evidence.recording.aggregation import EvidenceTarget, aggregate_evidence
from tracking.traffic.check import worker
from tracking.traffic.check.check_results import CheckedBatch
from tracking.traffic.check.dry_run import dry_run_events
from tracking.traffic.models import QuarantinedBatch, Sample, TrafficCount

pytestmark = pytest.mark.django_db

AddRule = Callable[..., EventRule]


def lacks_session(facts: EventFacts) -> Iterable[Breach]:
    context = facts.event.context
    has_session = isinstance(context, dict) and "session" in context
    return () if has_session else (Breach("/context/session", "a session", None),)


@pytest.fixture
def add_rule(monkeypatch: pytest.MonkeyPatch) -> AddRule:
    """Put a rule of the test's own into the table."""

    def add(
        cost: Cost,
        severity: Severity = Severity.WARNING,
        *,
        code: str = "session",
        value_of: Callable[[EventFacts], Any] = lambda facts: str(facts.event.context),
    ) -> EventRule:
        rule = EventRule(
            code=code,
            severity=severity,
            applies_to=ALL_EVENTS,
            cost=cost,
            value_of=value_of if cost is Cost.PER_DISTINCT_VALUE else None,
            may_break=(lambda event, texts: True) if cost is Cost.PER_NEW_TEXT else None,
            check=lacks_session,
            text=RuleText("Events come without a session.", "Start one."),
        )
        monkeypatch.setattr(rule_tables, "EVENT_RULES", (*rule_tables.EVENT_RULES, rule))
        return rule

    return add


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[CheckedBatch]:
    """What recorders got, besides those that there are."""
    batches: list[CheckedBatch] = []
    usual = worker.recorders()
    monkeypatch.setattr(worker, "recorders", lambda: (*usual, batches.append))
    return batches


@pytest.mark.parametrize("cost", list(Cost))
def test_a_warning_of_a_rule_reaches_what_people_see_and_no_contract(
    key: WriteKey, order: Event, add_rule: AddRule, recorded: list[CheckedBatch], api_of: Any, cost: Cost
) -> None:
    add_rule(cost)
    with_session = track_call(context={"session": "s1"})
    post_batch(key, track_call(), track_call(), with_session, track_call("Product Viewed"))
    process_inbox()

    assert counts_by_verdict() == {"conforming": 3, "undocumented": 1}
    warned = TrafficCount.objects.of_event(order).totals()["warned"]
    assert warned == 2
    finding = Finding.objects.get(rule="session", seen_name__name="Order Completed")
    assert (finding.count, finding.severity, finding.path) == (2, "warning", "/context/session")
    assert explain(finding).what == "Events come without a session."
    assert Finding.objects.get(rule="session", seen_name__name="Product Viewed").count == 1
    sampled = [[found["rule"] for found in sample.violations] for sample in Sample.objects.of_event(order)]
    assert sorted(sampled) == [[], ["session"], ["session"]]

    listed = api_of(person("viewer")).get("/api/v1/findings/", {"rule": "session"}).json()
    found = {row["event"]: (row["rule"], row["severity"], row["count"]) for row in listed["results"]}
    assert found == {"Order Completed": ("session", "warning", 2), "Product Viewed": ("session", "warning", 1)}

    defined = [event for batch in recorded for event in batch.events if event.event_id is not None]
    assert len(defined) == 3
    for event in defined:
        assert event.validated_against(event.version_id or 0, key.source).violations == (), "evidence asks the contract"


@pytest.mark.parametrize("cost", [Cost.PER_EVENT, Cost.PER_DISTINCT_VALUE])
def test_an_error_of_a_rule_makes_the_event_nonconforming_but_not_its_evidence(
    key: WriteKey, order: Event, add_rule: AddRule, recorded: list[CheckedBatch], cost: Cost
) -> None:
    add_rule(cost, Severity.ERROR)
    post_batch(key, track_call(), track_call(context={"session": "s1"}))
    process_inbox()

    assert counts_by_verdict() == {"conforming": 1, "nonconforming": 1}
    results: list[ValidationResult] = [
        event.validated_against(event.version_id or 0, key.source) for event in recorded[0].events
    ]
    assert {result.verdict.value for result in results} == {"conforming"}
    first = recorded[0].events[0]
    target = EvidenceTarget(
        *(1, order.pk, first.version_id or 0, None, 1, EvidenceStage.TESTED),
        since=first.received_at,
        app_version="",
        paths=("/properties/total",),
    )
    evidence = aggregate_evidence(recorded[0], [target])
    counts = [(gain.conforming, gain.nonconforming) for gain in evidence.by_hour.values()]
    assert sum(conforming for conforming, _ in counts) == 2
    assert not any(nonconforming for _, nonconforming in counts)
    assert sum(evidence.property_counts.values()) == 2


@pytest.mark.parametrize("cost", list(Cost))
def test_a_rule_sees_the_app_version_that_came_though_it_is_counted_past_the_limit(
    key: WriteKey, order: Event, add_rule: AddRule, monkeypatch: pytest.MonkeyPatch, settings: Any, cost: Cost
) -> None:
    seen: list[str] = []

    def note_app_version(facts: EventFacts) -> Iterable[Breach]:
        seen.append(facts.app_version)
        return ()

    monkeypatch.setitem(globals(), "lacks_session", note_app_version)
    add_rule(cost, value_of=lambda facts: facts.app_version)
    settings.MAX_APP_VERSIONS_PER_HOUR = 1
    post_batch(key, *(track_call(context={"app": {"version": version}}) for version in ("1.0", "1.1", "1.2")))
    process_inbox()
    assert sorted(seen) == ["1.0", "1.1", "1.2"]
    assert counts_by_verdict(app_version="(other)") == {"conforming": 2}
    assert Sample.objects.filter(app_version="(other)").count() == 2


@pytest.mark.parametrize("cost", list(Cost))
def test_a_dry_run_says_so_too(shop: Source, order: Event, add_rule: AddRule, cost: Cost) -> None:
    add_rule(cost)
    sent = parse_json(b'{"type": "track", "event": "Order Completed", "userId": "u1", "properties": {"total": 1}}')
    (result,) = dry_run_events(shop, "production", [sent])
    assert result.as_json()["verdict"] == "conforming"
    assert [found["rule"] for found in result.as_json()["violations"]] == ["session"]


@pytest.mark.parametrize("cost", list(Cost))
def test_no_rule_decides_examples_or_compatibility(add_rule: AddRule, cost: Cost) -> None:
    definition = {"name": "A", "schema": {"type": "object", "properties": {"total": {"type": "number"}}}}
    before = (example_payload(definition), compare(definition, definition).outcome)
    add_rule(cost)
    assert (example_payload(definition), compare(definition, definition).outcome) == before
    assert before[1] is not ComparisonOutcome.BREAKING


@pytest.mark.parametrize("cost", list(Cost))
def test_a_rule_that_fails_loses_its_own_violations_and_says_so_once(
    key: WriteKey, order: Event, monkeypatch: pytest.MonkeyPatch, add_rule: AddRule, cost: Cost
) -> None:
    def fail(facts: EventFacts) -> Iterable[Breach]:
        raise KeyError("jane@example.com")

    add_rule(cost, code="other")
    monkeypatch.setitem(globals(), "lacks_session", fail)
    add_rule(cost)
    post_batch(key, track_call(), track_call(properties={"total": "much"}), track_call("Product Viewed"))
    with capture_logs() as logs:
        assert process_inbox() == 3
    assert counts_by_verdict() == {"conforming": 1, "nonconforming": 1, "undocumented": 1}
    assert not QuarantinedBatch.objects.exists()
    broken = {frozenset(found["rule"] for found in sample.violations) for sample in Sample.objects.all()}
    assert broken == {frozenset({"other"}), frozenset({"other", "type"}), frozenset({"other", "undocumented"})}
    (line,) = [entry for entry in logs if entry["event"] == "an event rule failed"]
    assert line["rule"] == "session"
    assert "jane" not in str(line)


@pytest.mark.parametrize("value", [lambda facts: [], lambda facts: 1 / 0])
def test_a_distinct_value_that_cannot_be_had_costs_the_rule_alone(
    key: WriteKey, order: Event, add_rule: AddRule, value: Callable[[EventFacts], Any]
) -> None:
    add_rule(Cost.PER_DISTINCT_VALUE, value_of=value)
    post_batch(key, track_call(), track_call("Product Viewed"))
    process_inbox()
    assert counts_by_verdict() == {"conforming": 1, "undocumented": 1}


@pytest.mark.parametrize("cost", list(Cost))
def test_a_dry_run_is_answered_though_a_rule_fails(
    shop: Source, order: Event, monkeypatch: pytest.MonkeyPatch, add_rule: AddRule, cost: Cost
) -> None:
    def fail(facts: EventFacts) -> Iterable[Breach]:
        raise KeyError

    monkeypatch.setitem(globals(), "lacks_session", fail)
    add_rule(cost)
    sent = parse_json(b'{"type": "track", "event": "Order Completed", "userId": "u1", "properties": {"total": 1}}')
    (result,) = dry_run_events(shop, "production", [sent])
    assert (result.as_json()["verdict"], result.as_json()["violations"]) == ("conforming", [])


def test_a_deprecated_property_that_still_comes_is_a_warning_and_no_evidence_against_it(
    shop: Source, key: WriteKey, recorded: list[CheckedBatch]
) -> None:
    schema = {"type": "object", "properties": {"total": {"type": "number"}, "coupon": {"deprecated": True}}}
    EventFactory.create(name="Order Completed", sources=[shop], is_live=True, definition=definition(schema=schema))
    post_batch(key, track_call(properties={"total": 1, "coupon": "TEN"}), track_call(properties={"total": 1}))
    process_inbox()

    assert counts_by_verdict() == {"conforming": 2}
    finding = Finding.objects.get(rule="deprecated_property")
    assert (finding.severity, finding.path, finding.count) == ("warning", "/properties/coupon", 1)
    assert explain(finding).what.startswith("Events still carry a property that the definition calls deprecated")
    for event in recorded[0].events:
        assert event.validated_against(event.version_id or 0, shop).violations == ()


def test_another_spelling_of_a_defined_name_is_told_beside_undocumented(
    key: WriteKey, shop: Source, order: Event
) -> None:
    spellings = ("order completed", "OrderCompleted")
    post_batch(key, *(track_call(name) for name in (*spellings, "Cart Viewed", "Order Completed")))
    process_inbox()
    told = Finding.objects.filter(rule="name").values_list("seen_name__name", "severity", "expected")
    expected = 'the name as it is defined, "Order Completed"'
    assert sorted(told) == [(name, "warning", expected) for name in sorted(spellings)]
    assert counts_by_verdict() == {"undocumented": 3, "conforming": 1}
    sent = parse_json(b'{"type": "track", "event": "order-completed", "userId": "u1"}')
    (result,) = dry_run_events(shop, "production", [sent])
    assert [found["rule"] for found in result.as_json()["violations"]] == ["name", "undocumented"]
