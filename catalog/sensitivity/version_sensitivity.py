"""Which sensitivity holds at each path of a version: the strictest of what was said when it was published, and today.

A version keeps, in `VersionProperty.sensitivity`, the word of each of its properties from the day of its publication:
the strictest of the definition's own annotation, the library's entry, and the parent's word as long as the definition
says the same of that property as the parent's did. Later only a stricter word of the library is added. So a looser word
reaches an event only by a version whose definition states the sensitivity of that property otherwise than its parent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

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

    `words` by definition path; `library_ids` the library entry of each path that has one; `annotated` what the
    definition itself says; `paths` every path that it lists.
    """

    words: Words
    library_ids: Mapping[str, int]
    annotated: Words
    paths: frozenset[str]

    def with_library(self, library_words: Mapping[int, Sensitivity]) -> dict[str, Sensitivity]:
        """Return the words as they hold today: a stricter word of the library counts, a looser one does not."""
        words = dict(self.words)
        for path, entry_id in self.library_ids.items():
            if entry_id in library_words:
                words[path] = Sensitivity.strictest([words[path], library_words[entry_id]])
        return words


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
    words, library_ids, paths = dict(annotated), {}, set()
    rows = VersionProperty.objects.order_by().filter(version_id=version_id)
    for path, kept_word, entry_id in rows.values_list("path", "sensitivity", "property"):
        paths.add(path)
        kept = kept_word or (Sensitivity.UNKNOWN if entry_id is not None else None)
        if kept is not None:
            words[path] = Sensitivity.strictest([kept, words.get(path, kept)])
        if entry_id is not None:
            library_ids[path] = entry_id
    return PublishedSensitivity(words, library_ids, annotated, frozenset(paths))


def library_words(entry_ids: Iterable[int] | None = None) -> dict[int, Sensitivity]:
    """Return today's words of the library by entry id, of all entries or of these; one query.

    Entries that are not sensitive are left out: they make nothing stricter.
    """
    entries = Property.objects.order_by().exclude(sensitivity=Sensitivity.NONE)
    if entry_ids is not None:
        entries = entries.filter(pk__in=entry_ids)
    return {pk: Sensitivity.parse(word) for pk, word in entries.values_list("pk", "sensitivity")}


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
    inherited_words = {} if inherited is None else inherited.with_library(library_words(inherited.library_ids.values()))
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
    before = published.with_library(library_words(published.library_ids.values()))
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
