"""Where a definition contradicts the property library: another type, or another spelling of the same words."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.contract import fold_name
from catalog.contract.json.pointers import path_label
from catalog.contract.property_listing import type_label
from catalog.contract.property_types import PropertyType, property_types, types_contradict
from catalog.models import Property

ANOTHER_TYPE, ANOTHER_SPELLING = "library_type", "library_name"


@dataclass(frozen=True, slots=True)
class LibraryWarning:
    """What contradicts the library: a code, where, and a sentence."""

    code: str
    path: str
    detail: str


def document_warnings(
    pairs: Sequence[tuple[dict[str, Any], dict[str, Any] | None]],
) -> list[list[LibraryWarning]]:
    """Return what each definition says anew that contradicts the library; one query for all of them.

    Of each pair the first is a valid definition, the second that which it builds on (None for a first one): what is
    already there is not told again.
    """
    listed = [(property_types(document), property_types(base) if base else []) for document, base in pairs]
    known = _entries_by_folding(name.name for pair in listed for part in pair for name in part)
    answers = []
    for properties, before in listed:
        told_before = set(_warnings(before, known))
        answers.append([each for each in _warnings(properties, known) if each not in told_before])
    return answers


def property_warnings(properties: Collection[PropertyType]) -> list[LibraryWarning]:
    """Return where properties contradict the library; one query."""
    return list(_warnings(properties, _entries_by_folding(each.name for each in properties)))


def _entries_by_folding(names: Iterable[str]) -> dict[str, list[Property]]:
    folded = {fold_name(name) for name in names}
    entries: dict[str, list[Property]] = {}
    if folded:
        for entry in Property.objects.filter(folded_name__in=folded).only("name", "schema", "folded_name"):
            entries.setdefault(entry.folded_name, []).append(entry)
    return entries


def _warnings(properties: Iterable[PropertyType], known: dict[str, list[Property]]) -> Iterable[LibraryWarning]:
    for each in properties:
        alike = known.get(fold_name(each.name), [])
        entry = next((entry for entry in alike if entry.name == each.name), None)
        if entry is not None:
            library_type = type_label(entry.schema, entry.schema)
            if types_contradict(each.type_label, library_type):
                detail = (
                    f"{path_label(each.path)} is {library_type} in the property library, and {each.type_label} here."
                )
                yield LibraryWarning(ANOTHER_TYPE, each.path, detail)
        elif alike:
            detail = (
                f"{path_label(each.path)} is another spelling of {alike[0].name}, which the property library has. Use "
                "that name, so that both are one."
            )
            yield LibraryWarning(ANOTHER_SPELLING, each.path, detail)
