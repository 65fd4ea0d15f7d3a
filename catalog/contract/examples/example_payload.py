"""A sample payload that keeps to its own definition, to show and to paste."""

from typing import Any

from catalog.contract.definition.definition_document import Document, for_source, main_part, parts_of
from catalog.contract.examples.value_generation import variants
from catalog.contract.normalized_event import Event
from catalog.contract.validation.compiled_contract import Contract, compile
from catalog.contract.validation.part_validator import Part

_TRIES = 200


def example(document: Document, *, source: str | None = None) -> dict[str, Any]:
    """Return a payload such as `{"properties": {…}}` (`traits` for identify and group, `context` where defined).

    It is the first of the document's own examples that breaks no rule, else a generated one that breaks
    none, else, where no such payload is found, the first own example or the best try. Raises
    InvalidDefinition where the document does not compile.
    """
    contract = compile(document, source=source)
    own = [_as_payload(each, document) for each in document.get("examples") or () if isinstance(each, dict)]
    for payload in own:
        if _is_valid(contract, document, payload):
            return payload
    parts = parts_of(for_source(document, source))
    generated = {part: fitting_value(part, schema) for part, schema in parts.items()}
    if _is_valid(contract, document, generated) or not own:
        return generated
    return own[0]


def fitting_value(part: str, schema: dict[str, Any]) -> Any:
    """Return the first variant of a part that breaks no rule, else the first variant, else an empty object."""
    rules = Part(part, schema, is_open=part == "context")
    offered = variants(schema, schema)[:_TRIES]
    return next((value for value in offered if rules.accepts(value)), offered[0] if offered else {})


def _as_payload(example: dict[str, Any], document: Document) -> dict[str, Any]:
    """Return an example as a payload; one that names no part is taken for the main part itself."""
    parts = parts_of(document)
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
