"""References between schemas: found inside the upload alone, and rewritten to where their target comes to lie."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

from catalog.exchange.entry import Json
from catalog.exchange.json_schema.draft_keywords import LISTS, MAPS, ONE, Draft, children, draft_of

Tokens = tuple[str, ...]
External = Callable[[str], Json]
"""Answers the schema that a URI names inside the upload, or None where the upload has none."""


@dataclass(frozen=True, slots=True)
class Source:
    """One schema file on its way into a definition: where it came from, and where it will lie."""

    schema: Any
    draft: Draft
    uri: str
    prefix: str  # "#" for the definition itself, "#/$defs/…" for what it refers to


class Unresolved(ValueError):
    """A reference that leads nowhere we may go; `code` is stable, the text is a sentence."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class References:
    """Every place that a reference can name, and the files that still have to be taken along."""

    def __init__(self, main: Source, external: External | None = None) -> None:
        self._external = external
        self._places: dict[str, tuple[Source, Tokens]] = {}
        self._anchors: dict[tuple[str, str], tuple[Source, Tokens]] = {}
        self.waiting: list[Source] = []
        self._index(main)

    def base_of(self, schema: dict[str, Any], base: str, draft: Draft) -> str:
        """The base URI inside a schema: its own id where it has one that counts, else the base around it."""
        identifier = schema.get("id" if draft is Draft.DRAFT_04 else "$id")
        if not isinstance(identifier, str) or identifier.startswith("#"):
            return base
        if draft <= Draft.DRAFT_07 and "$ref" in schema:  # siblings of `$ref` mean nothing there
            return base
        try:
            return urldefrag(_join(base, identifier))[0]
        except Unresolved:
            return base  # an id that is no URI names nothing

    def rewrite(self, reference: str, base: str) -> str:
        """A reference as it reads in the definition. Raises Unresolved."""
        uri, fragment = urldefrag(_join(base, reference))
        if uri not in self._places:
            self._take_along(uri, reference)
        source, place = self._places[uri]
        fragment = unquote(fragment)
        if fragment and not fragment.startswith("/"):
            if (uri, fragment) not in self._anchors:
                raise Unresolved("lost_reference", f"The reference {reference[:200]!r} names nothing in its file.")
            source, place = self._anchors[uri, fragment]
            fragment = ""
        tokens = place + tuple(unescape(token) for token in fragment.split("/")[1:])
        return "/".join([source.prefix, *map(escape, _translate(source.schema, tokens, reference))])

    def _take_along(self, uri: str, reference: str) -> None:
        schema = self._external(uri) if self._external else None
        if schema is None:
            raise Unresolved(
                "remote_reference",
                f"The reference {reference[:200]!r} leads out of the upload, and nothing is ever fetched. "
                "Add that schema to the upload, or import the schema with its references resolved.",
            )
        draft = draft_of(schema, Draft.DRAFT_07)
        if draft is None:
            raise Unresolved("unknown_draft", f"{uri[:200]!r} is written in a draft of JSON Schema that is not read.")
        source = Source(schema, draft, uri, f"#/$defs/{escape(uri)}")
        self._index(source)
        self.waiting.append(source)

    def _index(self, source: Source) -> None:
        self._places.setdefault(source.uri, (source, ()))
        stack: list[tuple[Any, Tokens, str]] = [(source.schema, (), source.uri)]
        while stack:
            schema, tokens, base = stack.pop()
            if not isinstance(schema, dict):
                continue
            inner = self.base_of(schema, base, source.draft)
            self._places.setdefault(inner, (source, tokens))
            for keyword in ("id", "$id", "$anchor"):
                name = schema.get(keyword)
                if isinstance(name, str) and (keyword == "$anchor" or name.startswith("#")):
                    self._anchors.setdefault((inner, name.lstrip("#")), (source, tokens))
            stack.extend((child, tokens + step, inner) for step, child in children(schema))


def escape(token: str) -> str:
    """One token as a URI fragment's JSON Pointer writes it."""
    return token.replace("~", "~0").replace("/", "~1").replace("%", "%25").replace("#", "%23")


def unescape(token: str) -> str:
    """The key that a token of a JSON Pointer names."""
    return token.replace("~1", "/").replace("~0", "~")


def _join(base: str, reference: str) -> str:
    try:
        return urljoin(base, reference)
    except ValueError as error:
        raise Unresolved("lost_reference", f"{reference[:200]!r} is no reference.") from error


def _translate(schema: Any, tokens: Tokens, reference: str) -> Tokens:
    """The tokens of a pointer after the conversion to 2020-12 has moved what they pass through."""
    node, made, at = schema, [], "schema"
    for token in tokens:
        if at == "schema":
            moved, at = _move(node, token)
            node = node.get(token) if isinstance(node, dict) else None
        else:
            if at == "dependencies" and isinstance(node, dict) and isinstance(node.get(token), list):
                at = ""
            moved, at = token, at and "schema"
            node = _member(node, token)
        if not at or node is None:
            raise Unresolved("lost_reference", f"The reference {reference[:200]!r} names no schema.")
        made.append(moved)
    if at != "schema":
        raise Unresolved("lost_reference", f"The reference {reference[:200]!r} names no schema.")
    return tuple(made)


def _move(schema: Any, keyword: str) -> tuple[str, str]:
    """Where a keyword of an older draft lies in 2020-12, and what its value holds; an empty word for nothing."""
    if not isinstance(schema, dict):
        return keyword, ""
    if keyword == "items" and isinstance(schema.get("items"), list):
        return "prefixItems", "list"
    if keyword == "additionalItems":
        return "items", "schema" if isinstance(schema.get("items"), list) else ""
    if keyword == "definitions":
        return "$defs", "map"
    if keyword == "dependencies":
        return "dependentSchemas", "dependencies"
    if keyword in MAPS:
        return keyword, "map"
    if keyword in LISTS:
        return keyword, "list"
    return keyword, "schema" if keyword in ONE else ""


def _member(node: Any, token: str) -> Any:
    if isinstance(node, list):
        return node[int(token)] if token.isdecimal() and int(token) < len(node) else None
    return node.get(token) if isinstance(node, dict) else None
