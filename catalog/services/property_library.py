"""The property library: saves entries, finds those that a definition uses, and compares the two."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.history import record
from accounts.models import Team, User
from accounts.permissions import require
from accounts.roles import Capability
from accounts.services.saved_rows import lock_curated_names, similar_name_message, write_validated
from catalog.choices import Origin, Sensitivity
from catalog.contract import (
    LintSeverity,
    PropertySummary,
    clean_name,
    find_problems,
    fold_name,
    json_equal,
    lint_definition,
    list_properties,
)
from catalog.contract.json.pointers import ABSENT
from catalog.contract.schema.subschemas import ANNOTATIONS
from catalog.models import Property


class PropertyFields(TypedDict, total=False):
    """The fields of a library entry that can be saved."""

    name: str
    description: str
    schema: dict[str, Any]
    examples: list[Any]
    unit: str
    sensitivity: Sensitivity | str
    origin: Origin | str
    owner_team: Team | None
    is_sample: bool


@dataclass(frozen=True, slots=True)
class LibraryDifference:
    """A constraint on which a definition and the library differ; None for the side that does not state it."""

    keyword: str
    library: Any
    definition: Any


@transaction.atomic
def save_property(
    entry: Property | None = None, *, by: User, at: datetime | None = None, **fields: Unpack[PropertyFields]
) -> Property:
    """Create a library entry (`entry` is None) or change one, and return it.

    No definition changes with it. A stricter sensitivity hides values of the property at once, in every version that
    has it; a looser one shows nothing by itself (see `catalog.sensitivity.version_sensitivity`). History records both.

    Raises Forbidden if `by` may not curate the catalog for the entry's team (the old one and the new one), and
    ValidationError if the name is empty, taken (also by somebody who saves it at the same moment) or reads like another
    entry's, or the schema is not valid.
    """
    moment = at or timezone.now()
    if "name" in fields:
        lock_curated_names()
    if entry is None:
        saved = Property(created_at=moment, updated_at=moment)
    else:
        saved = Property.objects.select_for_update(of=("self",)).get(pk=entry.pk)
        require(by, Capability.CATALOG_CURATE, on=saved)
    before = {field: getattr(saved, field) for field in fields}
    for field, value in fields.items():
        setattr(saved, field, clean_name(value) if field == "name" and isinstance(value, str) else value)
    require(by, Capability.CATALOG_CURATE, on=saved)
    saved.full_clean()
    _validate_schema(saved.schema, None if entry is None else before.get("schema", saved.schema))
    changed = [field for field in fields if not json_equal(getattr(saved, field), before[field])]
    if entry is not None and not changed:
        return saved
    if entry is None or "name" in changed:
        _refuse_similar_name(saved)
    saved.updated_at = moment
    write_validated(saved)
    record(
        by=by,
        subject_type="property",
        subject_id=saved.pk,
        action="created" if entry is None else "changed",
        message=saved.name,
        evidence={} if entry is None else {"fields": changed} | _sensitivity_change(before, saved),
        at=moment,
    )
    return saved


def _refuse_similar_name(saved: Property) -> None:
    """Set how the name folds, and raise ValidationError where another entry's name folds so. The names are locked."""
    saved.folded_name = fold_name(saved.name)
    other = Property.objects.filter(folded_name=saved.folded_name).exclude(pk=saved.pk).order_by("pk").first()
    if other is not None and other.name != saved.name:
        raise ValidationError({"name": similar_name_message(saved.name, other.name)})


def _sensitivity_change(before: dict[str, Any], saved: Property) -> dict[str, Any]:
    old, new = Sensitivity.parse(before.get("sensitivity", saved.sensitivity)), Sensitivity.parse(saved.sensitivity)
    return {} if old == new else {"sensitivity": {"from": old.value, "to": new.value}}


def library_entries_for(document: dict[str, Any]) -> dict[str, Property]:
    """Return the library entries whose names the properties of a valid definition have, by name. One query."""
    names = {line.name for line in list_properties(document, with_examples=False)}
    return {entry.name: entry for entry in Property.objects.filter(name__in=names)}


def apply_library(document: dict[str, Any], *, is_accepted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Return a valid definition whose top-level properties take schema, description and examples from the library.

    Each property is replaced only if `is_accepted` returns True for the resulting definition: the same name may mean
    something else here. One query.
    """
    for name, entry in sorted(library_entries_for(document).items()):
        properties = document["schema"].get("properties", {})
        if name not in properties:
            continue
        annotations = {"description": entry.description, "examples": entry.examples}
        merged = entry.schema | {keyword: value for keyword, value in annotations.items() if value}
        candidate = document | {"schema": document["schema"] | {"properties": properties | {name: merged}}}
        if is_accepted(candidate):
            document = candidate
    return document


def library_differences(definition: Any, library: Any) -> list[LibraryDifference]:
    """Return the constraints on which the schema of a property differs from its library entry, sorted by keyword.

    Annotations are ignored, and `required` belongs to the event, not to the property.
    """
    definition_constraints, library_constraints = _constraints(definition), _constraints(library)
    return [
        LibraryDifference(keyword, library_constraints.get(keyword), definition_constraints.get(keyword))
        for keyword in sorted(definition_constraints.keys() | library_constraints.keys())
        if not json_equal(definition_constraints.get(keyword, ABSENT), library_constraints.get(keyword, ABSENT))
    ]


def differs_from_library(line: PropertySummary, entry: Property) -> bool:
    """Return whether a definition constrains a property differently from its library entry."""
    return bool(library_differences(line.schema, entry.schema))


def _constraints(schema: Any) -> dict[str, Any]:
    if not isinstance(schema, dict):
        return {}
    kept = {keyword: value for keyword, value in schema.items() if keyword not in ANNOTATIONS}
    for keyword in ("type", "enum"):
        if isinstance(kept.get(keyword), list):
            kept[keyword] = sorted(kept[keyword], key=repr)
    return kept


def _validate_schema(schema: Any, before: Any) -> None:
    """Raise ValidationError where a schema is none, or where the lint finds an error that `before` had not."""
    if not isinstance(schema, dict):
        raise ValidationError({"schema": "The schema is a JSON object."})
    # A library entry is a property of some event: it is checked as part of the smallest one.
    document, parent = _smallest_document(schema), _smallest_document(before)
    found = find_problems(document)
    if found:
        raise ValidationError({"schema": [problem.detail for problem in found]})
    issues = lint_definition(document, parent=None if before is None or find_problems(parent) else parent)
    errors = [issue.detail for issue in issues if issue.severity is LintSeverity.ERROR]
    if errors:
        raise ValidationError({"schema": errors})


def _smallest_document(schema: Any) -> dict[str, Any]:
    return {"name": "library", "call": "track", "schema": {"type": "object", "properties": {"value": schema}}}
