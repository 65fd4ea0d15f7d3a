"""Values that a schema may accept, candidates for examples and counterexamples. The caller validates them."""

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import islice
from typing import Any

from catalog.contract.examples.pattern_text import matching_text
from catalog.contract.json.canonical_json import canonical_json
from catalog.contract.json.equality import json_equal
from catalog.contract.schema.subschemas import Schema, resolve_reference
from catalog.contract.schema.validator import build_validator

MAX_GENERATED_VALUES = 2_000
"""How many values are offered for a schema."""

MAX_STEPS = 100_000
"""How much work is done for a schema at most, however its branches multiply."""

_MAX_NESTED_VALUES = 24  # for a schema inside it
_CHARACTERS_PER_STEP = 64
_PROPERTIES_PER_STEP = 32

_MAX_DEPTH = 12
_MAX_TEXT_LENGTH = 10_000
_MAX_ITEMS = 1_000
_FIRST_TOO_LARGE_FLOAT = 2**1023
FORMAT_EXAMPLES = {
    "date": "2026-03-14",
    "date-time": "2026-03-14T09:26:53Z",
    "duration": "PT15M",
    "email": "ada@example.com",
    "hostname": "shop.example.com",
    "idn-email": "ada@example.com",
    "idn-hostname": "shop.example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "iri": "https://shop.example.com/",
    "iri-reference": "/path",
    "json-pointer": "/path",
    "regex": "^a$",
    "relative-json-pointer": "0",
    "time": "09:26:53Z",
    "uri": "https://shop.example.com/",
    "uri-reference": "/path",
    "uri-template": "https://shop.example.com/{path}",
    "uuid": "3f2b8c1e-5d4a-4e6f-9b7c-1a2d3e4f5a6b",
}
_CANDIDATE_TEXTS = ("text", "", "1", "a", "A", "EUR", "en-US", "1.0.0", "1-0-0", "#ffffff", *FORMAT_EXAMPLES.values())
_BRANCHING_KEYWORDS = ("$ref", "allOf", "anyOf", "oneOf")
_Choices = tuple[list[Schema], Any] | None
"""The choices between branches that are still to be made: the first, and the others behind it."""

