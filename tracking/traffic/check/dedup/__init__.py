"""Deduplication: which events came before, for the same source and environment, within a day.

`event_hashes` says what an event is known by, `decision` which of a set are repeats, given what is stored,
`stored_keys` finds and writes what is stored, `rotation` forgets it by whole tables, and `marking` is what the check
calls.
"""

from tracking.traffic.check.dedup.marking import mark_repeats, mark_reused_ids

__all__ = ["mark_repeats", "mark_reused_ids"]
