"""Code to paste: whatever a definition's name and example hold, each literal stays one literal."""

import ast
import json
import re
import shlex
import subprocess

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from catalog.choices import Call, Platform, VersionFrom, VersionOrder
from catalog.code_snippets.literals import (
    JAVASCRIPT,
    KOTLIN,
    PYTHON,
    SWIFT,
    escape_invisible,
    javascript_string,
    kotlin_object,
    kotlin_string,
    needs_escape,
    python_string,
    shell_word,
    swift_string,
)
from catalog.code_snippets.snippets import generate_snippets
from catalog.contract.versions.app_version_order import sort_key
from catalog.models import Source
from tests.factories.catalog import definition

HOSTILE = [
    'a"); stop(); ("',
    "a'); stop(); ('",
    "a\\",
    "\\(stop())",
    "${stop()}",
    "$HOME `id` $(id)",
    "</script><script>",
    "line\nbreak\r\t\u2028\u2029",
    "\u202eevil\u2066",
    "zero\u200bwidth\ufeff",
    "\0\x07\x1b[31m",
    "*/ // # -- %s {0}",
    "🛒 Ünïcode 购物车",
    "\ud800 alone",
    "",
]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def from_swift(literal):
    named = re.sub(r"\\u\{([0-9a-f]+)\}", lambda found: json.dumps(chr(int(found[1], 16)))[1:-1], literal)
    return json.loads(named)


def from_kotlin(literal):
    return json.loads(literal.replace("\\$", "$"))


DECODERS = [
    (javascript_string, json.loads),
    (python_string, ast.literal_eval),
    (kotlin_string, from_kotlin),
    (swift_string, from_swift),
]


@pytest.mark.parametrize(("encode", "decode"), DECODERS)
@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_comes_back_as_it_was_and_hides_nothing(encode, decode, text):
    literal = encode(text)
    expected = text.replace("\ud800", "\ufffd") if encode is swift_string else text
    assert decode(literal) == expected
    assert not any(needs_escape(char) for char in literal)


@pytest.mark.parametrize("text", HOSTILE)
def test_each_language_escapes_what_would_begin_code(text):
    assert "</" not in javascript_string(text)
    assert not re.search(r"(?<!\\)(?:\\\\)*\$", kotlin_string(text))
    assert not re.search(r"(?<!\\)(?:\\\\)*\\\(", swift_string(text))


@given(VALUES)
def test_any_python_literal_reads_as_the_value(value):
    assert ast.literal_eval(PYTHON.literal(value)) == value


@given(VALUES)
def test_any_javascript_literal_reads_as_the_value(value):
    assume("__proto__" not in str(value))  # which JSON cannot say as JavaScript must: the test below
    without_last_commas = re.sub(
        r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])', lambda found: found[1] or "", JAVASCRIPT.literal(value)
    )
    assert json.loads(without_last_commas) == value


def test_a_prototype_is_not_set_by_a_key():
    assert '["__proto__"]: 1' in JAVASCRIPT.literal({"__proto__": 1})


def test_integers_fit_the_types_of_each_language():
    assert [KOTLIN.literal(value) for value in (2**31 - 1, 2**31, -(2**31), 2**63)] == [
        "2147483647",
        "2147483648L",
        "-2147483648L",
        "9.223372036854776e+18",
    ]
    assert SWIFT.literal(10**400) == "1.7976931348623157e+308"
    assert one_line(SWIFT.literal({"a": None, "b": {}, "c": [True]})) == '[ "a": NSNull(), "b": [:], "c": [ true, ], ]'


def one_line(code):
    return " ".join(code.split())


def test_kotlin_builds_nested_objects():
    built = kotlin_object({"a": 1, "b": [{"c": None}, ["x"], {}], "d": {}})
    assert one_line(built) == (
        'buildJsonObject { put("a", 1) putJsonArray("b") { addJsonObject { put("c", JsonNull) } '
        'addJsonArray { add("x") } addJsonObject {} } putJsonObject("d") {} }'
    )


@pytest.mark.parametrize("text", [text for text in HOSTILE if "\0" not in text and "\ud800" not in text])
def test_a_shell_gets_the_word_as_it_is(text):
    printed = subprocess.run(["/bin/sh", "-c", f"printf %s {shell_word(text)}"], capture_output=True, check=True)
    assert printed.stdout == text.encode()


def test_text_for_a_terminal_shows_everything():
    assert escape_invisible("a\x1b[31m\u202eb\U000e0001") == "a\\u001b[31m\\u202eb\\udb40\\udc01"


