"""Event rules: the table, what one answers, and how often it is asked."""

import pytest

from catalog.contract import Event, Severity, ValidationResult, Verdict, compile_contract
from catalog.contract.rules import rule_tables
from catalog.contract.rules.event_rule import ALL_EVENTS, Breach, CatalogMatch, Cost, EventFacts, EventRule
from catalog.contract.rules.rule_tables import EVENT_RULES, SCHEMA_RULES, rule_text
from catalog.contract.rules.rule_text import RuleText
from catalog.contract.text_memory import TextInspection, TextMemory
from catalog.contract.validation.event_rule_check import EventRuleCheck, add_violations, result_without_contract

DEFINITION = {
    "name": "Order Completed",
    "schema": {"type": "object", "properties": {"total": {"type": "number"}}, "required": ["total"]},
}
TEXT = RuleText("Something is odd.", "Look at it.")


def make_rule(**fields):
    given = {
        "code": "odd",
        "severity": Severity.WARNING,
        "applies_to": ALL_EVENTS,
        "cost": Cost.PER_EVENT,
        "check": lambda facts: [Breach("/user_id", "an id", facts.event.user_id)],
        "text": TEXT,
    }
    return EventRule(**given | fields)


def may_break(event, texts):
    return event.user_id != "harmless"


def facts_of(match=CatalogMatch.DEFINED, *, app_version="", **fields):
    return EventFacts(Event(call="track", event="Order Completed", **fields), match, "shop", "production", app_version)


def test_every_rule_of_ours_has_a_code_of_its_own_and_words():
    codes = [*(rule.code for rule in SCHEMA_RULES), *(rule.code for rule in EVENT_RULES)]
    assert len(set(codes)) == len(codes)
    for code in codes:
        assert rule_text(code).what.endswith(".")
        assert rule_text(code).next.endswith(".")
    assert rule_text("minLength") is None


@pytest.mark.parametrize("match", [match for match in CatalogMatch if match is not CatalogMatch.DEFINED])
def test_what_no_contract_speaks_of_breaks_the_rule_of_its_verdict(match):
    result = result_without_contract(match, EventRuleCheck().violations(facts_of(match)))
    (violation,) = [found for found in result.violations if found.rule == match.value]
    assert result.verdict == match.value
    assert (violation.rule, violation.severity, violation.path) == (match.value, Severity.ERROR, "/event")
    assert violation.came == '"Order Completed"'


def test_a_defined_event_is_asked_nothing_by_those(monkeypatch):
    verdict_rules = tuple(rule for rule in EVENT_RULES if rule.code in set(CatalogMatch))
    assert len(verdict_rules) == len(CatalogMatch) - 1
    monkeypatch.setattr(rule_tables, "EVENT_RULES", verdict_rules)
    assert EventRuleCheck().asks_defined_events is False
    assert list(EventRuleCheck().violations(facts_of())) == []


@pytest.mark.parametrize("cost", list(Cost))
def test_a_rule_that_fails_loses_its_own_violations_and_is_reported_once(monkeypatch, cost):
    def fail(facts):
        if facts.event.user_id == "u2":
            return [Breach("/user_id", "an id", "u2")]
        raise KeyError

    value_of = (lambda facts: facts.event.user_id) if cost is Cost.PER_DISTINCT_VALUE else None
    given = {"cost": cost, "value_of": value_of, "may_break": may_break if cost is Cost.PER_NEW_TEXT else None}
    rules = (make_rule(code="first", check=fail, **given), make_rule(**given))
    monkeypatch.setattr(rule_tables, "EVENT_RULES", rules)
    failed = []
    check = EventRuleCheck(on_failure=lambda rule, error: failed.append((rule.code, type(error))))
    ask = check.text_violations if cost is Cost.PER_NEW_TEXT else check.violations
    found = [[violation.rule for violation in ask(facts_of(user_id=user))] for user in ("u1", "u2", "u1", "u3")]
    assert found == [["odd"], ["first", "odd"], ["odd"], ["odd"]]
    assert failed == [("first", KeyError)]


def test_a_rule_is_asked_of_what_it_applies_to(monkeypatch):
    rule = make_rule(applies_to=frozenset({CatalogMatch.RETIRED, CatalogMatch.DEFINED}))
    monkeypatch.setattr(rule_tables, "EVENT_RULES", (rule,))
    check = EventRuleCheck()
    assert check.asks_defined_events is True
    asked = [match for match in CatalogMatch if check.violations(facts_of(match))]
    assert asked == [CatalogMatch.DEFINED, CatalogMatch.RETIRED]


