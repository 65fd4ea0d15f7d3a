"""Rows of arriving traffic, one file a noun."""

from tracking.traffic.models.dedup_key import DedupKey, DedupRotation, EarlierDedupKey
from tracking.traffic.models.distinct_value import HourlyDistinctValue
from tracking.traffic.models.inbox import InboxBatch, QuarantinedBatch
from tracking.traffic.models.refused_request import RefusedRequest
from tracking.traffic.models.rollup import Rollup, RollupDelta, TrafficCount
from tracking.traffic.models.sample import Sample
from tracking.traffic.models.seen_name import SeenName
from tracking.traffic.models.throttled_key import RateUse, ThrottledKey
from tracking.traffic.models.waiting_wake_up import WaitingWakeUp
from tracking.traffic.models.worker_beat import WorkerBeat

__all__ = [
    "DedupKey",
    "DedupRotation",
    "EarlierDedupKey",
    "HourlyDistinctValue",
    "InboxBatch",
    "QuarantinedBatch",
    "RateUse",
    "RefusedRequest",
    "Rollup",
    "RollupDelta",
    "Sample",
    "SeenName",
    "ThrottledKey",
    "TrafficCount",
    "WaitingWakeUp",
    "WorkerBeat",
]
