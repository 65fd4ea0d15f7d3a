"""The keywords and formats that are checked here, and the nearest of them to a word that is none."""

from collections.abc import Collection, Mapping
from functools import lru_cache

from rapidfuzz.distance import OSA

from catalog.contract.schema.subschemas import (
    ANNOTATIONS,
    IN_PLACE_APPLICATORS,
    OTHER_SCHEMA_MAPS,
    PROPERTY_SCHEMA_MAPS,
    SCHEMA_LIST_KEYWORDS,
    SINGLE_SCHEMA_KEYWORDS,
    UNSUPPORTED_KEYWORDS,
)
from catalog.contract.schema.validator import CHECKED_FORMATS

TYPES_BY_KEYWORD: dict[str, frozenset[str]] = {
    keyword: frozenset(types.split())
    for types, keywords in {
        "string": "minLength maxLength pattern format contentEncoding contentMediaType contentSchema",
        "number integer": "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf",
        "array": "items prefixItems contains minContains maxContains minItems maxItems uniqueItems unevaluatedItems",
        "object": (
            "properties patternProperties additionalProperties unevaluatedProperties propertyNames required "
            "minProperties maxProperties dependentRequired dependentSchemas"
        ),
    }.items()
    for keyword in keywords.split()
}
"""The types of value that a keyword says something of; those that are not here speak of any value."""

OWN_KEYWORDS = frozenset({"sensitivity"})
"""Keywords of ours, which stand in a definition beside those of JSON Schema."""

KNOWN_KEYWORDS = (
    frozenset(TYPES_BY_KEYWORD)
    | {"type", "enum", "const", "$ref", "$anchor", "$id"}
    | ANNOTATIONS
    | IN_PLACE_APPLICATORS
    | SINGLE_SCHEMA_KEYWORDS
    | SCHEMA_LIST_KEYWORDS
    | PROPERTY_SCHEMA_MAPS
    | OTHER_SCHEMA_MAPS
    | UNSUPPORTED_KEYWORDS
    | OWN_KEYWORDS
)
"""Keywords that mean something here, or are refused as such."""

KEYWORD_ALIASES: dict[str, str] = {
    "nullable": '"null" among the types',
    "isnullable": '"null" among the types',
    "allownull": '"null" among the types',
    "optional": "the object's required",
    "mandatory": "the object's required",
    "requiredproperties": "required",
    "requiredfields": "required",
    "optionalproperties": "properties without required",
    "props": "properties",
    "fields": "properties",
    "additionalprops": "additionalProperties",
    "additionalproperty": "additionalProperties",
    "allowadditionalproperties": "additionalProperties",
    "patternprops": "patternProperties",
    "elements": "items",
    "dependencies": "dependentRequired or dependentSchemas",
    "additionalitems": "items beside prefixItems",
    "extends": "allOf",
    "disallow": "not",
    "divisibleby": "multipleOf",
    "min": "minimum",
    "max": "maximum",
    "minvalue": "minimum",
    "maxvalue": "maximum",
    "gte": "minimum",
    "lte": "maximum",
    "gt": "exclusiveMinimum",
    "lt": "exclusiveMaximum",
    "exclusivemin": "exclusiveMinimum",
    "exclusivemax": "exclusiveMaximum",
    "length": "minLength and maxLength",
    "minimumlength": "minLength",
    "maximumlength": "maxLength",
    "minlen": "minLength",
    "maxlen": "maxLength",
    "minsize": "minItems",
    "maxsize": "maxItems",
    "unique": "uniqueItems",
    "regex": "pattern",
    "regexp": "pattern",
    "matches": "pattern",
    "datatype": "type",
    "constant": "const",
    "equals": "const",
    "enumeration": "enum",
    "values": "enum",
    "allowedvalues": "enum",
    "options": "enum",
    "choices": "enum",
    "defaultvalue": "default",
    "desc": "description",
    "example": "examples",
    "sensitive": "sensitivity",
}
"""Words for a keyword that other tools, drafts and languages have; folded, as `fold` does it."""

FORMAT_ALIASES: dict[str, str] = {
    "timestamp": "date-time",
    "iso8601": "date-time",
    "iso8601datetime": "date-time",
    "isodatetime": "date-time",
    "isodate": "date",
    "iso8601date": "date",
    "rfc3339": "date-time",
    "datetimeoffset": "date-time",
    "url": "uri",
    "link": "uri",
    "href": "uri",
    "urlreference": "uri-reference",
    "guid": "uuid",
    "uuid4": "uuid",
    "uuidv4": "uuid",
    "mail": "email",
    "emailaddress": "email",
    "ip": "ipv4",
    "ipaddress": "ipv4",
    "domain": "hostname",
    "host": "hostname",
    "hostdomain": "hostname",
    "regexp": "regex",
    "jsonpath": "json-pointer",
}
"""Words for a format that other tools have; folded."""

_MIN_FUZZY_LENGTH = 4
_EXACT_ONLY = frozenset({"then", "else"})  # when, than, elsewhere: too many other words are near


def fold(word: str) -> str:
    """Return a word without case and separators, as two spellings of one word are compared."""
    return "".join(character for character in word.casefold() if character.isalnum())


@lru_cache(maxsize=4096)
def nearest_keyword(word: str) -> str:
    """Return the keyword that an unknown one looks like, in words; "" where it looks like none."""
    if word.startswith(("x-", "x_")):
        return ""
    return _nearest(word, KNOWN_KEYWORDS - UNSUPPORTED_KEYWORDS, KEYWORD_ALIASES)


@lru_cache(maxsize=4096)
def nearest_format(word: str) -> str:
    """Return the format that an unknown one looks like; "" where it looks like none."""
    return _nearest(word, CHECKED_FORMATS, FORMAT_ALIASES)


def nearest_word(word: str, known: Collection[str]) -> str:
    """Return the known word that another one looks like; "" where it looks like none."""
    return _nearest(word, known, {})


def _nearest(word: str, known: Collection[str], aliases: Mapping[str, str]) -> str:
    folded = fold(word)
    if folded in aliases:
        return aliases[folded]
    best: tuple[int, str] | None = None
    for candidate in sorted(known):
        folded_candidate = fold(candidate)
        if folded == folded_candidate:
            return candidate
        if len(folded_candidate) < _MIN_FUZZY_LENGTH or candidate in _EXACT_ONLY or len(word) > 2 * len(candidate):
            continue
        allowed = 1 if len(folded_candidate) < 7 else 2
        distance = OSA.distance(folded, folded_candidate, score_cutoff=allowed)
        if distance <= allowed and (best is None or distance < best[0]):
            best = (distance, candidate)
    return best[1] if best else ""