def test_a_rule_by_distinct_value_is_asked_once_for_each_value_and_answers_for_all(monkeypatch):
    asked = []

    def is_old(facts):
        asked.append(facts.app_version)
        return [Breach("/app_version", "2.0 or later", facts.app_version)] if facts.app_version < "2" else []

    rule = make_rule(cost=Cost.PER_DISTINCT_VALUE, value_of=lambda facts: facts.app_version, check=is_old)
    monkeypatch.setattr(rule_tables, "EVENT_RULES", (rule,))
    check = EventRuleCheck()
    found = [len(check.violations(facts_of(app_version=version))) for version in ("1.0", "2.0", "1.0", "2.0", "1.0")]
    assert found == [1, 0, 1, 0, 1]
    assert asked == ["1.0", "2.0"]
    EventRuleCheck().violations(facts_of(app_version="1.0"))
    assert asked == ["1.0", "2.0", "1.0"], "the next set asks anew"


def test_a_rule_by_distinct_value_tells_true_from_one(monkeypatch):
    rule = make_rule(cost=Cost.PER_DISTINCT_VALUE, value_of=lambda facts: facts.event.user_id)
    monkeypatch.setattr(rule_tables, "EVENT_RULES", (rule,))
    check = EventRuleCheck()
    assert [check.violations(facts_of(user_id=user))[0].came for user in (1, True, 1.0, "1")] == [
        "1",
        "true",
        "1.0",
        '"1"',
    ]


def test_a_rule_that_looks_into_texts_is_asked_where_there_may_be_anything(monkeypatch):
    rule = make_rule(cost=Cost.PER_NEW_TEXT, may_break=may_break)
    monkeypatch.setattr(rule_tables, "EVENT_RULES", (rule,))
    check, texts = EventRuleCheck(), TextInspection(TextMemory())
    assert list(check.violations(facts_of())) == []
    assert [found.rule for found in check.text_violations(facts_of())] == ["odd"]
    asked = [
        check.may_break_by_texts(facts_of(user_id=user).event, CatalogMatch.DEFINED, texts)
        for user in ("u1", "harmless")
    ]
    assert asked == [True, False]


def test_a_rule_that_fails_to_look_is_reported_once_and_finds_nothing(monkeypatch):
    def fail(event, texts):
        raise KeyError

    monkeypatch.setattr(rule_tables, "EVENT_RULES", (make_rule(cost=Cost.PER_NEW_TEXT, may_break=fail),))
    failed = []
    check = EventRuleCheck(on_failure=lambda rule, error: failed.append((rule.code, type(error))))
    texts = TextInspection(TextMemory())
    assert not any(check.may_break_by_texts(facts_of().event, CatalogMatch.DEFINED, texts) for _ in range(2))
    assert failed == [("odd", KeyError)]


def test_a_warning_keeps_the_verdict_and_an_error_makes_it_nonconforming():
    warning = make_rule().violations(facts_of())
    error = make_rule(severity=Severity.ERROR).violations(facts_of())
    contract = compile_contract(DEFINITION)
    conforming = contract.check(Event(call="track", properties={"total": 1}))
    assert add_violations(conforming, ()) is conforming
    assert add_violations(conforming, warning).verdict is Verdict.CONFORMING
    assert add_violations(conforming, error).verdict is Verdict.NONCONFORMING
    assert add_violations(ValidationResult(Verdict.RETIRED), error).verdict is Verdict.RETIRED
    broken = add_violations(contract.check(Event(call="track", properties={})), warning)
    assert [found.path for found in broken.violations] == ["/properties/total", "/user_id"], "sorted by path"


@pytest.mark.parametrize(
    "fields",
    [
        {"cost": Cost.PER_DISTINCT_VALUE},
        {"cost": Cost.PER_EVENT, "value_of": lambda facts: facts.app_version},
        {"cost": Cost.PER_NEW_TEXT},
        {"cost": Cost.PER_EVENT, "may_break": may_break},
    ],
)
def test_a_row_that_cannot_work_is_refused(fields):
    with pytest.raises(ValueError, match="odd"):
        make_rule(**fields)
