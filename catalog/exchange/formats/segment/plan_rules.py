"""The rules of a Segment tracking plan, from either of its JSON forms."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from catalog.exchange.entry import Json

_ZERO_TIME = "0001-01-01"  # what Segment writes for a time that never came


@dataclass(frozen=True, slots=True)
class SegmentRule:
    """One rule: its pointer in the file, its type as Segment names it, and its text as it stands there."""

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


def is_tracking_plan(value: Json) -> bool:
    """Whether a JSON value is a tracking plan in one of the two forms."""
    return _locate_rules(value) is not None


def iter_rules(value: Json, raw: bytes) -> Iterator[SegmentRule]:
    """Every rule of a plan, in its order; `value` is what `raw` says."""
    prefix, rules = _locate_rules(value) or ("", [])
    texts = _RawTexts(raw)
    if isinstance(rules, list):  # Public API: a list of rules of every type
        for number, rule in enumerate(rules):
            yield _public_api_rule(rule, f"{prefix}/{number}", texts)
        return
    for number, event in enumerate(_as_list(rules.get("events"))):  # Config API: a list a type
        yield _config_api_rule(event, "TRACK", f"{prefix}/events/{number}", texts)
    for member, rule_type in (("global", "COMMON"), ("identify", "IDENTIFY"), ("group", "GROUP")):
        if rules.get(member):
            rule = {"name": "", "rules": rules[member]}
            yield _config_api_rule(rule, rule_type, f"{prefix}/{member}", texts)
    for member, rule_type in (("identify_traits", "IDENTIFY"), ("group_traits", "GROUP")):
        if rules.get(member):
            yield _config_api_rule(
                {"name": "", "rules": _traits_schema(rules[member])}, rule_type, f"{prefix}/{member}", texts
            )


def empty_members(value: Json) -> Iterator[str]:
    """The pointers of a Config API plan's members that hold no rule."""
    prefix, rules = _locate_rules(value) or ("", [])
    if isinstance(rules, dict):
        yield from (f"{prefix}/{member}" for member, content in rules.items() if not content)


def unknown_members(value: Json) -> Iterator[str]:
    """The pointers of a Config API plan's members that are none of Segment's."""
    prefix, rules = _locate_rules(value) or ("", [])
    known = ("events", "global", "identify", "group", "identify_traits", "group_traits")
    if isinstance(rules, dict):
        yield from (f"{prefix}/{member}" for member, content in rules.items() if content and member not in known)


def has_next_page(value: Json) -> bool:
    """Whether the file is one page of an API's answer and says that more follow."""
    data = value.get("data") if isinstance(value, dict) else None
    pagination = data.get("pagination") if isinstance(data, dict) else None
    return isinstance(pagination, dict) and bool(pagination.get("next"))


def _locate_rules(value: Json) -> tuple[str, Any] | None:
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


class _RawTexts:
    """The text of any place of a JSON file, cut out of it verbatim."""

    def __init__(self, raw: bytes) -> None:
        self._raw_by_pointer: dict[str, Any] = {"": msgspec.Raw(raw.removeprefix(b"\xef\xbb\xbf"))}

    def text_at(self, pointer: str) -> str:
        return bytes(self._raw_at(pointer)).decode("utf-8").strip()

    def _raw_at(self, pointer: str) -> msgspec.Raw:
        if pointer not in self._raw_by_pointer:
            parent, _, _ = pointer.rpartition("/")
            inner = self._raw_at(parent)
            is_list = bytes(inner).lstrip().startswith(b"[")
            kind: Any = list[msgspec.Raw] if is_list else dict[str, msgspec.Raw]
            decoded = msgspec.json.decode(inner, type=kind)
            members = enumerate(decoded) if is_list else decoded.items()
            self._raw_by_pointer |= {f"{parent}/{token}": member for token, member in members}
        found: msgspec.Raw = self._raw_by_pointer[pointer]
        return found


def _public_api_rule(rule: Any, pointer: str, texts: _RawTexts) -> SegmentRule:
    rule = rule if isinstance(rule, dict) else {}
    schema = rule.get("jsonSchema")
    schema_object = schema if isinstance(schema, dict) else {}
    deprecated_at = _as_string(rule.get("deprecatedAt"))
    metadata = schema_object.get("eventMetadata")
    return SegmentRule(
        pointer,
        type=_as_string(rule.get("type")).upper(),
        key=_as_string(rule.get("key")),
        version=_version_text(rule.get("version")),
        description=_as_string(schema_object.get("description")),
        schema=schema,
        text=texts.text_at(pointer),
        labels=_labels(schema_object.get("labels")),
        is_deprecated=bool(deprecated_at) and not deprecated_at.startswith(_ZERO_TIME),
        metadata_name=_as_string(metadata.get("name")) if isinstance(metadata, dict) else "",
    )


def _config_api_rule(rule: Any, rule_type: str, pointer: str, texts: _RawTexts) -> SegmentRule:
    rule = rule if isinstance(rule, dict) else {}
    schema = rule.get("rules")
    schema_object = schema if isinstance(schema, dict) else {}
    return SegmentRule(
        pointer,
        type=rule_type,
        key=_as_string(rule.get("name")),
        version=_version_text(rule.get("version", 1 if rule_type != "TRACK" else None)),
        description=_as_string(rule.get("description")) or _as_string(schema_object.get("description")),
        schema=schema,
        text=texts.text_at(pointer),
        labels=_labels(schema_object.get("labels")),
    )


def _traits_schema(traits: Any) -> dict[str, Any]:
    """The schema of a Config API plan's list of traits: `{name, description, rules}` each."""
    properties: dict[str, Any] = {}
    for trait in _as_list(traits):
        if isinstance(trait, dict) and isinstance(trait.get("name"), str):
            schema = trait.get("rules")
            words = {"description": trait["description"]} if trait.get("description") else {}
            properties[trait["name"]] = words | (schema if isinstance(schema, dict) else {})
    return {"type": "object", "properties": {"traits": {"type": "object", "properties": properties}}}


def _labels(labels: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(labels, dict):
        return ()
    return tuple(sorted((key, value if isinstance(value, str) else str(value)) for key, value in labels.items()))


def _version_text(value: Any) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _as_string(value: Any) -> str:
    return value if isinstance(value, str) else ""
