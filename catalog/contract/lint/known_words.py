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

JSON_TYPES = frozenset({"null", *(kind for types in TYPES_BY_KEYWORD.values() for kind in types), "boolean"})

EXTENSION_PREFIXES = ("x-", "x_")
"""What a word begins with that somebody made up on purpose."""

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

_BOUNDS = {"min": "minimum", "minimum": "minimum", "max": "maximum", "maximum": "maximum"}
_BOUNDED = {
    **dict.fromkeys(("", "value", "val", "number", "inclusive"), ("minimum", "maximum")),
    **dict.fromkeys(("exclusive", "exclusivevalue"), ("exclusiveMinimum", "exclusiveMaximum")),
    **dict.fromkeys(("length", "len", "chars", "characters"), ("minLength", "maxLength")),
    **dict.fromkeys(("item", "items", "elements", "entries", "count", "size"), ("minItems", "maxItems")),
    **dict.fromkeys(("props", "property", "properties", "keys", "fields"), ("minProperties", "maxProperties")),
}
"""What people say has a smallest and a greatest one, whichever of the two words they write first."""

_NULL = '"null" among the types'
_NOT_NULL = 'a type without "null"'
_NOT_EMPTY = "minLength, minItems or minProperties"

KEYWORD_ALIASES: dict[str, str] = {
    **{
        word: keywords[bound == "maximum"]
        for short, bound in _BOUNDS.items()
        for noun, keywords in _BOUNDED.items()
        for word in (short + noun, noun + short)
    },
    **dict.fromkeys(("nullable", "isnullable", "allownull", "allowsnull", "allownulls", "acceptnull"), _NULL),
    **dict.fromkeys(("notnull", "nonnull", "isnotnull", "notnullable", "nonnullable"), _NOT_NULL),
    **dict.fromkeys(("notempty", "nonempty", "isnotempty", "allowempty", "allowblank"), _NOT_EMPTY),
    **dict.fromkeys(("optional", "isoptional", "mandatory", "ismandatory"), "the object's required"),
    **{
        f"{word}{noun}": keyword
        for word, keyword in {
            "required": "required",
            "mandatory": "required",
            "optional": "properties without required",
        }.items()
        for noun in ("properties", "props", "fields", "keys")
    },
    **dict.fromkeys(("props", "fields"), "properties"),
    **dict.fromkeys(("additionalprops", "additionalproperty", "allowadditionalproperties"), "additionalProperties"),
    **dict.fromkeys(("additionalkeys", "allowadditional", "allowextra", "allowunknown"), "additionalProperties"),
    "patternprops": "patternProperties",
    "unevaluatedprops": "unevaluatedProperties",
    **dict.fromkeys(("elements", "arrayof", "arrayitems", "itemtype", "itemschema"), "items"),
    **dict.fromkeys(("dependencies", "dependson"), "dependentRequired or dependentSchemas"),
    "additionalitems": "items beside prefixItems",
    "extends": "allOf",
    "disallow": "not",
    **dict.fromkeys(("divisibleby", "divisible"), "multipleOf"),
    **dict.fromkeys(("gte", "ge", "greaterthanorequal", "greaterthanorequalto"), "minimum"),
    **dict.fromkeys(("lte", "le", "lessthanorequal", "lessthanorequalto"), "maximum"),
    **dict.fromkeys(("gt", "greaterthan"), "exclusiveMinimum"),
    **dict.fromkeys(("lt", "lessthan"), "exclusiveMaximum"),
    **dict.fromkeys(("length", "lenght"), "minLength and maxLength"),
    "unique": "uniqueItems",
    **dict.fromkeys(("regex", "regexp", "regularexpression", "matches", "match"), "pattern"),
    "datatype": "type",
    **dict.fromkeys(("constant", "equals", "equalto", "literal", "fixedvalue"), "const"),
    **{
        f"{word}{noun}": "enum"
        for word in ("enum", "allowed", "valid", "possible", "permitted", "accepted")
        for noun in ("value", "values")
    },
    **dict.fromkeys(("enumeration", "values", "options", "choices", "allowed", "isoneof"), "enum"),
    "defaultvalue": "default",
    "desc": "description",
    "example": "examples",
    **dict.fromkeys(("sensitive", "issensitive", "pii", "ispii", "personaldata", "ispersonal"), "sensitivity"),
}
"""Words for a keyword that other tools, drafts and languages have; folded, as `fold` does it."""

FORMAT_ALIASES: dict[str, str] = {
    "timestamp": "date-time",
    "iso8601": "date-time",
    "iso8601datetime": "date-time",
    "isodatetime": "date-time",
    **dict.fromkeys(("isodate", "iso8601date", "fulldate", "dateonly"), "date"),
    "fulltime": "time",
    "rfc3339": "date-time",
    "datetimeoffset": "date-time",
    "url": "uri",
    "link": "uri",
    "href": "uri",
    **dict.fromkeys(("urlreference", "urireference", "uriref"), "uri-reference"),
    "guid": "uuid",
    "uuid4": "uuid",
    "uuidv4": "uuid",
    "mail": "email",
    "emailaddress": "email",
    "ip": "ipv4",
    "ipaddress": "ipv4",
    **dict.fromkeys(("domain", "domainname", "fqdn", "host", "hostdomain"), "hostname"),
    "regexp": "regex",
    "jsonpath": "json-pointer",
}
"""Words for a format that other tools have; folded."""

OTHER_FORMATS = frozenset({"ulid", "cuid", "cuid2", "ksuid"})
"""Formats that are near to one of JSON Schema as words, and are others: what one of them means, that one refuses."""

_MIN_FUZZY_LENGTH = 4
_EXACT_ONLY = frozenset({"then", "else"})  # when, than, elsewhere: too many other words are near


def fold(word: str) -> str:
    """Return a word without case and separators, as two spellings of one word are compared."""
    return "".join(character for character in word.casefold() if character.isalnum())


@lru_cache(maxsize=4096)
def nearest_keyword(word: str) -> str:
    """Return the keyword that an unknown one looks like, in words; "" where it looks like none."""
    if word.startswith(EXTENSION_PREFIXES):
        return ""
    return _nearest(word, KNOWN_KEYWORDS - UNSUPPORTED_KEYWORDS, KEYWORD_ALIASES)


@lru_cache(maxsize=4096)
def nearest_format(word: str) -> str:
    """Return the format that an unknown one looks like; "" where it looks like none."""
    return "" if fold(word) in OTHER_FORMATS else _nearest(word, CHECKED_FORMATS, FORMAT_ALIASES)


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
