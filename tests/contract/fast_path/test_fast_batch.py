"""Bodies on the fast path: which events it reads, and that doubled or unknown keys never pass."""

from __future__ import annotations

import json
from typing import Any

import pytest

from catalog.contract import Event, compile_contract
from catalog.contract.fast_path.fast_batch import read_batch
from catalog.contract.fast_path.fast_contract import FastContract
from tests.contract.fast_path.fast_events import accepted, body_of, fast_contract, sent

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"total": {"type": "number"}, "items": {"type": "array", "items": {"type": "object"}}, "any": {}},
    "required": ["total"],
}
CONTRACT = fast_contract(SCHEMA)


def test_an_event_is_normalised_as_its_sdk_means_it() -> None:
    event = sent(
        '{"total": 27.5}',
        userId="u-1",
        anonymousId=None,
        messageId="m-1",
        timestamp="2026-03-14T09:26:53Z",
        originalTimestamp="",
        context={"app": {"version": "2.5"}, "traits": {"plan": "free"}},
        integrations={},
    )
    assert accepted(CONTRACT, body_of(event)) == [
        Event(
            call="track",
            event="A",
            user_id="u-1",
            message_id="m-1",
            occurred_at="2026-03-14T09:26:53Z",
            sent_at="2026-03-14T09:26:54Z",
            received_at="2026-03-14T09:26:55+00:00",
            properties={"total": 27.5},
            traits={"plan": "free"},
            context={"app": {"version": "2.5"}, "traits": {"plan": "free"}},
        )
    ]


@pytest.mark.parametrize(("name", "expected"), [("Home", "Home"), ("", "page"), (None, "page"), (3, "page")])
def test_a_page_has_its_name_or_its_call(name: Any, expected: str) -> None:
    found = accepted(CONTRACT, body_of(sent('{"total": 1}', type="page", name=name)))
    assert found is not None and found[0] is not None and found[0].event == expected and found[0].call == "page"


def test_each_event_of_a_body_goes_its_own_way() -> None:
    events = [sent('{"total": 1}'), sent('{"total": "1"}'), sent('{"total": 2}', unknown=1), sent('{"total": 3}')]
    found = accepted(CONTRACT, body_of(*events))
    assert found is not None and [event and event.properties for event in found] == [
        {"total": 1},
        None,
        None,
        {"total": 3},
    ]


@pytest.mark.parametrize(
    "event",
    [
        '{"type":"track","event":"B","event":"A","properties":{"total":1}}',
        '{"type":"track","event":"A","properties":{"total":"x"},"properties":{"total":1}}',
        '{"type":"track","event":"A","properties":{"total":2,"total":1}}',
        '{"type":"track","event":"A","properties":{"total":1,"any":{"a":1,"a":1}}}',
        '{"type":"track","event":"A","properties":{"total":1,"any":[[{"a":{},"a":":"}]]}}',
        '{"type":"track","event":"A","properties":{"total":1},"context":{"a":1,"a":1}}',
        '{"type":"track","event":"A","properties":{"total":1},"context":{"a":{"b":":","b":""}}}',
        '{"type":"track","event":"A","properties":{"total":1},"integrations":{"a":1,"a":1}}',
        '{"type":"track","event":"A","properties":{"total":1},"userId":"a","userId":"b"}',
        '{"type":"track","event":"A","properties":{"total":1,"items":[{"a":1}]}}',
        '{"type":"track","event":"A","properties":{"total":1,"more":null}}',
        '{"type":"track","event":"A","properties":{"total":1,"any":1e400}}',
        '{"type":"track","event":"A","properties":{"total":1,"any":18446744073709551616}}',
        '{"type":"track","event":"A","properties":{"total":1,"any":' + "[" * 253 + "]" * 253 + "}}",
        '{"type":"track","event":"A","properties":{"total":null}}',
        '{"type":"track","event":"A","properties":null}',
        '{"type":"track","event":"A"}',
        '{"type":"track","event":" ","properties":{"total":1}}',
        '{"type":"track","event":7,"properties":{"total":1}}',
        '{"type":"Track","event":"A","properties":{"total":1}}',
        '{"type":"identify","event":"A","properties":{"total":1}}',
        '{"event":"A","properties":{"total":1}}',
        "[]",
        "null",
    ],
)
def test_what_is_doubled_unknown_or_no_plain_event_is_not_fast(event: str) -> None:
    found = accepted(CONTRACT, body_of(event, sent('{"total": 1}', context={"a": 1})))
    assert found is not None and [each is not None for each in found] == [False, True]


