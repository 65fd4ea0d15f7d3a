"""Signs of life in the database: written by workers and the schedule, read by `/readyz` on whatever machine."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from runtime.supervision.worker_pulse import WorkerState
from tracking.traffic.models import InboxBatch, WorkerBeat

SCHEDULE = "schedule"
"""The name of the beat that the schedule leaves; it stands in the place of a queue, too."""

QUEUES = ("check", "periodic", "jobs")
LATE = "late: "
"""How the words of a part begin that works and is behind. All other words but `ok` say that it does not work."""

SILENT_AFTER = timedelta(seconds=8)
"""A worker writes every two seconds. One that has not for so long is dead, or cannot reach the database."""

SCHEDULE_SILENT_AFTER = timedelta(seconds=30)


def record_worker_beat(name: str, queue: str, state: str, task: str) -> None:
    """Write that the worker `name` of a queue lives, and what its main thread is at. Raises what the database does."""
    WorkerBeat.objects.update_or_create(
        name=name[:200], defaults={"queue": queue, "state": state, "task": task[:100], "at": timezone.now()}
    )


def delete_old_beats(*, before: datetime) -> None:
    """Forget the workers of which nothing was heard since."""
    WorkerBeat.objects.filter(at__lt=before).delete()


def queue_parts(at: datetime) -> dict[str, str]:
    """Return of each queue and of the schedule whether it is alive at that time: `ok`, or what is wrong."""
    beats = list(WorkerBeat.objects.filter(queue__in=(*QUEUES, SCHEDULE)))
    parts = {queue: _queue_part([beat for beat in beats if beat.queue == queue], at) for queue in QUEUES}
    is_periodic_busy = any(beat.queue == "periodic" and beat.state == WorkerState.BUSY for beat in beats)
    parts[SCHEDULE] = _schedule_part([beat for beat in beats if beat.queue == SCHEDULE], at, is_periodic_busy)
    return parts


def inbox_part(at: datetime, late_after: timedelta) -> str:
    """Return `ok`, or a part that is late where what has waited longest in the inbox has waited too long."""
    oldest = InboxBatch.objects.order_by("id").values_list("received_at", flat=True).first()
    if oldest is None or at - oldest <= late_after:
        return "ok"
    return f"{LATE}what has waited longest came {(at - oldest).total_seconds():.0f} seconds ago"


def _queue_part(beats: Sequence[WorkerBeat], at: datetime) -> str:
    """Return `ok` where one of the workers of a queue works."""
    if not beats:
        return "no worker has started"
    alive = [beat for beat in beats if at - beat.at <= SILENT_AFTER]
    if not alive:
        return f"no worker has been heard of for {_seconds_since(beats, at)} seconds"
    if all(WorkerState(beat.state).is_lost for beat in alive):
        return f"its worker is {alive[0].state}" + (f" at {alive[0].task}" if alive[0].task else "")
    return "ok"


def _schedule_part(beats: Sequence[WorkerBeat], at: datetime, is_periodic_busy: bool) -> str:
    """Return `ok` where messages of the schedule arrive; late where the worker that takes them has long work."""
    if not beats:
        return "has not started"
    if at - beats[0].at <= SCHEDULE_SILENT_AFTER:
        return "ok"
    return f"{LATE if is_periodic_busy else ''}has not been heard of for {_seconds_since(beats, at)} seconds"


def _seconds_since(beats: Sequence[WorkerBeat], at: datetime) -> int:
    return round((at - max(beat.at for beat in beats)).total_seconds())
