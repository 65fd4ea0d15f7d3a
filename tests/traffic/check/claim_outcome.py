"""All that the check of one claim leaves in the database, comparable with what another check of the same leaves."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from catalog.contract.fast_path.fast_batch import conforming_event
from catalog.contract.text_memory import TextMemory
from catalog.models import Source
from tracking.quality.models import Finding
from tracking.requests.models import Evidence, EvidenceDevice, EvidenceId, EvidenceProperty
from tracking.traffic.check import evaluation, event_ways, text_budget, worker
from tracking.traffic.check.id_spellings import SpellingMemory
from tracking.traffic.check.inbox_queue import Claim
from tracking.traffic.models import InboxBatch, QuarantinedBatch, RollupDelta, Sample

# Numbers that a sequence drew, and moments at which a row was written.
_UNLIKE = {"id", "quarantined_at", "created_at", "updated_at", "seen_name", "resent_at"}


def outcome_of(
    bodies: Sequence[tuple[Source, str, bytes]],
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_fast: bool,
    is_history: bool = False,
    received_at: datetime,
) -> tuple[dict[str, list[Any]], int]:
    """Check bodies of sources and environments as one claim, and take all of it back.

    Returns what it left, by table, and how many events were accepted by the fast path, which `is_fast` switches on.
    Chance draws the same every time, and nothing is known of texts and ids.
    """
    accepted: list[object] = []

    def count(*arguments: Any, **options: Any) -> Any:
        event = conforming_event(*arguments, **options)
        if event is not None:
            accepted.append(event)
        return event

    with monkeypatch.context() as patch, transaction.atomic():
        patch.setattr(settings, "CHECK_FAST_PATH", is_fast)
        patch.setattr(event_ways, "conforming_event", count)
        patch.setattr(evaluation, "randrange", lambda stop: stop // 2)
        patch.setattr(text_budget, "text_memory", TextMemory())
        patch.setattr(worker, "spelling_memory", SpellingMemory())
        random.seed(1)
        lease = uuid.uuid4()
        for source, environment, body in bodies:
            InboxBatch.objects.create(
                source=source,
                environment=environment,
                wire="segment",
                body=body,
                size=len(body),
                event_count=body.count(b'"type"') or 1,
                received_at=received_at,
                is_history=is_history,
                lease=lease,
                leased_until=timezone.now() + timedelta(minutes=5),
            )
        worker.check_claim(Claim(lease, is_alone=False))
        outcome = {
            model.__name__: _rows(model._default_manager.all())
            for model in (RollupDelta, Finding, Evidence, EvidenceId, EvidenceDevice, EvidenceProperty)
        }
        outcome["QuarantinedBatch"] = _rows(QuarantinedBatch.objects.all())
        outcome["InboxBatch"] = _rows(InboxBatch.objects.defer("lease", "leased_until"))
        outcome["Sample"] = _rows(Sample.objects.order_by("id"), is_sorted=False)
        transaction.set_rollback(True)
    return outcome, len(accepted)


def _rows(rows: Iterable[models.Model], *, is_sorted: bool = True) -> list[Any]:
    """Return rows as texts: to Python 1 is 1.0 and true."""
    found = [repr(_comparable(row)) for row in rows]
    return sorted(found) if is_sorted else found


def _comparable(row: models.Model) -> dict[str, Any]:
    values = {
        field.name: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.name not in _UNLIKE and not (field.name == "counted" and isinstance(row, QuarantinedBatch))
    }
    if (name := getattr(row, "seen_name", None)) is not None:
        values["name"] = (name.call, name.name)
    return values
