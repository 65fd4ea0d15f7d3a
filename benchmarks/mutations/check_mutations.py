"""The check: binding resolution, deduplication, limits, the queue, counts."""

from __future__ import annotations

from benchmarks.mutations.mutation import Mutation

CHECK_MUTATIONS = (
    Mutation(
        name="check/own-version-not-reached",
        file="catalog/resolution/binding_resolver.py",
        old="if binding.since_key <= version_key]",
        new="if binding.since_key < version_key]",
        why="the very app version that carries a change would be held against the old one",
        tests=("tests/catalog/test_binding_resolver.py",),
    ),
    Mutation(
        name="check/oldest-binding-reached",
        file="catalog/resolution/binding_resolver.py",
        old="return max(reached, key=",
        new="return min(reached, key=",
        why="new apps would be held against the first version for ever",
        tests=("tests/catalog/test_binding_resolver.py",),
    ),
    Mutation(
        name="check/imported-numbers-ignored",
        file="catalog/resolution/binding_resolver.py",
        old="version for version in approved if named_version in (version.origin_version, version.number_text)",
        new="version for version in approved if named_version == version.number_text",
        why="events that name a version of the old tool would be held against another",
        tests=(
            "tests/catalog/test_binding_resolver.py",
            "tests/traffic/check/test_check.py",
        ),
    ),
    Mutation(
        name="check/repeat-in-one-body-counts",
        file="tracking/traffic/check/dedup.py",
        old="            new_keys.remove(key)",
        new="            pass",
        why="an id that comes twice in one body would count twice",
        tests=("tests/traffic/check/test_deduplication.py",),
    ),
    Mutation(
        name="check/resent-counts-twice",
        file="tracking/traffic/check/unchecked_events.py",
        old="count=-count,\n                late",
        new="count=0,\n                late",
        why="what is sent again from quarantine would stay counted as unchecked, too",
        tests=("tests/traffic/check/test_quarantine.py",),
    ),
    Mutation(
        name="check/late-by-the-server-s-clock",
        file="catalog/contract/event_time.py",
        old="lag = sent - occurred\n        if",
        new="lag = received_at - occurred\n        if",
        why="a phone whose clock is wrong by years would always be late",
        tests=("tests/traffic/check/test_check.py",),
    ),
    Mutation(
        name="check/resent-is-a-repeat",
        file="tracking/traffic/check/dedup.py",
        old="if batch.counted is not None or parsed.event is None:",
        new="if parsed.event is None:",
        why="what is sent again from quarantine would be dropped as a repeat of itself",
        tests=("tests/traffic/check/test_quarantine.py",),
    ),
    Mutation(
        name="check/limit-admits-one-more",
        file="tracking/traffic/check/cardinality_limits.py",
        old="if used_counts[limit_key] < limits[LimitKind(value.kind)]:",
        new="if used_counts[limit_key] <= limits[LimitKind(value.kind)]:",
        why="each source could bring one name more than the setting says",
        tests=("tests/traffic/check/test_cardinality_limits.py",),
    ),
    Mutation(
        name="check/a-shared-failure-costs-an-attempt",
        file="tracking/traffic/check/inbox_queue.py",
        old="batch.attempts += batch.is_alone",
        new="batch.attempts += 1",
        why="a good batch would be quarantined for its bad neighbours",
        tests=("tests/traffic/check/test_inbox.py",),
    ),
    Mutation(
        name="check/large-body-never-claimed",
        file="tracking/traffic/check/inbox_queue.py",
        old="if batch_ids and total_bytes > MAX_CLAIM_BYTES:",
        new="if total_bytes > MAX_CLAIM_BYTES:",
        why="a body above the claim size would wait for ever",
        tests=("tests/traffic/check/test_inbox.py",),
    ),
    Mutation(
        name="check/page-counts-under-any-name",
        file="tracking/traffic/check/seen_names.py",
        old="key = candidate_keys(event)[-1]",
        new="key = candidate_keys(event)[0]",
        why="each title of an undefined page would be a name of its own",
        tests=("tests/traffic/check/test_check.py",),
    ),
    Mutation(
        name="check/second-fold-forgets-late",
        file="tracking/traffic/counts/rollups.py",
        old="late = rollup.late + excluded.late,",
        new="late = excluded.late,",
        why="an hour would forget its late events with the next fold",
        tests=("tests/traffic/counts/test_rollups.py",),
    ),
)
