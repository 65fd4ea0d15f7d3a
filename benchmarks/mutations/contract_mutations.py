"""The contract core: numbers, comparisons, closed schemas, verdicts."""

from __future__ import annotations

from benchmarks.mutations.mutation import Mutation

CONTRACT_MUTATIONS = (
    Mutation(
        name="contract/minor-keeps-patch",
        file="catalog/contract/versions/version_number.py",
        old="return VersionNumber(parent.major, parent.minor + 1, 0)",
        new="return VersionNumber(parent.major, parent.minor + 1, parent.patch)",
        why="1.2.3 with a new optional property would become 1.3.3",
        tests=("tests/contract/versions/test_version_number.py",),
    ),
    Mutation(
        name="contract/release-sorts-as-prerelease",
        file="catalog/contract/versions/app_version_order.py",
        old='return padded + "f"',
        new='return padded + "0"',
        why="2.5.0 would not come after 2.5.0-rc.1",
        tests=("tests/contract/versions/test_app_version_order.py",),
    ),
    Mutation(
        name="contract/prerelease-counter-as-text",
        file="catalog/contract/versions/app_version_order.py",
        old='return f"0{len(digits):02d}{digits}"',
        new='return f"0{digits}"',
        why="rc.10 would come before rc.9",
        tests=("tests/contract/versions/test_app_version_order.py",),
    ),
    Mutation(
        name="contract/compatible-is-patch",
        file="catalog/contract/comparison/compatibility.py",
        old='ComparisonOutcome.COMPATIBLE, VersionBump.MINOR, reason="Every event',
        new='ComparisonOutcome.COMPATIBLE, VersionBump.PATCH, reason="Every event',
        why="a new optional property would be numbered as mere words",
        tests=("tests/contract/comparison/test_compatibility.py",),
    ),
    Mutation(
        name="contract/counterexample-never-valid",
        file="catalog/contract/comparison/compatibility.py",
        old="if before.accepts(value) and not after.accepts(value):",
        new="if not after.accepts(value):",
        why="the payload that shows a break would have been refused before, too",
        tests=("tests/contract/comparison/test_compatibility.py",),
    ),
    Mutation(
        name="contract/only-the-common-contract",
        file="catalog/contract/comparison/compatibility.py",
        old="for source in (None, *named_sources(old, new)))",
        new="for source in (None,))",
        why="a break for one source alone would pass as compatible",
        tests=("tests/contract/comparison/test_compatibility.py",),
    ),
    Mutation(
        name="contract/smallest-of-the-comparisons",
        file="catalog/contract/comparison/compatibility.py",
        old="return max(comparisons, key=",
        new="return min(comparisons, key=",
        why="the mildest part would decide the number",
        tests=("tests/contract/comparison/test_compatibility.py",),
    ),
    Mutation(
        name="contract/unevaluated-is-not-explicit",
        file="catalog/contract/schema/closed_schema.py",
        old='is_explicit = "additionalProperties" in schema or "unevaluatedProperties" in schema',
        new='is_explicit = "additionalProperties" in schema',
        why="a schema that spells out unevaluatedProperties would be closed all the same",
        tests=(
            "tests/contract/validation/test_verdicts.py",
            "tests/contract/schema/test_closed_schema.py",
        ),
    ),
    Mutation(
        name="contract/branches-are-closed-one-by-one",
        file="catalog/contract/schema/closed_schema.py",
        old='keyword = "unevaluatedProperties" if _BRANCHING_KEYWORDS & schema.keys() else "additionalProperties"',
        new='keyword = "additionalProperties"',
        why="a property that a branch of allOf names would be unknown",
        tests=(
            "tests/contract/validation/test_verdicts.py",
            "tests/contract/schema/test_closed_schema.py",
        ),
    ),
    Mutation(
        name="contract/doubtful-keys-are-certain",
        file="catalog/contract/validation/part_validator.py",
        old="(doubtful if tokens[-1] in known_keys else certain)",
        new="(certain if tokens[-1] in known_keys else doubtful)",
        why="a wrong value would make known keys around it unknown",
        tests=("tests/contract/validation/test_verdicts.py",),
    ),
    Mutation(
        name="contract/malformed-hides-its-namesakes",
        file="catalog/contract/validation/compiled_contract.py",
        old='path == ancestor or path.startswith(ancestor + "/")',
        new="path.startswith(ancestor)",
        why="a damaged `total` would hide what `total_tax` breaks",
        tests=(
            "tests/contract/validation/test_verdicts.py",
            "tests/contract/validation/test_evil_events.py",
            "tests/contract/validation/test_malformed_events.py",
        ),
    ),
    Mutation(
        name="contract/damaged-is-valid",
        file="catalog/contract/validation/compiled_contract.py",
        old="return not event.parse_errors and all(",
        new="return all(",
        why="an event that no strict parser reads would conform",
        tests=(
            "tests/contract/validation/test_verdicts.py",
            "tests/contract/validation/test_evil_events.py",
        ),
    ),
    Mutation(
        name="contract/absent-stays-required",
        file="catalog/contract/definition/definition_document.py",
        old='parent["required"] = [other for other in parent["required"] if other != key]',
        new='parent["required"] = list(parent["required"])',
        why="a source without a property would have to send it",
        tests=("tests/contract/test_property_listing.py",),
    ),
    Mutation(
        name="contract/other-number-keys",
        file="catalog/contract/validation/violation_paths.py",
        old="_INTEGER_KEY.fullmatch(key) and int(key) == token",
        new="_INTEGER_KEY.fullmatch(key) and int(key) >= token",
        why="a violation under the key 007 would be told of another key",
        tests=(
            "tests/contract/validation/test_verdicts.py",
            "tests/contract/validation/test_violation_keys.py",
        ),
    ),
)
