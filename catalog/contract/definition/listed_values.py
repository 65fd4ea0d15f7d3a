"""The texts that a definition lists as values of its properties, by which people find events."""

from itertools import islice

from catalog.contract.definition.definition_document import Document, part_schemas
from catalog.contract.json.text import escape_text
from catalog.contract.schema.subschemas import distinct_schemas

MAX_LISTED_VALUES = 2_000
"""How many values of one definition are found; those that its schemas list first."""

MAX_VALUE_LENGTH = 200
"""How much of a value is found, in characters."""


def listed_values(document: Document) -> list[str]:
    """Return each text that an `enum` of a valid document lists, wherever in its schemas, once and as it is stored.

    What is longer is cut; numbers, and texts of nothing but blanks, are left out.
    """
    found = (
        escape_text(value)[:MAX_VALUE_LENGTH]
        for schema in part_schemas(document).values()
        for each in distinct_schemas(schema)
        for value in _texts(each.get("enum"))
    )
    return list(islice(dict.fromkeys(found), MAX_LISTED_VALUES))


def _texts(values: object) -> list[str]:
    return [value for value in values if isinstance(value, str) and value.strip()] if isinstance(values, list) else []
