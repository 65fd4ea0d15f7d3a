"""The glossary has a sentence for every word that the code makes people read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import TextChoices

from accounts import roles
from catalog import choices as catalog_choices
from tracking.quality import choices as quality_choices
from tracking.requests import choices as request_choices
from tracking.traffic import choices as traffic_choices

GLOSSARY = settings.BASE_DIR / "docs" / "glossary.md"
APPS = ("accounts", "catalog", "traffic", "profiling", "quality", "requests")
CHOICE_MODULES = (roles, catalog_choices, traffic_choices, quality_choices, request_choices)
EXPLAINED_VALUES = (
    catalog_choices.Status,
    quality_choices.FindingState,
    request_choices.DeliveryState,
    request_choices.Lane,
    request_choices.RequestState,
    traffic_choices.VerdictChoice,
)
"""Choices whose values are words of the product, too."""

ENTRY = re.compile(r"- \*\*(?P<word>[^*]+)\*\*: (?P<meaning>.+)")


def words_of(class_name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", class_name).lower()


def expected_words() -> Iterator[str]:
    for app in APPS:
        yield from (words_of(model.__name__) for model in apps.get_app_config(app).get_models())
    for module in CHOICE_MODULES:
        for found in vars(module).values():
            is_choices = isinstance(found, type) and issubclass(found, TextChoices)
            if is_choices and found.__module__ == module.__name__:
                yield words_of(found.__name__)
    for values in EXPLAINED_VALUES:
        yield from (value.replace("_", " ") for value in values.values)


def entries() -> list[re.Match[str]]:
    lines = [line for line in GLOSSARY.read_text().splitlines() if line.startswith("- ")]
    found = [ENTRY.fullmatch(line) for line in lines]
    assert None not in found, "An entry is one line: - **word**: A sentence."
    return [match for match in found if match is not None]


def test_every_model_choice_and_state_has_an_entry() -> None:
    expected = set(expected_words())
    missing = sorted(expected - {entry["word"] for entry in entries()})
    assert len(expected) > 60
    assert not missing, f"docs/glossary.md lacks {missing}: say in one sentence of your own what each is."


def test_each_word_has_one_entry() -> None:
    counts = Counter(entry["word"].lower() for entry in entries())
    assert [word for word, count in counts.items() if count > 1] == []


def test_an_entry_is_one_sentence() -> None:
    meanings = [entry["meaning"] for entry in entries()]
    assert [meaning for meaning in meanings if not meaning.endswith(".") or ". " in meaning] == []


@pytest.mark.parametrize("page", ["README.md", "docs/architecture.md"])
def test_it_is_found_from(page: str) -> None:
    assert "glossary.md" in (settings.BASE_DIR / page).read_text()
