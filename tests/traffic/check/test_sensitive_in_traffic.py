"""Personal data and secrets on the whole way: told by kind, counted, and never kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from catalog.contract.json.json_parser import parse_json
from catalog.models import Event, Source, WriteKey
from tests.factories.catalog import EventFactory, definition
from tests.factories.traffic import counts_by_verdict, post_batch, process_inbox, track_call
from tracking.quality.explanations import explain
from tracking.quality.models import Finding
from tracking.traffic.check.dry_run import dry_run_events
from tracking.traffic.models import Sample

pytestmark = pytest.mark.django_db

TOKEN = "glpat-aaaaaaaaaaaaaaaaaaaa"


@pytest.mark.parametrize("is_production", [True, False])
def test_personal_data_is_a_warning_and_a_secret_an_error(
    key: WriteKey, staging_key: WriteKey, order: Event, is_production: bool
) -> None:
    used = key if is_production else staging_key
    post_batch(
        used,
        track_call(properties={"total": 1, "coupon": "of anna@example.org"}),
        track_call(properties={"total": 2, "coupon": TOKEN}),
        track_call(properties={"total": 3}),
    )
    process_inbox()

    assert counts_by_verdict() == {"conforming": 2, "nonconforming": 1}
    (finding,) = Finding.objects.filter(rule="sensitive")
    assert (finding.path, finding.count) == ("/properties/coupon", 2)
    kept = json.dumps([[sample.event, sample.violations] for sample in Sample.objects.all()])
    explanation = explain(finding)
    told = f"{explanation.what} {explanation.next} {finding.came}"
    for value in ("anna", TOKEN):
        assert value not in kept
        assert value not in told


def test_a_declared_property_is_not_told(key: WriteKey, shop: Source) -> None:
    document = definition(
        name="Signed Up",
        schema={
            "type": "object",
            "properties": {
                "mail": {"type": "string", "sensitivity": "personal"},
                "public": {"type": "string", "sensitivity": "none"},
                "other": {"type": "string"},
            },
        },
    )
    EventFactory.create(name="Signed Up", definition=document, sources=[shop], is_live=True)
    post_batch(key, track_call("Signed Up", properties=dict.fromkeys(("mail", "public", "other"), "anna@example.org")))
    process_inbox()
    assert [finding.path for finding in Finding.objects.filter(rule="sensitive")] == ["/properties/other"]


def test_a_dry_run_tells_it_too(shop: Source, order: Event) -> None:
    event: dict[str, Any] = track_call(properties={"total": 1, "coupon": TOKEN}, userId="anna@example.org")
    (result,) = dry_run_events(shop, "production", [parse_json(json.dumps(event).encode())])
    told = [(found.path, found.severity.value) for found in result.result.violations if found.rule == "sensitive"]
    assert told == [("/properties/coupon", "error"), ("/user_id", "warning")]
    assert result.result.verdict == "nonconforming"
    assert "anna" not in json.dumps(result.as_json())
