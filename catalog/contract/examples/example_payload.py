"""An example payload that conforms to its own definition, to show and to paste."""

from typing import Any

from catalog.contract.definition.definition_document import Document, for_source, main_part, part_schemas
from catalog.contract.examples.value_generation import generate_objects
from catalog.contract.normalized_event import Event
from catalog.contract.validation.compiled_contract import OPEN_PARTS, Contract, compile_contract
from catalog.contract.validation.part_validator import PartValidator

_MAX_ATTEMPTS = 200


def example_payload(document: Document, *, source: str | None = None) -> dict[str, Any]:
    """Return a payload such as `{"properties": {…}}` (`traits` for identify and group, `context` where defined).

    It is the first of the document's own examples that breaks no rule, else a generated one that breaks
    none, else `{}`: where nothing fits, or where it was not found within the budget of the generation, there is no
    example. Raises InvalidDefinition where the document does not compile.
    """
    contract = compile_contract(document, source=source)
    own_examples = [_as_payload(each, document) for each in document.get("examples") or () if isinstance(each, dict)]
    for payload in own_examples:
        if _is_valid(contract, document, payload):
            return payload
    generated: dict[str, Any] = {}
    for part, schema in part_schemas(for_source(document, source)).items():
        value = example_value(part, schema)
        if value is None:
            return {}
        generated[part] = value
    return generated


def example_value(part: str, schema: dict[str, Any]) -> dict[str, Any] | None:
    """Return the first variant of a part that breaks no rule, or None where none is found."""
    validator = PartValidator(part, schema, is_open=part in OPEN_PARTS)
    return next((value for value in generate_objects(schema)[:_MAX_ATTEMPTS] if validator.accepts(value)), None)


def _as_payload(example: dict[str, Any], document: Document) -> dict[str, Any]:
    """Return an example as a payload; one that names no part is taken for the main part itself."""
    parts = part_schemas(document)
    is_payload = bool(example) and all(key in parts and isinstance(value, dict) for key, value in example.items())
    return example if is_payload else {main_part(document): example}


def _is_valid(contract: Contract, document: Document, payload: dict[str, Any]) -> bool:
    event = Event(
        call=document.get("call", "track"),
        properties=payload.get("properties"),
        traits=payload.get("traits"),
        context=payload.get("context"),
    )
    return contract.is_valid_strictly(event)
