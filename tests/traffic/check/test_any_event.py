"""Any event whatever beside 19 good ones: twenty verdicts, none in quarantine. `EVENT_EXAMPLES` says how many tries."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.contract.json.integers import MAX_INTEGER_DIGITS
from catalog.models import Event, WriteKey
from tests.factories.traffic import counts_by_verdict, post_body, process_inbox, track_call
from tests.traffic.check.event_fields import EVENT_FIELDS
from tracking.traffic.collect.wires import WIRES
from tracking.traffic.models import InboxBatch, QuarantinedBatch, Sample, TrafficCount

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]

EXAMPLES = int(os.environ.get("EVENT_EXAMPLES", "150"))
GOOD = 19

# Lone surrogates and NUL among them, as escapes: Hypothesis writes no others into JSON.
texts = st.text(st.characters(codec=None, categories=None), max_size=20) | st.sampled_from(
    ["\x00", "\ud800", "\udfff\ud800", "NaN", "\\u0000", "💥" * 300, "x" * 3_000, "a@b.example", "‮", "/" * 700]
)
numbers = (
    st.integers()
    | st.floats()
    | st.sampled_from([10**400, 1 - 10**MAX_INTEGER_DIGITS, 2**63, -(2**63) - 1, 2**64, 1e308, -0.0, 5e-324])
)
times = st.sampled_from(
    [
        *("2026-11-24T10:00:00\x00", "2026-11-24\x0010:00:00Z", "2026-11-24\ud80010:00:00", "0000-01-01T00:00:00Z"),
        *(
            "10000-01-01T00:00:00Z",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-14:00",
            "0001-01-01",
            "9999-12-31",
        ),
        *("2026-11-24T10:00:00.123456789Z", "2026-11-24T24:00:00Z", "20261124T100000Z", "", "now", "１９９９-01-01"),
        *(10**17, 10**20 - 1, -1, 1e18, 253402300800, 1732442400.5, 0),
    ]
)
scalars = st.none() | st.booleans() | numbers | texts | times
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=12
)


@st.composite
def nested(draw: st.DrawFn) -> Any:
    """A value far down."""
    value = draw(scalars)
    for _ in range(draw(st.sampled_from([1, 100, 254, 300, 700]))):
        value = [value] if draw(st.booleans()) else {"a": value}
    return value


parts = values | nested()
raw_events = st.dictionaries(st.sampled_from(EVENT_FIELDS) | texts, parts, max_size=6)
likely_events = st.builds(
    track_call,
    st.sampled_from(["Order Completed", "Good"]) | texts,
    **dict.fromkeys(("properties", "context", "userId", "timestamp", "messageId"), parts),
)
likely_calls = st.builds(
    lambda call, fields: track_call(type=call) | fields,
    st.sampled_from(["track", "page", "screen", "identify", "group", "alias"]),
    raw_events,
)
anything = raw_events | likely_events | likely_calls | parts


def as_json(event: Any) -> bytes:
    return json.dumps(event).encode()


@pytest.mark.parametrize("environment", ["production", "staging"])
@pytest.mark.parametrize("wire", WIRES)
def test_any_event_leaves_twenty_verdicts(
    key: WriteKey, staging_key: WriteKey, order: Event, environment: str, wire: str
) -> None:
    chosen = key if environment == "production" else staging_key

    @settings(
        max_examples=max(EXAMPLES // (2 * len(WIRES)), 1),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        hostile=anything,
        place=st.integers(0, GOOD),
        sent_at=st.just("2026-11-24T10:00:00Z") | times | texts,
        path=st.sampled_from([path for path, call in WIRES[wire].paths.items() if not call]),
    )
    def leaves_twenty(hostile: Any, place: int, sent_at: Any, path: str) -> None:
        events = [as_json(track_call("Good")) for _ in range(GOOD)]
        events.insert(place, as_json(hostile))
        body = b'{"batch": [' + b", ".join(events) + b'], "sentAt": ' + as_json(sent_at) + b"}"
        with transaction.atomic():
            answer = post_body(chosen, body, path=f"/{path}")
            assert answer.status_code == 200, answer.content
            InboxBatch.objects.update(wire=wire)  # the two wires answer at the same paths
            assert process_inbox() == GOOD + 1
            assert not InboxBatch.objects.exists()
            assert not QuarantinedBatch.objects.exists()
            assert "unchecked" not in counts_by_verdict()
            totals = TrafficCount.objects.totals()
            history = sum(TrafficCount.objects.values_list("historical", flat=True))
            assert totals["count"] + totals["repeats"] + history == GOOD + 1
            for row in Sample.objects.all():
                json.dumps(row.event)
            transaction.set_rollback(True)

    leaves_twenty()
