"""The places of an event whose sensitivity somebody decided, as a tree to walk along with its values."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.contract.json.pointers import UNKNOWN_KEY, parse_pointer

Places = dict[str, "Places"]
"""By key what is below it; items of a list are below `*`, keys that the definition does not name below `?`."""

DECIDED: Places = {"": {}}
"""Stands where somebody decided. Compared by identity."""


def places_of(decided_paths: frozenset[str], named_paths: frozenset[str]) -> Places:
    """Return the tree of the decided definition paths.

    Of `named_paths`, those of the keys that the definition names, it has only what stands beside a decided `?`, which
    does not mean them.
    """
    root: Places = {}
    for path in sorted(decided_paths):  # what is around a place comes before it, and decides for it
        *parents, last = parse_pointer(path) or [""]
        around = _descend(root, parents)
        if around is not None:
            around[last] = DECIDED
    if any(UNKNOWN_KEY in path for path in decided_paths):
        for path in sorted(named_paths | decided_paths):
            _add_named(root, parse_pointer(path))
    return root


def _descend(root: Places, tokens: Iterable[str]) -> Places | None:
    node = root
    for token in tokens:
        node = node.setdefault(token, {})
        if node is DECIDED:
            return None
    return node


def _add_named(root: Places, tokens: list[str]) -> None:
    node = root
    for token in tokens:
        if node is DECIDED:
            return
        if token not in node:
            if UNKNOWN_KEY not in node:
                return
            node[token] = {}
        node = node[token]