@pytest.mark.parametrize("name", [name for name in HOSTILE if name])
def test_a_hostile_name_is_one_argument_in_every_snippet(name):
    document = definition(name.replace("\ud800", "x").replace("\0", "x"))
    written = {snippet.slug: snippet.code for snippet in generate_snippets(document, key="wk_'\"$`")}
    assert list(written) == ["web", "swift", "kotlin", "node", "python", "curl"]
    call = next(node for node in ast.walk(ast.parse(written["python"])) if isinstance(node, ast.Call))
    assert ast.literal_eval(call.args[1]) == document["name"]
    words = shlex.split(written["curl"])
    assert json.loads(words[-1])["event"] == document["name"] and words[words.index("--user") + 1] == "wk_'\"$`:"


@pytest.mark.parametrize("call", Call)
def test_every_call_has_its_snippets(call):
    name = "Checkout" if call in ("track", "page", "screen") else call
    document = definition(name, call=call)
    written = {
        snippet.slug: snippet.code
        for snippet in generate_snippets(document, key="wk_1", host="https://in.example.org/")
    }
    assert ("swift" in written) == ("kotlin" in written) == (call != "page")
    ast.parse(written["python"])
    body = json.loads(shlex.split(written["curl"])[-1])
    assert shlex.split(written["curl"])[1] == f"https://in.example.org/v1/{call}"
    member = {"identify": "traits", "group": "traits", "alias": "previousId"}.get(call, "properties")
    assert body[member] and all(f".{call}(" in code for slug, code in written.items() if slug != "curl")


@pytest.mark.parametrize(
    ("platform", "first"),
    [(Platform.IOS, "swift"), (Platform.ANDROID, "kotlin"), (Platform.SERVER, "node"), (Platform.OTHER, "curl")],
)
def test_the_sources_own_language_comes_first_with_its_own_properties(platform, first):
    source = Source(slug="app", platform=platform)
    document = definition(per_source={"app": {"absent": ["coupon"]}})
    written = generate_snippets(document, source, "wk_1")
    assert written[0].slug == first and "coupon" not in written[0].code and "total" in written[0].code


def test_a_host_without_tls_is_said_to_the_sdks_that_would_use_it():
    plain = {each.slug: each.code for each in generate_snippets(definition(), key="wk_1", host="http://127.0.0.1:8000")}
    assert 'apiHost: "127.0.0.1:8000/v1", protocol: "http" }' in plain["web"]
    assert all("over https only" in plain[slug] for slug in ("swift", "kotlin"))
    safe = {each.slug: each.code for each in generate_snippets(definition(), key="wk_1", host="https://in.example.org")}
    assert not any("protocol" in code or "https only" in code for code in safe.values())


WITH_VERSION = ("web", "node", "python", "curl")


def written_for(source, document=None, **options):
    return {each.slug: each.code for each in generate_snippets(document or definition(), source, "wk_1", **options)}


@pytest.mark.parametrize("call", Call)
def test_the_app_version_stands_where_the_source_looks_for_it(call):
    name = "Checkout" if call in ("track", "page", "screen") else call
    source = Source(slug="app", version_path="/context/my~1app/version")
    written = written_for(source, definition(name, call=call), app_version='2.5.0"')
    context = {"my/app": {"version": '2.5.0"'}}
    assert json.loads(shlex.split(written["curl"])[-1])["context"] == context
    sent = next(node for node in ast.walk(ast.parse(written["python"])) if isinstance(node, ast.Call))
    assert {word.arg: ast.literal_eval(word.value) for word in sent.keywords}["context"] == context
    said = '{ "context": { "my/app": { "version": "2.5.0\\"", }, }, }'
    assert said in one_line(written["web"])
    assert said[2:-2] in one_line(written["node"])
    assert not any("2.5.0" in written.get(slug, "") for slug in ("swift", "kotlin"))


@pytest.mark.parametrize("order", VersionOrder)
def test_a_placeholder_stands_for_an_app_version_that_nobody_named(order):
    written = written_for(Source(slug="app", version_order=order))
    version = json.loads(shlex.split(written["curl"])[-1])["context"]["app"]["version"]
    assert sort_key(version, order) is not None
    assert all(version in written[slug] for slug in WITH_VERSION)


@pytest.mark.parametrize(
    "place",
    [
        {"version_from": VersionFrom.DEPLOYS},
        {"version_from": VersionFrom.NOWHERE},
        {"version_path": "/properties/app_version"},
        {"version_path": "/context"},
        {"version_path": ""},
    ],
)
def test_no_app_version_is_pasted_where_none_is_looked_for_in_the_context(place):
    written = written_for(Source(slug="app", **place), app_version="2.5.0")
    assert not any("context:" in code or "context=" in code or "2.5.0" in code for code in written.values())
    assert "context" not in json.loads(shlex.split(written["curl"])[-1])
