"""Which sensitivity holds at each path of a version: the strictest of what was said when it was published, and today.

A version keeps, in `VersionProperty.sensitivity`, the word of each of its properties from the day of its publication:
the strictest of the definition's own annotation, the library's entry, and the parent's word as long as the definition
says the same of that property as the parent's did. Later only a stricter word of the library is added. So a looser word
reaches an event only by a version whose definition states the sensitivity of that property otherwise than its parent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

from catalog.choices import Sensitivity
from catalog.contract import PropertySummary, list_properties
from catalog.models import Property, Version, VersionProperty
from catalog.sensitivity.sensitivity_annotations import sensitivity_annotations

Words = Mapping[str, Sensitivity]
"""The sensitivity by definition path. What is declared of a path holds for everything below it."""

TOP_LEVEL_SLASHES = 2
"""How many slashes the path of a property at the top of its part has: `/properties/total`. Only those have entries."""


@dataclass(frozen=True, slots=True)
class PublishedSensitivity:
    """What was said of a version's properties when it was published, which never changes.

    `words` by definition path; `library_ids` the library entry of each path that has one; `unlinked_names` the name of
    each path that could have one and has none; `annotated` what the definition itself says; `paths` every path that it
    lists.
    """

    words: Words
    library_ids: Mapping[str, int]
    unlinked_names: Mapping[str, str]
    annotated: Words
    paths: frozenset[str]

    def with_library(self, library: "LibraryWords") -> dict[str, Sensitivity]:
        """Return the words as they hold today: a stricter word of the library counts, a looser one does not.

        An entry that was made after the publication counts by its name, if it hides.
        """
        words = dict(self.words)
        for path, entry_id in self.library_ids.items():
            if (word := library.by_id.get(entry_id)) is not None:
                words[path] = Sensitivity.strictest([words[path], word])
        for path, name in self.unlinked_names.items():
            if (word := library.hiding_by_name.get(name)) is not None:
                words[path] = Sensitivity.strictest([words.get(path, word), word])
        return words


@dataclass(frozen=True, slots=True)
class LibraryWords:
    """Today's words of the library: by entry id all that can make something stricter, and by name those that hide."""

    by_id: Mapping[int, Sensitivity]
    hiding_by_name: Mapping[str, Sensitivity]

    @classmethod
    def load(cls) -> Self:
        """Read the library. One query."""
        entries = Property.objects.order_by().exclude(sensitivity=Sensitivity.NONE)
        rows = [
            (pk, name, Sensitivity.parse(word)) for pk, name, word in entries.values_list("pk", "name", "sensitivity")
        ]
        return cls({pk: word for pk, _, word in rows}, {name: word for _, name, word in rows if word.hides})


@dataclass(frozen=True, slots=True)
class LoosenedSensitivity:
    """One path at which a definition would hide less than the version that it builds on."""

    path: str
    before: Sensitivity
    after: Sensitivity


@lru_cache(maxsize=4096)
def published_sensitivity(version_id: int) -> PublishedSensitivity:
    """Return what a version said when it was published; loaded once a process.

    A row of a library entry that holds no word is from before words were kept: it counts as not declared, whatever
    the library says. Raises Version.DoesNotExist where there is no such version.
    """
    definition = Version.objects.values_list("definition", flat=True).get(pk=version_id)
    annotated = sensitivity_annotations(definition)
    words, paths = dict(annotated), set()
    library_ids: dict[str, int] = {}
    unlinked_names: dict[str, str] = {}
    rows = VersionProperty.objects.order_by().filter(version_id=version_id)
    for path, name, kept_word, entry_id in rows.values_list("path", "name", "sensitivity", "property"):
        paths.add(path)
        has_entry = entry_id is not None
        kept = kept_word or (Sensitivity.UNKNOWN if has_entry else None)
        if kept is not None:
            words[path] = Sensitivity.strictest([kept, words.get(path, kept)])
        if has_entry:
            library_ids[path] = entry_id
        elif path.count("/") == TOP_LEVEL_SLASHES:
            unlinked_names[path] = name
    return PublishedSensitivity(words, library_ids, unlinked_names, annotated, frozenset(paths))


def words_to_publish(
    definition: dict[str, Any],
    *,
    parent: Version | None,
    lines: Iterable[PropertySummary],
    library: Mapping[str, Property],
) -> dict[str, Sensitivity]:
    """Return the word to keep for each listed property of a valid definition; none where nothing was ever said.

    `lines` are its properties, `library` the entries that they are named after, by name. At most three queries.
    """
    annotated = sensitivity_annotations(definition)
    inherited = None if parent is None else published_sensitivity(parent.pk)
    inherited_words = {} if inherited is None else inherited.with_library(LibraryWords.load())
    words: dict[str, Sensitivity] = {}
    for line in lines:
        entry = library_entry(line, library)
        said = [] if line.path not in annotated else [annotated[line.path]]
        if entry is not None:
            said.append(Sensitivity.parse(entry.sensitivity))
        if inherited is not None and annotated.get(line.path) == inherited.annotated.get(line.path):
            if line.path in inherited_words:
                said.append(inherited_words[line.path])
            elif line.path in inherited.paths and entry is not None:
                said.append(Sensitivity.UNKNOWN)  # an entry made since says nothing of what was published before it
        if said:
            words[line.path] = Sensitivity.strictest(said)
    return words


def library_entry(line: PropertySummary, library: Mapping[str, Property]) -> Property | None:
    """Return the library entry that a property is named after: only those at the top of their part have one."""
    return library.get(line.name) if line.path.count("/") == TOP_LEVEL_SLASHES else None


def loosened_sensitivities(base: Version, definition: dict[str, Any]) -> list[LoosenedSensitivity]:
    """Return where a valid definition, published on a version, may hide less than that version does today.

    Sorted by path. The library's own word for what is stated anew is not asked: it may be looser by the time of the
    publication. A property that the version does not have is no part of this, unless the definition says of it, or of
    what is around it, how sensitive it is.
    """
    lines, annotated = list_properties(definition), sensitivity_annotations(definition)
    removed_paths = {line.path for line in list_properties(base.definition)} - {line.path for line in lines}
    if not removed_paths and annotated == sensitivity_annotations(base.definition):
        return []  # each word is carried over; without a query, since pages ask this of every change that they list
    published = published_sensitivity(base.pk)
    before = published.with_library(LibraryWords.load())
    after = annotated | words_to_publish(definition, parent=base, lines=lines, library={})
    loosened = (LoosenedSensitivity(path, word_at(path, before), word_at(path, after)) for path in {*before, *after})
    return sorted(
        (each for each in loosened if each.after.strictness < each.before.strictness), key=lambda each: each.path
    )


def word_at(path: str, words: Words) -> Sensitivity:
    """Return what holds at a path: what hides around it, else the word nearest to it."""
    word = Sensitivity.UNKNOWN
    steps = path.split("/")
    for length in range(2, len(steps) + 1):
        here = words.get("/".join(steps[:length]))
        if here is not None:
            word = Sensitivity.strictest([word, here]) if word.hides else here
    return word
