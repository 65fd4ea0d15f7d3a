"""What a strict parser refuses of an event: it breaks a rule of its own, and hides what it touched alone."""

from catalog.contract import Event, ParseError, Verdict, compile_contract

NUMBER = {"type": "number"}
DOCUMENT = {
    "name": "x",
    "schema": {
        "type": "object",
        "properties": {
            "total": {"type": "object", "properties": {"net": NUMBER}},
            "total_tax": NUMBER,
        },
    },
}


def test_damage_hides_what_lies_inside_and_no_namesake() -> None:
    properties = {"total": {"net": "much"}, "total_tax": "more"}
    error = ParseError("/properties/total", "damaged")
    event = Event(call="track", event="x", properties=properties, parse_errors=(error,))
    result = compile_contract(DOCUMENT).check(event)
    assert result.verdict is Verdict.NONCONFORMING
    assert [(violation.path, violation.rule) for violation in result.violations] == [
        ("/properties/total", "malformed"),
        ("/properties/total_tax", "type"),
    ]
