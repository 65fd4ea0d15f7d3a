"""What the check's violations become: findings, grouped, counted and owned."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import HistoryEntry
from catalog.contract import Severity, Violation
from catalog.contract.json.pointers import format_pointer
from catalog.models import Source
from tests.concurrency import run_behind
from tests.factories.accounts import TeamFactory
from tests.factories.catalog import EventFactory
from tests.quality.evaluated_batches import NOON, evaluated_batch, evaluated_event, make_seen_name, make_violation
from tracking.quality.choices import FindingState
from tracking.quality.finding_limits import DEFINED_EVENTS_FACTOR, OVERFLOW_RULE
from tracking.quality.finding_recorder import (
    MAX_APP_VERSIONS,
    MAX_UNKNOWN_KEYS,
    OVERFLOW_KEY,
    RecordedFindings,
    record_findings,
)
from tracking.quality.models import Finding
from tracking.traffic.check.check_results import CheckedEvent


@pytest.fixture
def source(db: None) -> Source:
    return Source.objects.create(slug="web", name="Web shop", platform="web", owner_team=TeamFactory.create())


def record(*args: object) -> None:
    with transaction.atomic():
        record_findings(evaluated_batch(*args))


def test_violations_of_one_kind_are_one_finding(source: Source) -> None:
    name = make_seen_name()
    record(
        source, evaluated_event(name, make_violation()), evaluated_event(name, make_violation(), app_version="2.5.0")
    )
    record(source, evaluated_event(name, make_violation(), received_at=NOON + timedelta(hours=1)))
    finding = Finding.objects.get()
    assert (finding.count, finding.rule, finding.path) == (3, "type", "/properties/total")
    assert finding.app_versions == {"2.4.1": 2, "2.5.0": 1}
    assert (finding.first_seen, finding.last_seen) == (NOON, NOON + timedelta(hours=1))
    assert finding.came == '"27.50"'


def test_rule_path_environment_and_source_keep_findings_apart(source: Source) -> None:
    name = make_seen_name()
    record(
        source,
        evaluated_event(name, make_violation(), make_violation(rule="minimum"), make_violation("/properties/tax")),
    )
    with transaction.atomic():
        record_findings(evaluated_batch(source, evaluated_event(name, make_violation()), environment="staging"))
    assert Finding.objects.count() == 4


def test_repeats_are_not_counted_again(source: Source) -> None:
    record(source, evaluated_event(make_seen_name(), make_violation(), is_repeat=True))
    assert not Finding.objects.exists()


def test_an_array_of_bad_items_counts_its_event_once(source: Source) -> None:
    items = [
        make_violation(f"/properties/products/{n}/price", definition_path="/properties/products/*/price")
        for n in range(9)
    ]
    record(source, evaluated_event(make_seen_name(), *items))
    assert Finding.objects.get().count == 1


def test_unknown_keys_are_counted_inside_and_bounded(source: Source) -> None:
    keys = [
        make_violation(
            f"/properties/k{n}", "unknown_property", definition_path="/properties/?", severity=Severity.WARNING
        )
        for n in range(MAX_UNKNOWN_KEYS + 20)
    ]
    record(source, evaluated_event(make_seen_name(), *keys))
    finding = Finding.objects.get()
    assert finding.severity == "warning"
    assert len(finding.unknown_keys) == MAX_UNKNOWN_KEYS + 1
    assert finding.unknown_keys[OVERFLOW_KEY] == 20


def unknown_keys_of(number: int) -> list[Violation]:
    return [
        make_violation(
            f"/properties/k{n}", "unknown_property", definition_path="/properties/?", severity=Severity.WARNING
        )
        for n in range(number)
    ]


def test_a_finding_of_unknown_properties_counts_events_and_not_keys(source: Source) -> None:
    name = make_seen_name()
    record(source, evaluated_event(name, *unknown_keys_of(20)), evaluated_event(name, *unknown_keys_of(2)))
    record(source, evaluated_event(name, *unknown_keys_of(3)))
    finding = Finding.objects.get()
    assert finding.count == 3
    assert finding.app_versions == {"2.4.1": 3}
    assert (finding.unknown_keys["k0"], finding.unknown_keys["k2"], finding.unknown_keys["k19"]) == (3, 2, 1)
    assert len(finding.samples) == 3


def test_samples_of_a_finding_are_the_newest_of_different_events(source: Source) -> None:
    name = make_seen_name()

    def minute(number: int) -> CheckedEvent:
        return evaluated_event(
            name, *unknown_keys_of(9), received_at=NOON + timedelta(minutes=number), masked_event={"number": number}
        )

    record(source, *[minute(number) for number in range(10, 18)])
    assert [sample["event"]["number"] for sample in Finding.objects.get().samples] == [17, 16, 15, 14, 13]
    record(source, minute(18), minute(19))
    record(source, minute(1), minute(2))
    assert [sample["event"]["number"] for sample in Finding.objects.get().samples] == [19, 18, 17, 16, 15]


@pytest.mark.parametrize("keys", [("a/b",), ("a~b",), ("a~1b",), ("a/b", "b")])
def test_unknown_keys_are_stored_as_they_came(source: Source, keys: tuple[str, ...]) -> None:
    violations = [
        make_violation(
            format_pointer(["properties", key]),
            "unknown_property",
            definition_path="/properties/?",
            severity=Severity.WARNING,
        )
        for key in keys
    ]
    record(source, evaluated_event(make_seen_name(), *violations))
    assert Finding.objects.get().unknown_keys == dict.fromkeys(keys, 1)


def total_event(number: int, *, severity: Severity = Severity.ERROR, hours: int = 0) -> CheckedEvent:
    """An event that breaks one rule, `number` of it expected and `number` of it received."""
    return evaluated_event(
        make_seen_name(),
        make_violation(expected=f"expected {number}", severity=severity),
        received_at=NOON + timedelta(hours=hours),
        masked_event={"properties": {"total": number}},
    )


def shown_finding() -> tuple[str, str, str]:
    finding = Finding.objects.get()
    return finding.severity, finding.expected, finding.came


def test_the_newest_event_is_shown_whenever_it_is_checked(source: Source) -> None:
    record(source, total_event(2))
    record(source, total_event(1, severity=Severity.WARNING, hours=-5))
    assert shown_finding() == ("error", "expected 2", "2")
    record(source, total_event(3, severity=Severity.WARNING, hours=1), total_event(0, hours=-6))
    assert shown_finding() == ("warning", "expected 3", "3")
    record(source, total_event(4, hours=2))
    assert shown_finding() == ("error", "expected 4", "4")
    finding = Finding.objects.get()
    assert (finding.count, finding.first_seen) == (5, NOON - timedelta(hours=6))
    assert finding.last_seen == NOON + timedelta(hours=2)


def test_the_newest_event_of_one_batch_is_shown(source: Source) -> None:
    record(source, total_event(1, hours=1), total_event(2, severity=Severity.WARNING, hours=3), total_event(3, hours=2))
    assert shown_finding() == ("warning", "expected 2", "2")


def test_app_versions_are_bounded(source: Source) -> None:
    name = make_seen_name()
    events = [evaluated_event(name, make_violation(), app_version=f"1.0.{n}") for n in range(MAX_APP_VERSIONS + 5)]
    record(source, *events)
    assert Finding.objects.get().app_versions[OVERFLOW_KEY] == 5


def test_what_came_is_read_from_the_masked_event(source: Source) -> None:
    masked = {"properties": {"total": "string of 5"}}
    event = evaluated_event(
        make_seen_name(), make_violation(), masked_event=masked, masked_paths=("/properties/total",)
    )
    record(source, event)
    finding = Finding.objects.get()
    assert finding.came == '"string of 5"'
    assert "27.50" not in str(finding.samples)


def test_a_resolved_finding_that_comes_back_is_regressed(source: Source) -> None:
    name = make_seen_name()
    record(source, evaluated_event(name, make_violation()))
    Finding.objects.update(state=FindingState.RESOLVED, resolved_at=NOON + timedelta(hours=1))
    record(source, evaluated_event(name, make_violation(), received_at=NOON + timedelta(minutes=5)))
    assert Finding.objects.get().state == FindingState.RESOLVED, "an event from before is no return"
    record(source, evaluated_event(name, make_violation(), received_at=NOON + timedelta(hours=2)))
    finding = Finding.objects.get()
    assert finding.state == FindingState.REGRESSED
    entry = HistoryEntry.objects.get(subject_type="finding", subject_id=str(finding.pk))
    assert (entry.from_state, entry.to_state, entry.actor.is_system) == ("resolved", "regressed", True)


def test_an_ignored_finding_stays_ignored(source: Source) -> None:
    name = make_seen_name()
    record(source, evaluated_event(name, make_violation()))
    Finding.objects.update(state=FindingState.IGNORED)
    record(source, evaluated_event(name, make_violation(), received_at=NOON + timedelta(days=1)))
    assert Finding.objects.get().state == FindingState.IGNORED


def undocumented_events(*numbers: int, **fields: object) -> list[CheckedEvent]:
    return [
        evaluated_event(make_seen_name(f"Event {n}"), make_violation("/event", "undocumented"), **fields)
        for n in numbers
    ]


def overflow_count() -> int:
    return sum(Finding.objects.filter(rule=OVERFLOW_RULE).values_list("count", flat=True))


def test_findings_past_the_limit_of_an_hour_are_counted_as_one(source: Source, settings: Any) -> None:
    settings.MAX_FINDINGS_PER_HOUR = 3
    record(source, *undocumented_events(1, 2))
    record(source, *undocumented_events(1, 2, 3, 4, 5))
    record(source, *undocumented_events(3, 6, app_version="9.0"))

    names = Finding.objects.order_by("id").values_list("seen_name__name", "rule", "count")
    assert list(names) == [
        *[("Event 1", "undocumented", 2), ("Event 2", "undocumented", 2), ("Event 3", "undocumented", 2)],
        ("(other)", OVERFLOW_RULE, 3),
    ]
    other = Finding.objects.get(rule=OVERFLOW_RULE)
    assert other.app_versions == {"2.4.1": 2, "9.0": 1}
    assert (other.severity, other.path, len(other.samples)) == ("error", "", 3)

    record(source, *undocumented_events(6, 7, received_at=NOON + timedelta(hours=1)))
    assert Finding.objects.filter(rule="undocumented").count() == 5, "the next hour has its own"
    assert overflow_count() == 3


def test_the_finding_past_the_limit_stays_an_error_once_one_was(source: Source, settings: Any) -> None:
    settings.MAX_FINDINGS_PER_HOUR = 1
    record(source, *undocumented_events(1, 2))
    warning = make_violation("/event", "undocumented", severity=Severity.WARNING)
    record(source, evaluated_event(make_seen_name("Event 3"), warning, received_at=NOON + timedelta(minutes=5)))
    other = Finding.objects.get(rule=OVERFLOW_RULE)
    assert (other.severity, other.count) == ("error", 2)


def test_one_environment_or_source_uses_up_no_other_s_limit(source: Source, settings: Any) -> None:
    settings.MAX_FINDINGS_PER_HOUR = 1
    other = Source.objects.create(slug="ios", name="iOS", platform="ios", owner_team=source.owner_team)
    record(source, *undocumented_events(1))
    record(other, *undocumented_events(2))
    with transaction.atomic():
        record_findings(evaluated_batch(source, *undocumented_events(3), environment="staging"))
    assert Finding.objects.count() == 3
    assert overflow_count() == 0
    record(source, *undocumented_events(4))
    assert overflow_count() == 1


def test_what_the_catalog_defines_is_admitted_past_the_limit(source: Source, settings: Any) -> None:
    settings.MAX_FINDINGS_PER_HOUR = 2
    order = EventFactory.create(name="Order Completed", sources=[source])
    violations = [make_violation(f"/properties/p{n}") for n in range(30)]
    defined = evaluated_event(make_seen_name(), *violations[:10], event_id=order.pk)
    record(source, *undocumented_events(1, 2, 3), defined)
    assert Finding.objects.filter(seen_name__name="Order Completed").count() == 10
    assert overflow_count() == 3, "there was no room for strangers any more"

    record(source, evaluated_event(make_seen_name(), *violations, event_id=order.pk))
    assert Finding.objects.filter(seen_name__name="Order Completed").count() == 2 * DEFINED_EVENTS_FACTOR
    assert overflow_count() == 3 + 30 - 2 * DEFINED_EVENTS_FACTOR


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_lose_nothing_and_never_deadlock() -> None:
    source = Source.objects.create(slug="ios", name="iOS", platform="ios", owner_team=TeamFactory.create())
    names = [make_seen_name(f"Event {n}") for n in range(6)]
    start = threading.Barrier(2)
    failures: list[Exception] = []

    def work(order: list[int]) -> None:
        try:
            start.wait(timeout=10)
            for _round in range(10):
                with transaction.atomic():
                    record_findings(
                        evaluated_batch(source, *[evaluated_event(names[n], make_violation()) for n in order])
                    )
        except Exception as error:  # the test shows it, whatever it is
            failures.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(order,)) for order in ([0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0])]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert failures == []
    assert list(Finding.objects.values_list("count", flat=True)) == [20] * 6


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_that_bring_one_finding_one_has_opened_it() -> None:
    source = Source.objects.create(slug="ios", name="iOS", platform="ios", owner_team=TeamFactory.create())
    name = make_seen_name()

    def work(*rules: str) -> RecordedFindings:
        violations = [make_violation(rule=rule) for rule in rules]
        with transaction.atomic():
            return record_findings(evaluated_batch(source, evaluated_event(name, *violations)))

    first, second = run_behind(lambda: work("type", "minimum"), lambda: work("type", "maximum"))
    path = "/properties/total"
    assert first.opened == {(name.pk, path, "type"), (name.pk, path, "minimum")}
    assert second.opened == {(name.pk, path, "maximum")}
    assert dict(Finding.objects.values_list("rule", "count")) == {"type": 2, "minimum": 1, "maximum": 1}
    assert work("type", "maximum") == RecordedFindings()


def test_it_says_which_findings_it_opened_again(source: Source) -> None:
    name = make_seen_name()
    record(source, evaluated_event(name, make_violation(), make_violation(rule="minimum")))
    resolved = Finding.objects.get(rule="type")
    Finding.objects.filter(pk=resolved.pk).update(state=FindingState.RESOLVED, resolved_at=NOON)
    later = evaluated_event(name, make_violation(), received_at=NOON + timedelta(hours=1))
    with transaction.atomic():
        assert record_findings(evaluated_batch(source, later)) == RecordedFindings(came_back=(resolved.pk,))


@pytest.mark.parametrize("path", ["/properties/a\"b'c\\d", "/properties/‹é›{},%s", "/properties/" + "x" * 900])
def test_a_new_finding_keeps_any_path(source: Source, path: str) -> None:
    name = make_seen_name()
    with transaction.atomic():
        recorded = record_findings(evaluated_batch(source, evaluated_event(name, make_violation(path))))
    assert recorded.opened == {(name.pk, path, "type")}
    assert Finding.objects.get().path == path
