"""The fast path in a round of the fuzz: pairs and bodies that both ways read, and the escapes among them."""

from __future__ import annotations

import json
from itertools import islice

from benchmarks.soak.escapes import Escape
from benchmarks.soak.fuzz.fast_path_bodies import hostile_batches, outcomes_of
from benchmarks.soak.fuzz.fast_path_pairs import pairs

PAIRS = 3_000
BODIES = 300


def compare_ways(seed: str, *, pair_count: int = PAIRS, body_count: int = BODIES) -> list[Escape]:
    """Return an escape for each pair and each body of which the fast path says what the ordinary way does not."""
    escapes = [
        Escape.of_input(
            "fast path",
            f"it accepts properties that break {json.dumps(pair.schema)}, or reads them otherwise",
            pair.payload.encode("utf-8", "surrogatepass"),
            seed=seed,
        )
        for pair in islice(pairs(seed), pair_count)
        if pair.outcome == "wrong"
    ]
    escapes += [
        Escape.of_input("fast path", "it accepts an event of a body, or reads it otherwise", body, seed=seed)
        for body in islice(hostile_batches(seed), body_count)
        if outcomes_of(body)["wrong"]
    ]
    return escapes
