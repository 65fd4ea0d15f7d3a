"""Evidence: what is recorded, added up, and required."""

from __future__ import annotations

from benchmarks.mutations.mutation import Mutation

EVIDENCE_MUTATIONS = (
    Mutation(
        name="evidence/evidence-from-before",
        file="tracking/requests/evidence/recording/aggregation.py",
        old="if checked.event_time >= target.since and _is_validated_against(",
        new="if _is_validated_against(",
        why="events that happened or were received before the step would count for it",
        tests=(
            "tests/requests/evidence/test_evidence_recorder.py",
            "tests/requests/evidence/test_evidence_limits.py",
        ),
    ),
    Mutation(
        name="evidence/own-app-version-does-not-reach",
        file="tracking/requests/evidence/recording/aggregation.py",
        old="event_key is not None and event_key >= required_key",
        new="event_key is not None and event_key > required_key",
        why="the app version that carries a change would not prove it",
        tests=(
            "tests/requests/evidence/test_evidence_recorder.py",
            "tests/requests/workflow/test_verification_guards.py",
            "tests/requests/evidence/test_evidence_limits.py",
        ),
    ),
    Mutation(
        name="evidence/any-event-lights-an-update",
        file="tracking/requests/evidence/recording/aggregation.py",
        old="target.stage == EvidenceStage.REVIEWED and target.parent_id is None",
        new="target.stage == EvidenceStage.REVIEWED",
        why="events of the old version would look as if the update were built",
        tests=("tests/requests/evidence/test_pre_build_evidence.py",),
    ),
    Mutation(
        name="evidence/difference-with-warnings",
        file="tracking/requests/evidence/recording/aggregation.py",
        old=("    if result.violations:\n"),
        new=("    if result.errors:\n"),
        why="an event with an unknown property would prove a version that does not know it",
        tests=(
            "tests/requests/evidence/test_evidence_recorder.py",
            "tests/requests/workflow/test_production_proof.py",
            "tests/requests/evidence/test_evidence_limits.py",
        ),
    ),
    Mutation(
        name="evidence/one-id-too-many",
        file="tracking/requests/evidence/recording/recorder.py",
        old="if remaining_for_group <= 0:",
        new="if remaining_for_group < 0:",
        why="more ids would be kept than the setting says",
        tests=("tests/requests/workflow/test_verification_guards.py",),
    ),
    Mutation(
        name="evidence/proof-begins-late",
        file="tracking/requests/evidence/recording/recorder.py",
        old='"proving_first": "LEAST",',
        new='"proving_first": "GREATEST",',
        why="a proof would forget when it began with each batch",
        tests=(
            "tests/requests/evidence/test_evidence_recorder.py",
            "tests/requests/workflow/test_production_proof.py",
            "tests/requests/evidence/test_evidence_limits.py",
        ),
    ),
    Mutation(
        name="evidence/all-time-instead-of-a-day",
        file="tracking/requests/evidence/summaries.py",
        old="if newest and row.last_seen > newest - RECENT_PERIOD]",
        new="if newest]",
        why="faults of last week would hold back what is right today",
        tests=(
            "tests/requests/workflow/test_production_proof.py",
            "tests/requests/evidence/test_evidence_limits.py",
        ),
    ),
    Mutation(
        name="evidence/supplied-elsewhere-must-be-seen",
        file="tracking/requests/evidence/summaries.py",
        old="        and line.path not in not_sent\n",
        new="",
        why="a property that the data side adds would never be seen, and nothing verified",
        tests=(
            "tests/requests/workflow/test_verification_guards.py",
            "tests/requests/evidence/test_evidence_recorder.py",
        ),
    ),
    Mutation(
        name="evidence/volume-not-split-by-source",
        file="tracking/requests/evidence/thresholds.py",
        old="ceil(EXPECTED_VOLUME_DAYS * expected_per_day / max(1, source_count))",
        new="ceil(EXPECTED_VOLUME_DAYS * expected_per_day)",
        why="each of two sources would have to bring the volume of both",
        tests=("tests/requests/workflow/test_production_proof.py",),
    ),
    Mutation(
        name="evidence/only-the-first-item-is-read",
        file="catalog/contract/json/pointers.py",
        old="inner = value if token == ANY_INDEX else ()",
        new="inner = value[:1] if token == ANY_INDEX else ()",
        why="a property that later items alone have would count as not seen",
        tests=("tests/requests/evidence/test_evidence_recorder.py",),
    ),
    Mutation(
        name="evidence/hidden-is-conforming",
        file="tracking/requests/evidence/samples/sample_dry_run.py",
        old="return None, violations",
        new="return Verdict.CONFORMING, violations",
        why="what a mask hides would be told as conforming",
        tests=("tests/requests/evidence/test_replay.py",),
    ),
)
