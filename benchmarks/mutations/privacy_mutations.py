"""Privacy: masks, declared words, detection, pseudonyms."""

from __future__ import annotations

from benchmarks.mutations.mutation import Mutation

PRIVACY_MUTATIONS = (
    Mutation(
        name="privacy/secret-is-shown",
        file="tracking/traffic/privacy/masking.py",
        old="if sensitivity.hides or sensitivity == Sensitivity.NONE:",
        new="if sensitivity in (Sensitivity.PERSONAL, Sensitivity.NONE):",
        why="what is declared secret would be kept in clear outside production",
        tests=(
            "tests/traffic/privacy/test_masking.py",
            "tests/traffic/privacy/test_inherited_masks.py",
        ),
    ),
    Mutation(
        name="privacy/sensitivity-is-not-inherited",
        file="tracking/traffic/privacy/masking.py",
        old="return inherited if declared is None else Sensitivity.strictest([inherited, declared])",
        new="return Sensitivity.UNKNOWN if declared is None else Sensitivity.strictest([inherited, declared])",
        why="what lies inside a personal object would be kept in clear",
        tests=(
            "tests/traffic/privacy/test_masking.py",
            "tests/traffic/privacy/test_inherited_masks.py",
        ),
    ),
    Mutation(
        name="privacy/lists-under-a-sensitive-key",
        file="tracking/traffic/privacy/masking.py",
        old='f"{definition_path}/{ANY_INDEX}", sensitivity)',
        new='f"{definition_path}/{ANY_INDEX}")',
        why="a list of phone numbers would be kept in clear",
        tests=(
            "tests/traffic/privacy/test_masking.py",
            "tests/traffic/privacy/test_inherited_masks.py",
        ),
    ),
    Mutation(
        name="privacy/address-as-an-id",
        file="tracking/traffic/privacy/masking.py",
        old="if self.is_production or (isinstance(value, str) and is_sensitive_text(value)):",
        new="if self.is_production:",
        why="an e-mail address that serves as user id would be kept in clear in staging",
        tests=("tests/traffic/privacy/test_masking.py",),
    ),
    Mutation(
        name="privacy/long-text-is-harmless",
        file="catalog/contract/pii_detection.py",
        old="return len(text) > MAX_INSPECTED_CHARACTERS or next(",
        new="return len(text) <= MAX_INSPECTED_CHARACTERS and next(",
        why="a long text with an address in it would be kept in clear",
        tests=("tests/traffic/privacy/test_masking.py",),
    ),
    Mutation(
        name="privacy/wrong-card-digits",
        file="catalog/contract/card_numbers.py",
        old="digit * 2 - 9 if digit > 4 else digit * 2",
        new="digit * 2 - 9 if digit > 5 else digit * 2",
        why="card numbers with a 5 would not be known as such",
        tests=("tests/traffic/privacy/test_pii_detection.py", "tests/traffic/privacy/test_cards_and_other_numbers.py"),
    ),
    Mutation(
        name="privacy/annotations-of-items-ignored",
        file="catalog/sensitivity/sensitivity_annotations.py",
        old='_ITEM_KEYWORDS = ("items", "unevaluatedItems", "contains")',
        new='_ITEM_KEYWORDS = ("unevaluatedItems", "contains")',
        why="what a schema declares of the items of a list would be ignored",
        tests=(
            "tests/traffic/privacy/test_declared_sensitivity.py",
            "tests/catalog/test_sensitivity.py",
        ),
    ),
    Mutation(
        name="privacy/keys-with-a-slash",
        file="catalog/sensitivity/sensitivity_annotations.py",
        old="            yield child, escape_token(name)",
        new="            yield child, name",
        why="what is declared of a key with a slash would be ignored",
        tests=(
            "tests/traffic/privacy/test_declared_sensitivity.py",
            "tests/catalog/test_sensitivity.py",
        ),
    ),
    Mutation(
        name="privacy/open-versions-ignored",
        file="tracking/traffic/privacy/declared_sensitivity.py",
        old="if value.hides:",
        new="if value == Sensitivity.SECRET:",
        why="what a version on its way calls personal would be kept until it is live",
        tests=("tests/traffic/privacy/test_masking.py",),
    ),
    Mutation(
        name="privacy/one-key-for-all-hashes",
        file="tracking/traffic/privacy/pseudonyms.py",
        old="key=_derived_key(settings.SECRET_KEY, purpose)",
        new='key=_derived_key(settings.SECRET_KEY, "")',
        why="hashes of ids could be matched with hashes made for another purpose",
        tests=(
            "tests/traffic/privacy/test_masking.py",
            "tests/traffic/privacy/test_pseudonyms.py",
        ),
    ),
)
