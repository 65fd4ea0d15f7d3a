"""Which sensitivity holds at each path of a version: the strictest of what was said when it was published, and today.

A version keeps, in `VersionProperty.sensitivity`, the sensitivity of each of its properties from the day of its
publication: the strictest of the definition's own annotation, the library's entry, and the parent's sensitivity as long
as the definition says the same of that property as the parent's did. Later only a stricter sensitivity of the library
is added. So a looser one reaches an event only by a version whose definition states the sensitivity of that property
otherwise than its parent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

from catalog.choices import Sensitivity
from catalog.contract import PropertySummary, list_properties
from catalog.contract.json.pointers import ANY_INDEX, UNKNOWN_KEY
from catalog.models import Property, Version, VersionProperty
from catalog.sensitivity.sensitivity_annotations import scalar_paths, sensitivity_annotations

Sensitivities = Mapping[str, Sensitivity]
"""The sensitivity by definition path. What is declared of a path holds for everything below it."""

TOP_LEVEL_SLASHES = 2
"""How many slashes the path of a property at the top of its part has: `/properties/total`. Only those have entries."""


@dataclass(frozen=True, slots=True)
class PublishedSensitivity:
    """What was said of a version's properties when it was published, which never changes.

    `sensitivities` by definition path; `library_ids` the library entry of each path that has one; `unlinked_names` the
    name of each path that could have one and has none; `annotated` what the definition itself says; `paths` every path
    that it lists; `scalar_paths` where it expects neither an object nor an array.
    """

    sensitivities: Sensitivities
    library_ids: Mapping[str, int]
    unlinked_names: Mapping[str, str]
    annotated: Sensitivities
    paths: frozenset[str]
    scalar_paths: frozenset[str] = frozenset()

    def with_library(self, library: "LibrarySensitivity") -> dict[str, Sensitivity]:
        """Return what holds today: a stricter sensitivity of the library counts, a looser one does not.

        An entry that was made after the publication counts by its name, if it hides.
        """
        sensitivities = dict(self.sensitivities)
        for path, entry_id in self.library_ids.items():
            if (value := library.by_id.get(entry_id)) is not None:
                sensitivities[path] = Sensitivity.strictest([sensitivities[path], value])
        for path, name in self.unlinked_names.items():
            if (value := library.hiding_by_name.get(name)) is not None:
                sensitivities[path] = Sensitivity.strictest([sensitivities.get(path, value), value])
        return sensitivities

    def of_values(self, library: "LibrarySensitivity") -> dict[str, Sensitivity]:
        """Return what holds today of the values that arrive, whatever type they come as.

        What is said not to be sensitive of a text, a number or a boolean says nothing of what lies in an object or
        array that comes instead.
        """
        sensitivities = self.with_library(library)
        for path in self.scalar_paths:
            if sensitivities.get(path) == Sensitivity.NONE:
                for step in (UNKNOWN_KEY, ANY_INDEX):
                    sensitivities.setdefault(f"{path}/{step}", Sensitivity.UNKNOWN)
        return sensitivities


@dataclass(frozen=True, slots=True)
class LibrarySensitivity:
    """The library today: by entry id all that can make something stricter, and by name what hides."""

    by_id: Mapping[int, Sensitivity]
    hiding_by_name: Mapping[str, Sensitivity]

    @classmethod
    def load(cls) -> Self:
        """Read the library. One query."""
        entries = Property.objects.order_by().exclude(sensitivity=Sensitivity.NONE)
        rows = [
            (pk, name, Sensitivity.parse(value)) for pk, name, value in entries.values_list("pk", "name", "sensitivity")
        ]
        return cls({pk: value for pk, _, value in rows}, {name: value for _, name, value in rows if value.hides})


@dataclass(frozen=True, slots=True)
class LoosenedSensitivity:
    """One path at which a definition would hide less than the version that it builds on."""

    path: str
    before: Sensitivity
    after: Sensitivity


@lru_cache(maxsize=4096)
def published_sensitivity(version_id: int) -> PublishedSensitivity:
    """Return what a version said when it was published; loaded once a process.

    A row of a library entry that holds no sensitivity is from before these were kept: it counts as not declared,
    whatever the library says. Raises Version.DoesNotExist where there is no such version.
    """
    definition = Version.objects.values_list("definition", flat=True).get(pk=version_id)
    annotated = sensitivity_annotations(definition)
    sensitivities, paths = dict(annotated), set()
    library_ids: dict[str, int] = {}
    unlinked_names: dict[str, str] = {}
    rows = VersionProperty.objects.order_by().filter(version_id=version_id)
    for path, name, kept_value, entry_id in rows.values_list("path", "name", "sensitivity", "property"):
        paths.add(path)
        has_entry = entry_id is not None
        kept = kept_value or (Sensitivity.UNKNOWN if has_entry else None)
        if kept is not None:
            sensitivities[path] = Sensitivity.strictest([kept, sensitivities.get(path, kept)])
        if has_entry:
            library_ids[path] = entry_id
        elif path.count("/") == TOP_LEVEL_SLASHES:
            unlinked_names[path] = name
    return PublishedSensitivity(
        sensitivities, library_ids, unlinked_names, annotated, frozenset(paths), scalar_paths(definition)
    )


def sensitivities_to_publish(
    definition: dict[str, Any],
    *,
    parent: Version | None,
    lines: Iterable[PropertySummary],
    library: Mapping[str, Property],
) -> dict[str, Sensitivity]:
    """Return the sensitivity to keep for each listed property of a valid definition; none where nothing was ever said.

    `lines` are its properties, `library` the entries that they are named after, by name. At most three queries.
    """
    annotated = sensitivity_annotations(definition)
    inherited = None if parent is None else published_sensitivity(parent.pk)
    inherited_sensitivities = {} if inherited is None else inherited.with_library(LibrarySensitivity.load())
    sensitivities: dict[str, Sensitivity] = {}
    for line in lines:
        entry = library_entry(line, library)
        said = [] if line.path not in annotated else [annotated[line.path]]
        if entry is not None:
            said.append(Sensitivity.parse(entry.sensitivity))
        if inherited is not None and annotated.get(line.path) == inherited.annotated.get(line.path):
            if line.path in inherited_sensitivities:
                said.append(inherited_sensitivities[line.path])
            elif line.path in inherited.paths and entry is not None:
                said.append(Sensitivity.UNKNOWN)  # an entry made since says nothing of what was published before it
        if said:
            sensitivities[line.path] = Sensitivity.strictest(said)
    return sensitivities


def library_entry(line: PropertySummary, library: Mapping[str, Property]) -> Property | None:
    """Return the library entry that a property is named after: only those at the top of their part have one.

    A property named `?` has none: its path is that of every key without a name.
    """
    if line.path.count("/") != TOP_LEVEL_SLASHES or line.name in (UNKNOWN_KEY, ANY_INDEX):
        return None
    return library.get(line.name)


def loosened_sensitivities(base: Version, definition: dict[str, Any]) -> list[LoosenedSensitivity]:
    """Return where a valid definition, published on a version, may hide less than that version does today.

    Sorted by path. What the library says of what is stated anew is not asked: it may be looser by the time of the
    publication. A property that the version does not have is no part of this, unless the definition says of it, or of
    what is around it, how sensitive it is.
    """
    lines, annotated = list_properties(definition, with_examples=False), sensitivity_annotations(definition)
    removed_paths = {line.path for line in list_properties(base.definition, with_examples=False)} - {
        line.path for line in lines
    }
    if not removed_paths and annotated == sensitivity_annotations(base.definition):
        return []  # all is carried over; without a query, since pages ask this of every change that they list
    published = published_sensitivity(base.pk)
    before = published.with_library(LibrarySensitivity.load())
    after = annotated | sensitivities_to_publish(definition, parent=base, lines=lines, library={})
    loosened = (
        LoosenedSensitivity(path, sensitivity_at(path, before), sensitivity_at(path, after))
        for path in {*before, *after}
    )
    return sorted(
        (each for each in loosened if each.after.strictness < each.before.strictness), key=lambda each: each.path
    )


def sensitivity_at(path: str, sensitivities: Sensitivities) -> Sensitivity:
    """Return what holds at a path: what hides around it, else the sensitivity nearest to it."""
    value = Sensitivity.UNKNOWN
    steps = path.split("/")
    for length in range(2, len(steps) + 1):
        here = sensitivities.get("/".join(steps[:length]))
        if here is not None:
            value = Sensitivity.strictest([value, here]) if value.hides else here
    return value
