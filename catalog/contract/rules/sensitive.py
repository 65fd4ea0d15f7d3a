"""`sensitive`: personal data or a secret stands where the definition declares none.

It is asked of what is kept, before it is counted, and tells the kind, never the value.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from catalog.contract.json.pointers import ANY_INDEX, UNKNOWN_KEY, escape_token, parse_pointer
from catalog.contract.pii_detection import (
    PersonalData,
    is_sensitive_number,
    is_sensitive_text,
    kind_of_text,
)
from catalog.contract.rules.event_rule import ALL_EVENTS, Breach, CatalogMatch, Cost, EventFacts, EventRule
from catalog.contract.rules.rule_text import RuleText
from catalog.contract.rules.violation import Severity
from catalog.contract.sensitive_keys import is_version_key

MAX_BREACHES = 20
MAX_VALUES = 5_000
IDS = ("user_id", "anonymous_id", "message_id")
PARTS = ("properties", "traits", "context")
EXPECTED_BY_KIND = {
    kind: f"a value without {kind.description}, or one that is declared sensitive" for kind in PersonalData
}
# SDKs and proxies write these of every event; masks hide them.
IGNORED_PATHS = frozenset({"/context/ip"})


def _check(facts: EventFacts) -> Iterable[Breach]:
    breaches = []
    for path, definition_path, value in _texts_and_numbers(facts):
        kind = _kind_of(value)
        if kind is None or (kind is PersonalData.ADDRESS and is_version_key(parse_pointer(path)[-1])):
            continue
        severity = Severity.ERROR if kind.is_secret else Severity.WARNING
        breaches.append(Breach(path, EXPECTED_BY_KIND[kind], kind.description, definition_path, severity))
        if len(breaches) == MAX_BREACHES:
            break
    return breaches


def _kind_of(value: object) -> PersonalData | None:
    if isinstance(value, str):
        return kind_of_text(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and is_sensitive_number(value):
        return PersonalData.CARD
    return None


def _texts_and_numbers(facts: EventFacts) -> Iterator[tuple[str, str, object]]:
    """Yield the path, the definition path and the value of each place that nothing is declared about, in order."""
    event = facts.event
    for name in IDS:
        yield f"/{name}", f"/{name}", getattr(event, name)
    named_paths = _with_parents(frozenset(facts.decided_paths), facts.defined_key_paths)
    pending = [(f"/{name}", f"/{name}", getattr(event, name)) for name in reversed(PARTS)]
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
    cost=Cost.PER_SAMPLE,
    check=_check,
    text=RuleText(
        what="{place} holds personal data or a secret that nobody declared: expected {expected}.",
        next=(
            "Stop sending it, or send an id instead. If it belongs there, declare how sensitive the property is, in "
            "the library or in the definition. If it only looks like it, declare that it is not. What was found is "
            "hidden in the samples."
        ),
    ),
)
