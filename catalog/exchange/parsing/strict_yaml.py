"""YAML to one JSON value: YAML 1.2's core types, aliases and depth bounded before anything is built."""

import math
import re
from collections.abc import Hashable
from typing import Any

import yaml

from catalog.exchange.entry import Json
from catalog.exchange.parsing.strict_json import MAX_DEPTH, UnreadableFile, decode_text, number_too_large

MAX_NODES = 200_000
MAX_ALIASES = 2_000
MAX_INTEGER_DIGITS = 308

_MERGE_TAG = "tag:yaml.org,2002:merge"
_STRING_TAG = "tag:yaml.org,2002:str"


def parse_strict_yaml(raw: bytes) -> Json:
    """The value of a YAML file with one document.

    Plain `yes`, `on` and dates stay text, as the schemas' own tools (YAML 1.2) read them. Raises
    UnreadableFile for damaged text, more than one document, duplicate keys, keys that are collections, tags
    beyond JSON's types, NaN and infinities, and for aliases or nesting past the limits.
    """
    text = decode_text(raw)
    try:
        _enforce_limits(text)
        value: Json = yaml.load(text, Loader=_JsonLoader)  # noqa: S506  its constructors make JSON's types alone
    except yaml.YAMLError as error:
        raise UnreadableFile("malformed", f"Not YAML: {' '.join(str(error).split())[:300]}.") from error
    return value


class _OpenCollection:
    """A collection whose end was not yet read."""

    __slots__ = ("anchor", "height", "size")

    def __init__(self, anchor: str | None) -> None:
        self.anchor, self.size, self.height = anchor, 1, 1


def _enforce_limits(text: str) -> None:
    """Walk the events without building anything; an alias counts for everything that it stands for."""
    anchors: dict[str, tuple[int, int]] = {}
    stack = [_OpenCollection(None)]
    aliases = 0

    def add(size: int, height: int) -> None:
        top = stack[-1]
        top.size += size
        top.height = max(top.height, height + 1)
        if sum(item.size for item in stack) > MAX_NODES:
            raise UnreadableFile("too_large", f"More than {MAX_NODES:,} values once its aliases are followed.")
        if len(stack) + height > MAX_DEPTH:
            raise UnreadableFile("too_deep", f"Nested more than {MAX_DEPTH} levels deep.")

    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            aliases += 1
            if aliases > MAX_ALIASES:
                raise UnreadableFile("too_large", f"More than {MAX_ALIASES:,} aliases.")
            if event.anchor not in anchors:
                raise UnreadableFile("malformed", f"The alias *{event.anchor} stands inside or before what it names.")
            add(*anchors[event.anchor])
        elif isinstance(event, yaml.ScalarEvent):
            add(1, 1)
            if event.anchor:
                anchors[event.anchor] = (1, 1)
        elif isinstance(event, yaml.CollectionStartEvent):
            add(0, 1)
            stack.append(_OpenCollection(event.anchor))
        elif isinstance(event, yaml.CollectionEndEvent):
            closed = stack.pop()
            if closed.anchor:
                anchors[closed.anchor] = (closed.size, closed.height)
            add(closed.size, closed.height)


class _JsonLoader(yaml.CSafeLoader):
    """Builds JSON's types and no others."""

    def construct_mapping(self, node: yaml.Node, deep: bool = False) -> dict[Hashable, Any]:
        """A mapping whose keys are text and stand once each; merged keys (`<<`) yield to its own."""
        if not isinstance(node, yaml.MappingNode):
            raise UnreadableFile("malformed", "A mapping was expected.")
        seen: set[str] = set()
        for key_node, _ in node.value:
            if key_node.tag == _MERGE_TAG:
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                raise UnreadableFile("key_not_text", "A key is a list or a mapping; JSON's keys are text.")
            key_node.tag = _STRING_TAG  # `true:` and `1:` are the keys "true" and "1", as in JSON
            if key_node.value in seen:
                raise UnreadableFile("duplicate_key", f"The key {key_node.value[:100]!r} occurs twice in one mapping.")
            seen.add(key_node.value)
        return super().construct_mapping(node, deep=True)

    def build_mapping(self, node: yaml.Node) -> dict[Hashable, Any]:
        return self.construct_mapping(node, deep=True)

    def build_sequence(self, node: yaml.SequenceNode) -> list[Any]:
        return self.construct_sequence(node, deep=True)

    def build_string(self, node: yaml.ScalarNode) -> str:
        return str(self.construct_scalar(node))

    def build_null(self, node: yaml.ScalarNode) -> None:
        return None

    def build_boolean(self, node: yaml.ScalarNode) -> bool:
        word = str(self.construct_scalar(node)).lower()
        if word not in ("true", "false"):
            raise UnreadableFile("tag", f"{word[:40]!r} is marked as a boolean and is none.")
        return word == "true"

    def build_integer(self, node: yaml.ScalarNode) -> int:
        text = str(self.construct_scalar(node))
        if len(text) > MAX_INTEGER_DIGITS:
            raise number_too_large(f"{len(text)} digits")
        try:
            return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
        except ValueError as error:
            raise UnreadableFile("tag", f"{text[:40]!r} is marked as an integer and is none.") from error

    def build_number(self, node: yaml.ScalarNode) -> float:
        text = str(self.construct_scalar(node))
        if text.lstrip("+-").lower() in (".inf", ".nan"):
            raise UnreadableFile("not_a_number", f"{text[:40]} is no number in JSON.")
        try:
            number = float(text)
        except ValueError as error:
            raise UnreadableFile("tag", f"{text[:40]!r} is marked as a number and is none.") from error
        if not math.isfinite(number):
            raise number_too_large(text[:40])
        return number

    def reject_tag(self, node: yaml.Node) -> Any:
        raise UnreadableFile("tag", f"The tag {str(node.tag)[:100]} is not one of JSON's types.")


def _register_type(tag: str, constructor: Any, pattern: str = "", first_characters: str = "") -> None:
    _JsonLoader.add_constructor(f"tag:yaml.org,2002:{tag}", constructor)
    if pattern:
        _JsonLoader.add_implicit_resolver(
            f"tag:yaml.org,2002:{tag}", re.compile(rf"(?:{pattern})\Z"), list(first_characters)
        )


_JsonLoader.yaml_implicit_resolvers = {}
_JsonLoader.yaml_constructors = {}
_register_type("map", _JsonLoader.build_mapping)
_register_type("seq", _JsonLoader.build_sequence)
_register_type("str", _JsonLoader.build_string)
_register_type("bool", _JsonLoader.build_boolean, "true|True|TRUE|false|False|FALSE", "tTfF")
_register_type("int", _JsonLoader.build_integer, "[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789")
_register_type(
    "float",
    _JsonLoader.build_number,
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
    "-+.0123456789",
)
_JsonLoader.add_constructor("tag:yaml.org,2002:null", _JsonLoader.build_null)
_JsonLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(?:~|null|Null|NULL|)\Z"), ["~", "n", "N", ""])
_JsonLoader.add_implicit_resolver(_MERGE_TAG, re.compile(r"(?:<<)\Z"), ["<"])
_JsonLoader.add_constructor(_MERGE_TAG, _JsonLoader.build_string)  # `<<` as a value is plain text
_JsonLoader.add_constructor(None, _JsonLoader.reject_tag)
