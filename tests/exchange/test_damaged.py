"""Damaged and hostile files: each one entry with a reason, the rest of the upload untouched."""

import json
import socket
import time
from collections.abc import Iterator

import pytest

from catalog.exchange.entry import EntryOutcome
from catalog.exchange.importer_registry import IMPORTERS
from catalog.exchange.upload import Upload
from tests.exchange.real_dictionaries import import_one_file, problem_and_note_codes, read_upload

YAML_PATH = "jsonschema/a/b/1.0.0.yaml"
IGLU_PATH = "schemas/com.acme/order/jsonschema/1-0-0"
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)

JSON_DAMAGE = {
    "malformed": [b'{"type": "obj', b"", b"{'a': 1}", b"[NaN]", b'["\\ud800"]', b"{} {}"],
    "not_utf8": ['{"title": "Größe"}'.encode("latin-1"), b"\xff\xfe{\x00}\x00"],
    "nul": [b'{"a": 1}\x00'],
    "too_deep": [b"[" * 50_000, b"[" * 500 + b"]" * 500, b'{"a":' * 101 + b"1" + b"}" * 101],
    "duplicate_key": [b'{"type": "object", "type": "array"}'],
    "number_too_large": [b'{"minimum": ' + b"9" * 400 + b"}", b"-" + b"9" * 5000, b"[1e999]"],
    "not_a_schema": [b"[]", b"7", b"null"],
}
YAML_DAMAGE = {
    "malformed": [b"a: [", b"a: *nowhere", b"a: &a [*a]", b"--- 1\n--- 2", b"%x", b'a: "\\ud800"', b"a: \x01"],
    "not_utf8": ["title: Größe".encode("latin-1")],
    "nul": [b"a: 1\x00"],
    "too_large": [BOMB.encode(), b"a: &a 1\nb: [" + b"*a, " * 3000 + b"]"],
    "too_deep": [b"[" * 20_000, b"a: &a " + b"[" * 60 + b"]" * 60 + b"\nb: " + b"[" * 60 + b"*a" + b"]" * 60],
    "duplicate_key": [b"type: object\ntype: array"],
    "key_not_text": [b"? [a]\n: b"],
    "tag": [b"a: !!python/object/apply:os.system [id]", b"a: !!binary aGk=", b"a: !own x", b"a: !!int x"],
    "not_a_number": [b"a: .nan", b"a: -.inf"],
    "number_too_large": [b"a: " + b"9" * 400, b"a: -1e999"],
    "not_a_schema": [b"", b"- a", b"text"],
}


def pairs(damage: dict[str, list[bytes]]) -> list[tuple[str, bytes]]:
    return [(code, content) for code, contents in damage.items() for content in contents]


@pytest.mark.parametrize(("code", "content"), pairs(YAML_DAMAGE))
def test_a_damaged_yaml_file_is_one_entry(code: str, content: bytes):
    started = time.monotonic()
    (entry,) = import_one_file("wikimedia", YAML_PATH, content)
    assert (entry.outcome, problem_and_note_codes(entry)) == (EntryOutcome.FAILED, [code])
    assert entry.problems[0].detail.endswith(".")
    assert "\x00" not in entry.source_text
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(("code", "content"), pairs(JSON_DAMAGE))
def test_a_damaged_json_file_is_one_entry(code: str, content: bytes):
    (entry,) = import_one_file("iglu", IGLU_PATH, content)
    assert (entry.outcome, problem_and_note_codes(entry)) == (EntryOutcome.FAILED, [code])
    (entry,) = import_one_file("segment", "plan.json", content)
    expected = "not_a_plan" if code == "not_a_schema" else code
    assert problem_and_note_codes(entry) == [expected]


def test_one_damaged_file_leaves_the_others_alone():
    whole = dict(read_upload("iglu-central").files)
    path = next(path for path in sorted(whole) if path.endswith("1-0-0"))
    whole[path] = whole[path][:40]
    found = list(IMPORTERS["iglu"].read(Upload(whole)))
    assert [
        entry.path
        for entry in found
        if entry.outcome is EntryOutcome.FAILED and "malformed" in problem_and_note_codes(entry)
    ] == [path]
    assert sum(entry.outcome is EntryOutcome.IMPORTED for entry in found) == 167


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server that would notice a request, from whichever library."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_remote_reference_is_refused_and_never_fetched(
    scheme: str, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("an importer opened a socket")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    address = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/schema.json"
    schema = {"type": "object", "properties": {"a": {"$ref": address}, "b": {"$ref": "file:///etc/passwd"}}}
    plan = {"rules": [{"key": "x", "type": "TRACK", "version": 1, "jsonSchema": schema}]}
    for format, path, content in (
        ("iglu", IGLU_PATH, schema),
        ("segment", "plan.json", plan),
        ("wikimedia", YAML_PATH, schema),
    ):
        (entry,) = import_one_file(format, path, json.dumps(content).encode())
        assert entry.outcome is EntryOutcome.FAILED, format
        assert [problem.code for problem in entry.problems] == ["remote_reference"] * 2, format
        assert address in entry.problems[0].detail
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_yaml_is_read_as_its_own_tools_read_it():
    """YAML 1.2: `yes`, dates and sexagesimal numbers are text, and plain keys are text as in JSON."""
    raw = (
        b"title: a/b\n$id: /a/b/1.0.0\ntype: object\nproperties:\n"
        b"  yes: {enum: [yes, no, on, 2020-01-01, 1:30, 0x10, 010, ~]}\n  true: {type: string}\n  1: {type: string}\n"
    )
    (entry,) = import_one_file("wikimedia", YAML_PATH, raw)
    assert entry.document is not None
    properties = entry.document["schema"]["properties"]
    assert list(properties) == ["yes", "true", "1"]
    assert properties["yes"]["enum"] == ["yes", "no", "on", "2020-01-01", "1:30", 16, 10, None]


def test_merge_keys_and_aliases_within_bounds_are_followed():
    raw = (
        b"title: a/b\n$id: /a/b/1.0.0\ntype: object\nproperties:\n  x: &text {type: string, minLength: 1}\n"
        b"  y: {<<: *text, minLength: 2}\n  z: *text\n"
    )
    (entry,) = import_one_file("wikimedia", YAML_PATH, raw)
    assert entry.document is not None
    text = {"type": "string", "minLength": 1}
    assert entry.document["schema"]["properties"] == {"x": text, "y": text | {"minLength": 2}, "z": text}


@pytest.mark.parametrize(
    "schema", [{"type": "nonsense"}, {"type": "object", "required": "x"}, {"type": "object", "minProperties": -1}]
)
def test_a_schema_that_is_none_is_refused_by_the_contract(schema: dict[str, object]):
    (entry,) = import_one_file("iglu", IGLU_PATH, json.dumps(schema).encode())
    assert entry.outcome is EntryOutcome.FAILED
    assert entry.problems


def test_names_that_no_row_can_hold_are_refused():
    plan = {
        "rules": [
            {"key": name, "type": "TRACK", "version": 1, "jsonSchema": {}} for name in ("x" * 10_000, "a\x00b", " ")
        ]
    }
    found = import_one_file("segment", "plan.json", json.dumps(plan).encode())
    assert [entry.outcome for entry in found] == [EntryOutcome.FAILED] * 3
    assert [problem_and_note_codes(entry) for entry in found] == [["name_too_long"], ["not_storable"], ["missing_name"]]
