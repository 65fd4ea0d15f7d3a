"""Background tasks of requests: deliveries go live when production proves them, imports run."""

import structlog
from celery import shared_task
from django.db.models import Exists, F, OuterRef

from accounts.models import User
from accounts.preconditions import UnmetConditionsError
from catalog.choices import Environment
from catalog.models import ImportRun
from catalog.services.imports.import_runs import fail_abandoned_imports
from tracking.requests.authoring.import_requests import run_import
from tracking.requests.choices import DeliveryState, EvidenceStage
from tracking.requests.models import Delivery, Evidence
from tracking.requests.models.delivery import DeliveryQuerySet
from tracking.requests.workflow.available_steps import automatic_step_blockers
from tracking.requests.workflow.transition_service import move_delivery

log = structlog.get_logger(__name__)


def provable() -> DeliveryQuerySet:
    """Return the tested deliveries that production has sent proof events of since."""
    proof = Evidence.objects.filter(
        delivery=OuterRef("pk"),
        round=OuterRef("round"),
        stage=EvidenceStage.TESTED,
        environment=Environment.PRODUCTION,
        proving__gt=0,
        last_seen__gte=F("delivery__tested_at"),
    )
    rows: DeliveryQuerySet = Delivery.objects.filter(Exists(proof), state=DeliveryState.TESTED)
    return rows.select_related("source", "change__request", "change__event", "change__version__parent").order_by("id")


@shared_task(name="requests.advance_deliveries")
def advance_deliveries() -> int:
    """Let each delivery that production proves go live, in a transaction of its own; return how many did.

    Safe to run twice, and twice at once: a delivery that another run moved, or that changed meanwhile, is left
    as it is, and one that fails keeps no other from going live.
    """
    moved = 0
    system = User.objects.system()
    for delivery in provable():
        try:
            if automatic_step_blockers(delivery):
                continue
            move_delivery(delivery, DeliveryState.LIVE, by=system)
        except UnmetConditionsError as error:
            log.info("delivery.not_moved", delivery=delivery.pk, unmet=[unmet.code for unmet in error.unmet])
        except Exception:  # Whatever it was, it is this delivery's own: the others are still moved.
            log.exception("delivery.failed", delivery=delivery.pk)
        else:
            moved += 1
    return moved


@shared_task(name="requests.run_import")
def run_import_task(run_id: int) -> None:
    """Carry out an import: a dry run, a baseline, or one request with all that it brings. Again: changes nothing.

    Raises whatever was not foreseen, after the run has been marked as failed.
    """
    run = ImportRun.objects.filter(pk=run_id).first()
    if run is None:
        log.info("import.gone", run=run_id)
        return
    run_import(run)


@shared_task(name="requests.fail_abandoned_imports")
def fail_abandoned_imports_task() -> int:
    """Mark imports as failed that no process works on any more; return how many."""
    count = fail_abandoned_imports()
    if count:
        log.warning("import.abandoned", count=count)
    return count
