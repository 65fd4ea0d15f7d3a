"""`sensitive`: personal data or a secret stands where the definition declares none.

It tells the kind, never the value, and is asked before an event is counted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import NamedTuple

from catalog.contract.json.pointers import ANY_INDEX, UNKNOWN_KEY, escape_token
from catalog.contract.normalized_event import Event
from catalog.contract.pii_detection import PersonalData, is_sensitive_text, kind_of_value
from catalog.contract.rules.decided_places import DECIDED, Places, places_of
from catalog.contract.rules.event_rule import ALL_EVENTS, Breach, CatalogMatch, Cost, EventFacts, EventRule
from catalog.contract.rules.rule_text import RuleText
from catalog.contract.rules.violation import Severity
from catalog.contract.sensitive_keys import is_identifier_key, is_version_key
from catalog.contract.text_memory import Known, TextInspection

MAX_BREACHES = 20
MAX_VALUES = 5_000
PERSON_IDS = ("user_id", "anonymous_id")
PARTS = ("properties", "traits", "context")
EXPECTED_BY_KIND = {
    kind: f"a value without {kind.description}, or one that is declared sensitive" for kind in PersonalData
}
# SDKs and proxies write these of every event; masks hide them.
IGNORED_PATHS = frozenset({"/context/ip"})


def _may_break(event: Event, texts: TextInspection) -> bool:
    """Tell whether an event holds anything, or may do so and may be looked into.

    The ids of people are looked into at once: whoever is new has a new one, while all else of an event is often known.
    Its own id is always new.
    """
    if texts.kind_of(event.user_id) is not None or texts.kind_of(event.anonymous_id) is not None:
        return True
    known = texts.memory.review([getattr(event, name) for name in _remembered_members(event)])
    if known is Known.CLEAN:
        return texts.kind_of_unique(event.message_id) is not None
    if known is Known.PARTLY and texts.remaining <= 0:
        texts.is_complete = False
        return False
    return True


def _remembered_members(event: Event) -> tuple[str, ...]:
    """Return the members of an event whose texts may come again: its own id only where it came as an object."""
    ids = (*PERSON_IDS, "message_id") if isinstance(event.message_id, dict | list) else PERSON_IDS
    return (*ids, *PARTS)


class _Container(NamedTuple):
    """An object or a list, what is decided below it, and where it stands: under which key of which other one."""

    value: dict[str, object] | list[object]
    places: Places | None
    parent: _Container | None = None
    key: str = ""

    def paths_of(self, key: str, named_paths: Collection[str]) -> tuple[str, str]:
        """Return the path and the definition path of a member."""
        steps: list[tuple[_Container, str]] = []
        container: _Container | None = self
        while container is not None:
            steps.append((container, key))
            key, container = container.key, container.parent
        path = definition_path = ""
        for around, step in reversed(steps):
            segment = escape_token(step)
            path += f"/{segment}"
            if isinstance(around.value, list):
                definition_path += f"/{ANY_INDEX}"
                continue
            named = f"{definition_path}/{segment}"
            is_unnamed = named not in named_paths and (definition_path in named_paths or is_sensitive_text(step))
            definition_path = f"{definition_path}/{UNKNOWN_KEY}" if is_unnamed else named
        return path, definition_path


def _check(facts: EventFacts) -> Iterable[Breach]:
    """Return what is found where nothing is declared. Only what is found gets a path, which costs more than a look."""
    event, texts = facts.event, facts.texts
    kind_of = kind_of_value if texts is None else texts.kind_of
    named_paths = _with_parents(facts.decided_paths, facts.defined_key_paths)
    members_of_event: dict[str, object] = {name: getattr(event, name) for name in _remembered_members(event)}
    whole = _Container(members_of_event, _places(facts.decided_paths, facts.defined_key_paths))
    pending = [whole]
    breaches: list[Breach] = []
    remaining = MAX_VALUES
    while pending:
        container = pending.pop()
        nested = []
        members, named_places, place_of_others = _members(container)
        for key, value in members:
            remaining -= 1
            if remaining < 0 or len(breaches) == MAX_BREACHES:
                return breaches
            place = place_of_others if named_places is None else named_places.get(key, place_of_others)
            if place is DECIDED:
                continue
            if isinstance(value, dict | list):
                is_context = container.key == "context" and container.parent is whole
                if is_context and key == "traits" and value is event.traits:
                    continue  # RudderStack's SDKs send traits in the context; they are asked as traits
                nested.append(_Container(value, place, container, key))
            elif (kind := kind_of(value)) is not None and not _means_other(kind, key, value):
                breaches += _breaches(kind, *container.paths_of(key, named_paths), facts)
        pending += reversed(nested)
    kind = (kind_of_value if texts is None else texts.kind_of_unique)(event.message_id)
    if kind is not None:
        breaches += _breaches(kind, "/message_id", "/message_id", facts)
    return breaches[:MAX_BREACHES]


def _members(container: _Container) -> tuple[Iterable[tuple[str, object]], Places | None, Places | None]:
    """Return the values by key or index, what is decided of those that have a name, and of the others."""
    value, places = container.value, container.places
    if isinstance(value, list):
        items = [(str(index), item) for index, item in enumerate(value[:MAX_VALUES])]
        return items, None, None if places is None else places.get(ANY_INDEX)
    return value.items(), places, None if places is None else places.get(UNKNOWN_KEY)


def _breaches(kind: PersonalData, path: str, definition_path: str, facts: EventFacts) -> Iterable[Breach]:
    if definition_path in facts.decided_paths:  # of a key so long that its path is cut
        return ()
    severity = Severity.ERROR if kind.is_secret else Severity.WARNING
    return (Breach(path, EXPECTED_BY_KIND[kind], kind.description, definition_path, severity),)


def _means_other(kind: PersonalData, key: str, value: object) -> bool:
    """Tell whether a key says that a value only looks like it: a version, or a bare number that tells things apart."""
    if kind is PersonalData.ADDRESS:
        return is_version_key(key)
    is_bare_number = not isinstance(value, str) or value.strip().isdecimal()
    if not is_bare_number or not is_identifier_key(key):
        return False
    # Of a person's id the number of a phone is told: people are known by it.
    return kind is PersonalData.CARD or (kind is PersonalData.PHONE and key not in PERSON_IDS)


@lru_cache(maxsize=1_000)
def _places(decided: frozenset[str], defined: frozenset[str]) -> Places:
    return places_of(decided | IGNORED_PATHS, _with_parents(decided, defined))


@lru_cache(maxsize=1_000)
def _with_parents(decided: frozenset[str], defined: frozenset[str]) -> frozenset[str]:
    """Return definition paths and those that lead to them."""
    found: set[str] = set()
    for path in decided | defined:
        while path and path not in found:
            found.add(path)
            path = path.rpartition("/")[0]
    return frozenset(found)


SENSITIVE = EventRule(
    code="sensitive",
    severity=Severity.WARNING,
    applies_to=ALL_EVENTS - {CatalogMatch.UNREADABLE},
    cost=Cost.PER_NEW_TEXT,
    check=_check,
    may_break=_may_break,
    text=RuleText(
        label="Undeclared personal data or secret",
        what="{place} holds personal data or a secret that nobody declared: expected {expected}.",
        next=(
            "Stop sending it, or send an id instead. If it belongs there, declare how sensitive the property is, in "
            "the library or in the definition; if it only looks like it, declare that it is not. What was found is "
            "hidden in the samples."
        ),
    ),
)
