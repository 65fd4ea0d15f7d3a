"""The rules of a Segment tracking plan, from either of its JSON forms."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from catalog.exchange.entry import Json

_NEVER = "0001-01-01"  # what Segment writes for a time that never came


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its pointer in the file, its type in Segment's words, and its text as it stands there."""

    pointer: str
    type: str
    key: str
    version: str
    description: str
    schema: Any
    text: str
    labels: tuple[tuple[str, str], ...] = ()
    is_deprecated: bool = False
    metadata_name: str = ""


def is_plan(value: Json) -> bool:
    """Whether a JSON value is a tracking plan in one of the two forms."""
    return _rules_of(value) is not None


def rules_of(value: Json, raw: bytes) -> Iterator[Rule]:
    """Every rule of a plan, in its order; `value` is what `raw` says."""
    below, rules = _rules_of(value) or ("", [])
    texts = _Texts(raw)
    if isinstance(rules, list):  # Public API: a list of rules of every type
        for number, rule in enumerate(rules):
            yield _public(rule, f"{below}/{number}", texts)
        return
    for number, event in enumerate(_listed(rules.get("events"))):  # Config API: a list a type
        yield _legacy(event, "TRACK", f"{below}/events/{number}", texts)
    for member, kind in (("global", "COMMON"), ("identify", "IDENTIFY"), ("group", "GROUP")):
        if rules.get(member):
            rule = {"name": "", "rules": rules[member]}
            yield _legacy(rule, kind, f"{below}/{member}", texts)
    for member, kind in (("identify_traits", "IDENTIFY"), ("group_traits", "GROUP")):
        if rules.get(member):
            yield _legacy({"name": "", "rules": _of_traits(rules[member])}, kind, f"{below}/{member}", texts)


def empty_members(value: Json) -> Iterator[str]:
    """The pointers of a Config API plan's members that hold no rule."""
    below, rules = _rules_of(value) or ("", [])
    if isinstance(rules, dict):
        yield from (f"{below}/{member}" for member, content in rules.items() if not content)


def unknown_members(value: Json) -> Iterator[str]:
    """The pointers of a Config API plan's members that are none of Segment's."""
    below, rules = _rules_of(value) or ("", [])
    known = ("events", "global", "identify", "group", "identify_traits", "group_traits")
    if isinstance(rules, dict):
        yield from (f"{below}/{member}" for member, content in rules.items() if content and member not in known)


def next_page(value: Json) -> bool:
    """Whether the file is one page of an API's answer and says that more follow."""
    data = value.get("data") if isinstance(value, dict) else None
    pagination = data.get("pagination") if isinstance(data, dict) else None
    return isinstance(pagination, dict) and bool(pagination.get("next"))


def _rules_of(value: Json) -> tuple[str, Any] | None:
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("rules"), list):
        return "/rules", value["rules"]
    if isinstance(value.get("rules"), dict) and isinstance(value["rules"].get("events"), list):
        return "/rules", value["rules"]
    data = value.get("data")
    if isinstance(data, dict) and isinstance(data.get("rules"), list):
        return "/data/rules", data["rules"]
    return None


class _Texts:
    """The text of any place of a JSON file, cut out of it verbatim."""

    def __init__(self, raw: bytes) -> None:
        self._known: dict[str, Any] = {"": msgspec.Raw(raw.removeprefix(b"\xef\xbb\xbf"))}

    def at(self, pointer: str) -> str:
        return bytes(self._raw(pointer)).decode("utf-8").strip()

    def _raw(self, pointer: str) -> msgspec.Raw:
        if pointer not in self._known:
            parent, _, _ = pointer.rpartition("/")
            inner = self._raw(parent)
            is_list = bytes(inner).lstrip().startswith(b"[")
            kind: Any = list[msgspec.Raw] if is_list else dict[str, msgspec.Raw]
            decoded = msgspec.json.decode(inner, type=kind)
            members = enumerate(decoded) if is_list else decoded.items()
            self._known |= {f"{parent}/{token}": member for token, member in members}
        found: msgspec.Raw = self._known[pointer]
        return found


def _public(rule: Any, pointer: str, texts: _Texts) -> Rule:
    rule = rule if isinstance(rule, dict) else {}
    schema = rule.get("jsonSchema")
    inside = schema if isinstance(schema, dict) else {}
    deprecated_at = _text(rule.get("deprecatedAt"))
    metadata = inside.get("eventMetadata")
    return Rule(
        pointer,
        type=_text(rule.get("type")).upper(),
        key=_text(rule.get("key")),
        version=_version(rule.get("version")),
        description=_text(inside.get("description")),
        schema=schema,
        text=texts.at(pointer),
        labels=_labels(inside.get("labels")),
        is_deprecated=bool(deprecated_at) and not deprecated_at.startswith(_NEVER),
        metadata_name=_text(metadata.get("name")) if isinstance(metadata, dict) else "",
    )


def _legacy(rule: Any, kind: str, pointer: str, texts: _Texts) -> Rule:
    rule = rule if isinstance(rule, dict) else {}
    schema = rule.get("rules")
    inside = schema if isinstance(schema, dict) else {}
    return Rule(
        pointer,
        type=kind,
        key=_text(rule.get("name")),
        version=_version(rule.get("version", 1 if kind != "TRACK" else None)),
        description=_text(rule.get("description")) or _text(inside.get("description")),
        schema=schema,
        text=texts.at(pointer),
        labels=_labels(inside.get("labels")),
    )


def _of_traits(traits: Any) -> dict[str, Any]:
    """The schema of a Config API plan's list of traits: `{name, description, rules}` each."""
    properties: dict[str, Any] = {}
    for trait in _listed(traits):
        if isinstance(trait, dict) and isinstance(trait.get("name"), str):
            schema = trait.get("rules")
            words = {"description": trait["description"]} if trait.get("description") else {}
            properties[trait["name"]] = words | (schema if isinstance(schema, dict) else {})
    return {"type": "object", "properties": {"traits": {"type": "object", "properties": properties}}}


def _labels(labels: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(labels, dict):
        return ()
    return tuple(sorted((key, value if isinstance(value, str) else str(value)) for key, value in labels.items()))


def _version(value: Any) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