@pytest.mark.parametrize(
    "properties",
    ['{"total":2,"t\\u006ftal":1}', '{"total":1,"any":"\\ud800"}', '{"total":1,"any":NaN}', '{"total":1,"any":"\x01"}'],
)
def test_what_no_strict_parser_reads_takes_its_whole_body_the_other_way(properties: str) -> None:
    assert accepted(CONTRACT, body_of(sent(properties), sent('{"total": 1}'))) is None


def test_a_doubled_key_in_a_shared_context_is_found_in_each_event() -> None:
    doubled = '{"type":"track","event":"A","properties":{"total":1},"context":{"a":1,"a":1}}'
    assert accepted(CONTRACT, body_of(doubled, doubled)) == [None, None]


def test_a_colon_that_is_escaped_hides_no_doubled_key() -> None:
    assert accepted(CONTRACT, body_of(sent('{"total": 1, "total": 2, "any": "\\u003a"}'))) is None
    assert accepted(CONTRACT, body_of(sent('{"total": 1, "any": "\\u003A\\u00e9"}'))) is None
    assert accepted(CONTRACT, body_of(sent('{"total": 1, "any": "\\u00e9"}'))) != [None]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b'{"batch": {}}',
        b'{"batch": [], "batch": []}',
        b'{"batch": [], "\\u0062atch": []}',
        b'{"batch": [], "type": "track"}',
        b'{"batch": [], "event": "A"}',
        b'{"batch": [], "context": {"a": 1}}',
        b'\xef\xbb\xbf{"batch": []}',
        b'{"batch": [NaN]}',
        b'{"batch": [' + b"1," * 100 + b"1]}",
        b'{"batch": []} x',
        b'{"batch": ["' + b"x" * 2_000_000 + b'"]}',
    ],
)
def test_a_body_that_is_no_plain_batch_goes_the_other_way(body: bytes) -> None:
    assert read_batch(body, max_events=100) is None


def test_an_open_definition_sends_unknown_keys_the_other_way_and_reads_maps() -> None:
    mixed = fast_contract(SCHEMA | {"additionalProperties": True})
    assert accepted(mixed, body_of(sent('{"total": 1, "more": 2}'), sent('{"total": 1}')))[0] is None  # type: ignore[index]
    a_map = fast_contract({"type": "object", "additionalProperties": {"type": "integer"}})
    found = accepted(a_map, body_of(sent('{"x": 1, "é": 2}'), sent('{"x": 1.5}'), sent('{"x": 1, "x": 1}')))
    assert found is not None and [event is not None for event in found] == [True, False, False]


def test_other_parts_are_asked_of_the_validator() -> None:
    context = {"type": "object", "properties": {"app": {"type": "object"}}, "required": ["app"]}
    contract = fast_contract(SCHEMA, context=context, traits={"type": "object", "properties": {"plan": {}}})
    around: list[dict[str, Any]] = [
        {"context": {"app": {}, "os": 1}, "traits": {"plan": 1}},
        {"context": {}},
        {"context": {"app": {}}, "traits": {"unknown": 1}},
        {"context": {"app": {}, "traits": {"unknown": 1}}},
        {},
        {"context": {"app": {}}},
    ]
    found = accepted(contract, body_of(*(sent('{"total": 1}', **each) for each in around)))
    assert found is not None
    assert [event is not None for event in found] == [True, False, False, False, False, True]


def test_a_property_that_is_called_deprecated_is_not_accepted() -> None:
    schema: dict[str, Any] = json.loads(json.dumps(SCHEMA))
    schema["properties"]["any"] = {"deprecated": True}
    found = accepted(fast_contract(schema), body_of(sent('{"total": 1, "any": 2}'), sent('{"total": 1}')))
    assert found is not None and [event is not None for event in found] == [False, True]


def test_an_event_without_a_contract_goes_the_other_way() -> None:
    batch = read_batch(body_of(sent('{"total": 1}')), max_events=5)
    assert batch is not None and batch.accept(lambda _: None) == [None]


def test_a_definition_without_a_schema_of_properties_takes_any() -> None:
    document = {"name": "A", "call": "identify", "schema": {"type": "object", "properties": {"plan": {}}}}
    contract = FastContract(compile_contract(document))
    found = accepted(contract, body_of(sent("[1]"), sent('{"a": {"b": 1}}'), sent('{"a": 1, "a": 1}')))
    assert found is not None and [event is not None for event in found] == [True, True, False]
