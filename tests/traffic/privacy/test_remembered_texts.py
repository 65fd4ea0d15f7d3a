"""What is remembered of texts that strangers send: nothing of long ones, which would fill the memory."""

from __future__ import annotations

import gc
import tracemalloc
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from catalog.contract import Event, compile_contract
from catalog.contract.sensitive_keys import is_sensitive_key
from catalog.contract.usable_ids import id_text
from tracking.traffic.privacy.labels import mask_label, mask_version


class Text(str):
    """A text that can be watched."""

    __slots__ = ("__weakref__",)


def is_kept(read: Callable[[Any], object], text: str) -> bool:
    watched = Text(text)
    reference = weakref.ref(watched)
    read(watched)
    del watched
    gc.collect()
    return reference() is not None


@pytest.mark.parametrize("read", [mask_label, mask_version, id_text, is_sensitive_key], ids=lambda each: each.__name__)
def test_long_texts_of_strangers_are_not_remembered(read: Callable[[Any], object]) -> None:
    assert is_kept(read, "short 2.5.0")
    assert not is_kept(read, "x" * 1_000)
    assert not is_kept(read, "x" * 100_000)


def test_long_keys_that_nobody_knows_are_not_remembered() -> None:
    contract = compile_contract({"name": "A", "schema": {"type": "object", "properties": {"a": {"type": "string"}}}})
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()

    for number in range(50):
        contract.check(Event(call="track", event="A", properties={f"{number}{'x' * 100_000}": 1}))

    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 1_000_000
