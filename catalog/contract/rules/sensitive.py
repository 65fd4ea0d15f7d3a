"""`sensitive`: personal data or a secret stands where the definition declares none.

It tells the kind, never the value, and is asked before an event is counted.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from catalog.contract.json.pointers import ANY_INDEX, UNKNOWN_KEY, escape_token, parse_pointer
from catalog.contract.normalized_event import Event
from catalog.contract.pii_detection import PersonalData, is_sensitive_text, kind_of_value
from catalog.contract.rules.decided_places import DECIDED, Places, places_of
from catalog.contract.rules.event_rule import ALL_EVENTS, Breach, CatalogMatch, Cost, EventFacts, EventRule
from catalog.contract.rules.rule_text import RuleText
from catalog.contract.rules.violation import Severity
from catalog.contract.sensitive_keys import is_version_key
from catalog.contract.text_memory import Known, TextInspection

MAX_BREACHES = 20
MAX_VALUES = 5_000
PERSON_IDS = ("user_id", "anonymous_id")
IDS = (*PERSON_IDS, "message_id")
PARTS = ("properties", "traits", "context")
EXPECTED_BY_KIND = {
    kind: f"a value without {kind.description}, or one that is declared sensitive" for kind in PersonalData
}
# SDKs and proxies write these of every event; masks hide them.
IGNORED_PATHS = frozenset({"/context/ip"})


def _may_break(event: Event, texts: TextInspection) -> bool:
    """Tell whether an event holds anything, or may do so and may be looked into. Its own id is looked into: it is new."""
    known = texts.memory.review([getattr(event, name) for name in _remembered_members(event)])
    if known is Known.CLEAN:
        return texts.kind_of_unique(event.message_id) is not None
    if known is Known.PARTLY and texts.remaining <= 0:
        texts.is_complete = False
        return False
    return True


def _remembered_members(event: Event) -> tuple[str, ...]:
    """Return the members of an event whose texts may come again: its own id only where it came as an object."""
    return (*IDS, *PARTS) if isinstance(event.message_id, dict | list) else (*PERSON_IDS, *PARTS)


def _check(facts: EventFacts) -> Iterable[Breach]:
    if facts.texts is not None and not _finds_anything(facts, facts.texts):
        return ()
    kind_of = kind_of_value if facts.texts is None else facts.texts.kind_of
    breaches = []
    for path, definition_path, value in _texts_and_numbers(facts):
        kind = kind_of(value)
        if kind is None or _is_version(kind, parse_pointer(path)[-1]):
            continue
        severity = Severity.ERROR if kind.is_secret else Severity.WARNING
        breaches.append(Breach(path, EXPECTED_BY_KIND[kind], kind.description, definition_path, severity))
        if len(breaches) == MAX_BREACHES:
            break
    return breaches


def _is_version(kind: PersonalData, key: str) -> bool:
    return kind is PersonalData.ADDRESS and is_version_key(key)


def _finds_anything(facts: EventFacts, texts: TextInspection) -> bool:
    """Tell whether anything is found where nothing is declared: the question of `_check`, without making its paths."""
    event = facts.event
    root = _places(facts.decided_paths, facts.defined_key_paths)
    pending: list[tuple[Iterable[tuple[str, object]], Places | None]] = [
        ([(name, getattr(event, name)) for name in _remembered_members(event)], root)
    ]
    remaining = MAX_VALUES
    while pending:
        members, places = pending.pop()
        for key, value in members:
            remaining -= 1
            if remaining < 0:
                return False
            place = None if places is None else places.get(key, places.get(UNKNOWN_KEY))
            if place is DECIDED:
                continue
            if isinstance(value, dict):
                pending.append((value.items(), place))
            elif isinstance(value, list):
                of_items = place if place and ANY_INDEX in place else None  # `?` means keys, and no items
                pending.append(([(ANY_INDEX, item) for item in value[:MAX_VALUES]], of_items))
            elif (kind := texts.kind_of(value)) is not None and not _is_version(kind, key):
                return True
    return root.get("message_id") is not DECIDED and texts.kind_of_unique(event.message_id) is not None


@lru_cache(maxsize=1_000)
def _places(decided: frozenset[str], defined: frozenset[str]) -> Places:
    return places_of(decided | IGNORED_PATHS, _with_parents(decided, defined))


def _texts_and_numbers(facts: EventFacts) -> Iterator[tuple[str, str, object]]:
    """Yield the path, the definition path and the value of each place that nothing is declared about, in order."""
    event = facts.event
    named_paths = _with_parents(facts.decided_paths, facts.defined_key_paths)
    # An id may come as an object, too.
    pending = [(f"/{name}", f"/{name}", getattr(event, name)) for name in reversed(IDS + PARTS)]
    remaining = MAX_VALUES
    while pending and remaining:
        path, definition_path, value = pending.pop()
        remaining -= 1
        if definition_path in facts.decided_paths or definition_path in IGNORED_PATHS:
            continue
        if isinstance(value, dict):
            members = []
            for key, member in list(value.items())[:MAX_VALUES]:
                if path == "/context" and key == "traits" and member is event.traits:
                    continue  # RudderStack's SDKs send traits in the context; they are asked as traits
                segment = escape_token(key)
                named = f"{definition_path}/{segment}"
                is_unnamed = named not in named_paths and (definition_path in named_paths or is_sensitive_text(key))
                members.append(
                    (f"{path}/{segment}", f"{definition_path}/{UNKNOWN_KEY}" if is_unnamed else named, member)
                )
            pending += reversed(members)
        elif isinstance(value, list):
            items = enumerate(value[:MAX_VALUES])
            pending += reversed([(f"{path}/{index}", f"{definition_path}/{ANY_INDEX}", item) for index, item in items])
        else:
            yield path, definition_path, value


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