_KEYWORDS_BY_TYPE = {
    "object": {"properties", "patternProperties", "additionalProperties", "required", "propertyNames", "minProperties"},
    "array": {"items", "prefixItems", "contains", "minItems", "maxItems", "uniqueItems"},
    "string": {"minLength", "maxLength", "pattern", "format"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
}


def generate_values(root: Schema, schema: Schema, *, max_steps: int = MAX_STEPS) -> list[Any]:
    """Return up to 2,000 values that a schema may accept, the most useful first.

    `root` is what its references refer to. An object comes with all its properties, with the required ones
    only, and with each property in each of its variants. The work is counted in steps (branches put together,
    values made), so that the answer is the same on every machine: what was found within them is returned, which
    may be nothing. Never raises for a valid schema; some of the values may not fit, where rules depend on each
    other.
    """
    return _ValueGenerator(root, _Budget(max_steps)).generate(schema, 0)


class ExampleGenerator:
    """Examples for the schemas of one definition, whose work is counted together: where it ends, there are no more."""

    def __init__(self, root: Schema, max_steps: int) -> None:
        self._root = root
        self._steps_left = max_steps

    def first_value(self, schema: Schema) -> Any:
        """Return the first value that `generate_values` offers, or None where there is none."""
        budget = _Budget(min(self._steps_left, MAX_STEPS))
        before = budget.left
        values = _ValueGenerator(self._root, budget).generate(schema, 0, limit=1)
        self._steps_left -= before - budget.left
        return values[0] if values else None


def generate_objects(schema: Schema) -> list[dict[str, Any]]:
    """Return what `generate_values` finds for the schema of a part, which is always an object."""
    if not isinstance(schema, dict):
        return [{}] if schema else []
    return [value for value in generate_values(schema, schema | {"type": "object"}) if isinstance(value, dict)]


class _Budget:
    """How many steps are left for one schema and all inside it."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def spend(self, steps: int) -> bool:
        """Take steps and tell whether they were there; once they were not, none is left."""
        self.left -= steps
        if self.left < 0:
            self.left = 0
            return False
        return True


def _weight(value: Any, limit: int) -> int:
    """Return how much a value holds: each value inside counts, and every 64 characters. Stops past the limit."""
    weight, pending = 0, [value]
    while pending and weight <= limit:
        current = pending.pop()
        weight += 1
        if isinstance(current, str):
            weight += len(current) // _CHARACTERS_PER_STEP
        elif isinstance(current, dict):
            pending += current.values()
        elif isinstance(current, list):
            pending += current
    return weight


class _ValueGenerator:
    def __init__(self, root: Schema, budget: _Budget, active_references: tuple[str, ...] = ()) -> None:
        self._root = root
        self._budget = budget
        self._active_references = active_references  # the references that led to the schema at hand

    def generate(self, schema: Schema, depth: int, *, limit: int = 0) -> list[Any]:
        if schema is False or depth > _MAX_DEPTH:
            return []
        # A schema inside another gets half of what is left, so that the others beside it get something, too.
        reserved = self._budget.left // 2 if depth else 0
        self._budget.left -= reserved
        values = self._generate_all(schema if isinstance(schema, dict) else {}, depth)
        found = self._distinct(values, limit or (_MAX_NESTED_VALUES if depth else MAX_GENERATED_VALUES))
        self._budget.left += reserved
        return found

    def _distinct(self, values: Iterable[Any], limit: int) -> list[Any]:
        """Return the first values, each once, as far as the budget goes."""
        found: dict[bytes, Any] = {}
        for value in values:
            if not self._budget.spend(_weight(value, self._budget.left)):
                break
            found.setdefault(canonical_json(value), value)
            if len(found) == limit:
                break
        return list(found.values())

    def _generate_all(self, schema: dict[str, Any], depth: int) -> Iterator[Any]:
        for alternative, references in islice(self._expand_alternatives(schema), _MAX_NESTED_VALUES):
            if any(self._active_references.count(reference) > 1 for reference in references):
                continue  # a schema that holds its own kind: twice is enough to show it
            nested = _ValueGenerator(self._root, self._budget, self._active_references + references)
            yield from nested._generate_for_alternative(alternative, depth)

    def _generate_for_alternative(self, alternative: dict[str, Any], depth: int) -> Iterator[Any]:
        examples = alternative.get("examples")
        yield from examples if isinstance(examples, list) else ()
        if "default" in alternative:
            yield alternative["default"]
        if "const" in alternative:
            yield alternative["const"]
        elif "enum" in alternative:
            yield from alternative["enum"]
        else:
            by_type = [self._generate_for_type(kind, alternative, depth) for kind in _possible_types(alternative)]
            yield from _one_of_each(by_type)

    def _expand_alternatives(self, schema: dict[str, Any]) -> Iterator[tuple[dict[str, Any], tuple[str, ...]]]:
        """Yield the schema without references and branches, once for each combination of branches.

        With each comes which references it was reached by. Each step takes one branch of the first choice that is
        still to be made; a branch brings its own choices, which are made before the others.
        """
        plain, choices = self._without_branches(schema)
        pending = [(plain, choices, _references_of(schema))]
        while pending:
            plain, choices, references = pending.pop()
            if not self._budget.spend(1 + len(plain.get("properties", ())) // _PROPERTIES_PER_STEP):
                return
            if choices is None:
                yield plain, references
                continue
            branches, others = choices
            for branch in reversed(branches):
                if branch is False:
                    continue
                branch = branch if isinstance(branch, dict) else {}
                chosen = references + _references_of(branch)
                if len(chosen) <= _MAX_DEPTH and self._budget.spend(1):
                    keywords, own_choices = self._without_branches(branch, others)
                    pending.append((_merge_schemas(plain, keywords), own_choices, chosen))

    def _without_branches(self, schema: dict[str, Any], others: "_Choices" = None) -> tuple[dict[str, Any], "_Choices"]:
        """Return the keywords of a schema that hold in any case, and its choices, with the others behind them."""
        choices: list[list[Schema]] = []
        if "$ref" in schema:
            choices.append([resolve_reference(self._root, schema["$ref"]) or True])
        choices += [[branch] for branch in schema.get("allOf", ())]
        choices += [schema[keyword] for keyword in ("anyOf", "oneOf") if keyword in schema]
        linked = others
        for branches in reversed(choices):
            linked = (branches, linked)
        return {keyword: value for keyword, value in schema.items() if keyword not in _BRANCHING_KEYWORDS}, linked

    def _generate_for_type(self, kind: str, schema: dict[str, Any], depth: int) -> Iterator[Any]:
        if kind == "object":
            yield from self._generate_objects(schema, depth)
        elif kind == "array":
            yield from self._generate_arrays(schema, depth)
        elif kind == "string":
            yield from _generate_texts(schema)
        elif kind in ("integer", "number"):
            yield from _generate_numbers(schema, kind)
        else:
            yield from (True, False) if kind == "boolean" else (None,)

    def _generate_objects(self, schema: dict[str, Any], depth: int) -> Iterator[dict[str, Any]]:
        pattern_properties = {
            matching_text(pattern): inner for pattern, inner in schema.get("patternProperties", {}).items()
        }
        properties = schema.get("properties", {}) | {name: inner for name, inner in pattern_properties.items() if name}
        named = list(properties) + [name for name in schema.get("required", ()) if name not in properties]
        values = {name: self.generate(properties.get(name, True), depth + 1) for name in named}
        required = {name: values[name][0] for name in schema.get("required", ()) if values[name]}
        full = {name: found[0] for name, found in values.items() if found}
        additional = schema.get("additionalProperties", False)
        extra = {} if additional is False or depth else {"another": (self.generate(additional, depth + 1) or [None])[0]}
        if not properties and additional is not False:
            full = required | {"another": (self.generate(additional, depth + 1) or [None])[0]}
        yield full
        yield required
        yield required | extra
        for name, found in values.items():
            yield from (required | {name: value} for value in found)
            yield {kept: value for kept, value in full.items() if kept != name}

    def _generate_arrays(self, schema: dict[str, Any], depth: int) -> Iterator[list[Any]]:
        prefix = [(self.generate(item, depth + 1) or [None])[0] for item in schema.get("prefixItems", ())]
        items = self.generate(schema.get("items", True), depth + 1)
        items = self.generate(schema["contains"], depth + 1) + items if "contains" in schema else items
        min_count = max(int(schema.get("minItems", 0)) - len(prefix), 0)
        if min_count > _MAX_ITEMS:
            return
        for item in items:
            repeated = [item] * max(min_count, 1)
            if not self._budget.spend(len(repeated) * _weight(item, _MAX_ITEMS)):
                return
            if schema.get("uniqueItems"):
                repeated = [item, *(other for other in items if not json_equal(other, item))][: max(min_count, 1)]
            yield prefix + repeated
        yield prefix + items[:1] * min_count


def _references_of(schema: dict[str, Any]) -> tuple[str, ...]:
    return (schema["$ref"],) if "$ref" in schema else ()


def _one_of_each(iterators: list[Iterator[Any]]) -> Iterator[Any]:
    """Yield the first of each, then the second of each, to the end."""
    while iterators:
        remaining = []
        for values in iterators:
            for value in islice(values, 1):
                yield value
                remaining.append(values)
        iterators = remaining


def _merge_schemas(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Return one schema for two that hold for the same value, as far as they can be put together."""
    merged = first | second
    for keyword in ("properties", "patternProperties"):
        for name in first.get(keyword, {}).keys() & second.get(keyword, {}).keys():
            both = {"allOf": [first[keyword][name], second[keyword][name]]}
            merged[keyword] = first[keyword] | merged[keyword] | {name: both}
        if keyword in first and keyword in second:
            merged[keyword] = first[keyword] | merged[keyword]
    if "required" in first and "required" in second:
        merged["required"] = [
            *first["required"],
            *(name for name in second["required"] if name not in first["required"]),
        ]
    if "type" in first and "type" in second:
        merged["type"] = [kind for kind in _possible_types(first) if kind in _possible_types(second)] or first["type"]
    return merged


def _possible_types(schema: dict[str, Any]) -> list[str]:
    types = schema.get("type")
    if types is not None:
        return [types] if isinstance(types, str) else list(types)
    hinted = [kind for kind, keywords in _KEYWORDS_BY_TYPE.items() if keywords & schema.keys()]
    return hinted or ["string", "integer", "number", "boolean", "null", "object", "array"]


def _generate_texts(schema: dict[str, Any]) -> Iterator[str]:
    """Yield texts that conform to the rules for texts in a schema."""
    rules = {keyword: schema[keyword] for keyword in _KEYWORDS_BY_TYPE["string"] if keyword in schema}
    shortest, longest = int(schema.get("minLength", 0)), int(schema.get("maxLength", 64))
    matching = matching_text(schema["pattern"]) if "pattern" in schema else None
    candidates = [
        FORMAT_EXAMPLES.get(schema.get("format", ""), "text"),
        *([matching] if matching is not None else []),
        *_CANDIDATE_TEXTS,
    ]
    if shortest <= _MAX_TEXT_LENGTH:
        lengths = (shortest, longest) if longest <= _MAX_TEXT_LENGTH else (shortest,)
        candidates += [text[:longest].ljust(shortest, "a") for text in candidates]
        candidates += ["a" * length for length in lengths]
    validator = build_validator(rules)
    yield from (text for text in candidates if validator.is_valid(text))


def _generate_numbers(schema: dict[str, Any], kind: str) -> Iterator[int | float]:
    """Yield numbers at, inside and around the bounds of a schema, computed exactly whatever their size."""
    bounds = [
        Fraction(str(schema[keyword]))
        for keyword in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
        if keyword in schema
    ]
    step = Fraction(str(schema.get("multipleOf", 1)))
    lowest = Fraction(str(schema.get("minimum", schema.get("exclusiveMinimum", 0))))
    steps_to_lowest = lowest / step
    has_multiples = bounds or "multipleOf" in schema
    multiples = [step * math.ceil(steps_to_lowest), step * (math.floor(steps_to_lowest) + 1)] if has_multiples else []
    halves = [] if kind == "integer" else [Fraction(55, 2), Fraction(1, 2)]
    middle = [sum(bounds, Fraction(0)) / 2] if len(bounds) == 2 else []
    near_bounds = [value for bound in bounds for value in (bound, bound + 1, bound - 1)]
    others = map(Fraction, (1, 0))
    for value in (*multiples, *halves, *others, *middle, *near_bounds, Fraction(-1), Fraction(1_000_000)):
        number = _as_json_number(value)
        if number is not None and (kind == "number" or isinstance(number, int)):
            yield number


def _as_json_number(value: Fraction) -> int | float | None:
    """Return an integer where it is one, else the nearest float; None where that might be infinite."""
    if value.denominator == 1:
        return value.numerator
    return float(value) if abs(value) < _FIRST_TOO_LARGE_FLOAT else None
