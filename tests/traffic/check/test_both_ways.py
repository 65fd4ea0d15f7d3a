"""Any body whatever leaves the same on both ways of the check: counts, samples, findings, evidence and quarantine."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.utils import timezone

from benchmarks.soak.fuzz.schema_payloads import random_schema
from catalog.contract import InvalidDefinition, compile_contract
from catalog.contract.fast_path.fast_contract import FastContract
from catalog.contract.fast_path.not_fast import NotFast
from catalog.models import Source
from tests.factories.catalog import EventFactory, definition
from tests.factories.requests import RequestFactory
from tests.traffic.check.chance_bodies import chance_bodies
from tests.traffic.check.claim_outcome import outcome_of

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]

EVENTS = 250
Described = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def described(shop: Source) -> Described:
    """The names that the shop sends, with the schemas of their properties: most of them are fast."""
    random = Random("definitions")
    found: Described = [("Product Viewed", definition()["schema"])] * 8
    EventFactory.create(name="Product Viewed", sources=[shop], is_live=True)
    while len(found) < 16:
        name, schema = f"Chance {len(found)}", random_schema(random)
        document = definition(name, schema=schema)
        if len(found) % 4 == 3:
            document["context"] = {"type": "object", "properties": {"app": {"type": "object"}}, "required": ["app"]}
            document["traits"] = {"type": "object", "properties": {"plan": {"type": "string", "deprecated": True}}}
        try:
            FastContract(compile_contract(document))
        except (InvalidDefinition, NotFast):
            continue
        EventFactory.create(name=name, definition=document, sources=[shop], is_live=True)
        found.append((name, schema))
    return found


@pytest.mark.parametrize(("seed", "is_history"), [*((seed, False) for seed in range(7)), (7, True)])
def test_whatever_comes_leaves_the_same(
    shop: Source, described: Described, seed: int, is_history: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = Random(seed)
    lifecycle = RequestFactory.tested() if seed % 2 else RequestFactory.developed()
    delivered = [(lifecycle.change.name, definition()["schema"]), ("Order Completed", definition()["schema"])]
    bodies = [
        (source, random.choice(("production", "staging")), body)
        for source, names, count in ((shop, described, EVENTS), (lifecycle.sources[0], delivered, EVENTS // 4))
        for body in chance_bodies(f"{source} {seed}", names, count)
    ]
    random.shuffle(bodies)
    received_at = timezone.now() + timedelta(hours=1)  # after the steps of the delivery
    fast, accepted = outcome_of(bodies, monkeypatch, is_fast=True, is_history=is_history, received_at=received_at)
    ordinary, none = outcome_of(bodies, monkeypatch, is_fast=False, is_history=is_history, received_at=received_at)
    for table, rows in ordinary.items():
        assert fast[table] == rows, table
    assert none == 0
    assert accepted > EVENTS / 6, accepted
    expected = {"RollupDelta"} if is_history else {"RollupDelta", "Sample", "Finding", "Evidence", "EvidenceProperty"}
    assert all(ordinary[table] for table in expected)
