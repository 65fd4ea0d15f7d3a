"""Keys that look like numbers: the path of a violation names the very key that came."""

import pytest

from catalog.contract import Event, compile_contract

NUMBER = {"type": "number"}


@pytest.mark.parametrize("wrong", ["7", "007", "010", "10"])
def test_the_path_names_the_key_that_came(wrong: str) -> None:
    keys = ["010", "10", "007", "7"]
    document = {"name": "x", "schema": {"type": "object", "properties": dict.fromkeys(keys, NUMBER)}}
    # One spelling of each number: two of one value cannot be told apart.
    others = [key for key in keys if int(key) != int(wrong)][:1]
    event = Event(call="track", event="x", properties=dict.fromkeys(others, 1) | {wrong: "text"})
    assert [violation.path for violation in compile_contract(document).check(event).violations] == [
        f"/properties/{wrong}"
    ]
