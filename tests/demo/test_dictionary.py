"""The demo's dictionary keeps to the rules it is there to show."""

from __future__ import annotations

import jsonschema_rs
import pytest

from catalog.contract import Event, compile_contract, example_payload, find_problems
from demo.dictionary import CATEGORIES, EVENTS, LIBRARY
from demo.scenario import SCENARIO_REQUESTS
from tracking.requests.choices import RequestState

ENTRIES = (*EVENTS, *(request.event for request in SCENARIO_REQUESTS if request.event is not None))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_each_definition_compiles_and_its_example_conforms(entry):
    document = entry.document(LIBRARY)
    assert find_problems(document) == []
    for source in entry.sources:
        payload = example_payload(document, source=source)
        sent = Event(call=entry.call, event=entry.name, **payload)
        assert compile_contract(document, source=source).check(sent).violations == ()


def test_every_edit_of_the_story_compiles():
    documents = {entry.name: entry.document(LIBRARY) for entry in EVENTS}
    edited = [request for request in SCENARIO_REQUESTS if request.edit_definition is not None]
    assert len(edited) >= 4
    for request in edited:
        assert find_problems(request.edit_definition(documents[request.existing_event])) == []


@pytest.mark.parametrize("entry", LIBRARY.values(), ids=lambda entry: entry.name)
def test_each_example_of_the_library_keeps_to_its_schema(entry):
    validator = jsonschema_rs.Draft202012Validator(entry.schema, validate_formats=True)
    assert entry.examples and all(validator.is_valid(each) for each in entry.examples)


def test_the_dictionary_is_whole():
    names = [(entry.call, entry.name) for entry in ENTRIES]
    assert len(names) == len(set(names)) >= 120
    assert len(CATEGORIES) == 12
    assert {entry.category for entry in ENTRIES} == {shelf.slug for shelf in CATEGORIES}
    assert {name for entry in ENTRIES for name in entry.properties} <= LIBRARY.keys()
    assert {"standard", "template", "container"} == {entry.kind for entry in ENTRIES}


def test_every_text_is_a_sentence_and_says_something_of_its_own():
    words = [text for entry in ENTRIES for text in (entry.description, entry.trigger)]
    words += [entry.description for entry in LIBRARY.values()]
    assert all(text.endswith(".") and text[0].isupper() and len(text) > 8 for text in words)
    said = [entry.description for entry in ENTRIES]
    assert len(said) == len(set(said))


def test_the_story_reaches_every_state():
    steps = {act.action for request in SCENARIO_REQUESTS for act in request.actions}
    assert {"submit", "approve", "publish", "develop", "verify", "send_back", "decline", "withdraw", "redraft"} <= steps
    assert len(RequestState) == 8
