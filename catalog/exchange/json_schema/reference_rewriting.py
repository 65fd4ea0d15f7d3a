"""References between schemas: resolved inside the upload alone, and rewritten to the new place of their target."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urldefrag, urljoin

from catalog.contract.json.pointers import ABSENT, escape_key, parse_pointer, value_at
from catalog.exchange.entry import Json
from catalog.exchange.json_schema.draft_keywords import (
    SCHEMA_LIST_KEYWORDS,
    SCHEMA_MAP_KEYWORDS,
    SINGLE_SCHEMA_KEYWORDS,
    Draft,
    detect_draft,
    draft_subschemas,
)

_FRAGMENT_CHARACTERS = "!$&'()*+,;=:@?-._~"  # RFC 3986, section 3.5, but for the slash

Tokens = tuple[str, ...]
ExternalSchemaLookup = Callable[[str], Json]
"""Answers the schema that a URI names inside the upload, or None where the upload has none."""


@dataclass(frozen=True, slots=True)
class SchemaResource:
    """One schema file that becomes part of a definition: its URI, and its pointer in the definition."""

    schema: Any
    draft: Draft
    uri: str
    prefix: str  # "#" for the definition itself, "#/$defs/…" for what it refers to


class UnresolvedReference(ValueError):
    """A reference that cannot be resolved inside the upload; `code` is stable, the text is a sentence."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class ReferenceRewriter:
    """Every place that a reference can name, and the files that still have to be included."""

    def __init__(self, main: SchemaResource, external: ExternalSchemaLookup | None = None) -> None:
        self._find_external = external
        self._targets_by_uri: dict[str, tuple[SchemaResource, Tokens]] = {}
        self._targets_by_anchor: dict[tuple[str, str], tuple[SchemaResource, Tokens]] = {}
        self.pending_resources: list[SchemaResource] = []
        self._index(main)

    def base_uri_of(self, schema: dict[str, Any], base: str, draft: Draft) -> str:
        """The base URI inside a schema: its own id where it has one that counts, else the base around it."""
        identifier = schema.get("id" if draft is Draft.DRAFT_04 else "$id")
        if not isinstance(identifier, str) or identifier.startswith("#"):
            return base
        if draft <= Draft.DRAFT_07 and "$ref" in schema:  # siblings of `$ref` mean nothing there
            return base
        try:
            return urldefrag(_join_uri(base, identifier))[0]
        except UnresolvedReference:
            return base  # an id that is no URI names nothing

    def rewrite(self, reference: str, base: str) -> str:
        """A reference as it reads in the definition. Raises UnresolvedReference."""
        uri, fragment = urldefrag(_join_uri(base, reference))
        if uri not in self._targets_by_uri:
            self._include_external(uri, reference)
        resource, target_tokens = self._targets_by_uri[uri]
        written, fragment = fragment, unquote(fragment)
        if fragment and not fragment.startswith("/"):
            if (uri, fragment) not in self._targets_by_anchor:
                raise UnresolvedReference(
                    "lost_reference", f"The reference {reference[:200]!r} names nothing in its file."
                )
            resource, target_tokens = self._targets_by_anchor[uri, fragment]
            fragment = ""
        tokens = target_tokens + tuple(parse_pointer(fragment))
        if written != fragment and value_at(resource.schema, tokens) is ABSENT:
            tokens = target_tokens + tuple(parse_pointer(written))  # a name with a percent sign, written as it is
        return "/".join(
            [resource.prefix, *map(escape_fragment_token, _translate_pointer(resource.schema, tokens, reference))]
        )

    def _include_external(self, uri: str, reference: str) -> None:
        schema = self._find_external(uri) if self._find_external else None
        if schema is None:
            raise UnresolvedReference(
                "remote_reference",
                f"The reference {reference[:200]!r} leads out of the upload, and nothing is ever fetched. "
                "Import it together with the file of that schema (as a folder or a zip), at the path or with the `$id` "
                "that the reference names.",
            )
        draft = detect_draft(schema, Draft.DRAFT_07)
        if draft is None:
            raise UnresolvedReference(
                "unknown_draft", f"{uri[:200]!r} is written in a draft of JSON Schema that is not read."
            )
        resource = SchemaResource(schema, draft, uri, f"#/$defs/{escape_fragment_token(uri)}")
        self._index(resource)
        self.pending_resources.append(resource)

    def _index(self, resource: SchemaResource) -> None:
        self._targets_by_uri.setdefault(resource.uri, (resource, ()))
        stack: list[tuple[Any, Tokens, str]] = [(resource.schema, (), resource.uri)]
        while stack:
            schema, tokens, base = stack.pop()
            if not isinstance(schema, dict):
                continue
            inner = self.base_uri_of(schema, base, resource.draft)
            self._targets_by_uri.setdefault(inner, (resource, tokens))
            for keyword in ("id", "$id", "$anchor"):
                name = schema.get(keyword)
                if isinstance(name, str) and (keyword == "$anchor" or name.startswith("#")):
                    self._targets_by_anchor.setdefault((inner, name.lstrip("#")), (resource, tokens))
            stack.extend((child, tokens + step, inner) for step, child in draft_subschemas(schema))


def escape_fragment_token(token: str) -> str:
    """Return one token as the JSON Pointer of a URI fragment writes it: what a URI may not hold is percent-encoded."""
    return quote(escape_key(token), safe=_FRAGMENT_CHARACTERS)


def _join_uri(base: str, reference: str) -> str:
    try:
        return urljoin(base, reference)
    except ValueError as error:
        raise UnresolvedReference("lost_reference", f"{reference[:200]!r} is no reference.") from error


def _translate_pointer(schema: Any, tokens: Tokens, reference: str) -> Tokens:
    """The tokens of a pointer after the conversion to 2020-12 has moved what they pass through."""
    node, translated, container_kind = schema, [], "schema"
    for token in tokens:
        if container_kind == "schema":
            new_token, container_kind = _converted_keyword(node, token)
            node = value_at(node, (token,))
        else:
            if container_kind == "dependencies" and isinstance(node, dict) and isinstance(node.get(token), list):
                container_kind = ""
            new_token, container_kind = token, container_kind and "schema"
            node = value_at(node, (token,))
        if not container_kind or node is None or node is ABSENT:
            raise UnresolvedReference("lost_reference", f"The reference {reference[:200]!r} names no schema.")
        translated.append(new_token)
    if container_kind != "schema":
        raise UnresolvedReference("lost_reference", f"The reference {reference[:200]!r} names no schema.")
    return tuple(translated)


def _converted_keyword(schema: Any, keyword: str) -> tuple[str, str]:
    """Where a keyword of an older draft lies in 2020-12, and what its value holds; an empty text for nothing."""
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
    if keyword in SCHEMA_MAP_KEYWORDS:
        return keyword, "map"
    if keyword in SCHEMA_LIST_KEYWORDS:
        return keyword, "list"
    return keyword, "schema" if keyword in SINGLE_SCHEMA_KEYWORDS else ""
