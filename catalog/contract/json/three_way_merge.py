"""Three-way merges of definition documents, with which a change is rebased onto a newer version."""

from typing import Any

from catalog.contract.json.equality import json_equal
from catalog.contract.json.pointers import format_pointer

MISSING = object()


class MergeConflict(ValueError):
    """Both sides changed the same places differently; `paths` are JSON pointers to them."""

    def __init__(self, paths: list[str]) -> None:
        super().__init__(f"Both changed {', '.join(path or 'the whole document' for path in paths)}.")
        self.paths = paths


def three_way_merge(base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """Return `theirs` with what `mine` changed of `base`.

    Objects are merged member by member, everything else as a whole. Raises MergeConflict where both
    changed the same place, and not to the same.
    """
    conflicts: list[str] = []
    result = _merge(base, mine, theirs, "", conflicts)
    if conflicts:
        raise MergeConflict(conflicts)
    assert isinstance(result, dict), "objects merge into an object"
    return result


def _merge(base: Any, mine: Any, theirs: Any, path: str, conflicts: list[str]) -> Any:
    if json_equal(mine, theirs) or json_equal(mine, base):
        return theirs
    if json_equal(theirs, base):
        return mine
    if isinstance(mine, dict) and isinstance(theirs, dict):
        old = base if isinstance(base, dict) else {}
        result = {}
        for key in dict.fromkeys([*theirs, *mine]):
            inner = format_pointer((key,), prefix=path)
            value = _merge(old.get(key, MISSING), mine.get(key, MISSING), theirs.get(key, MISSING), inner, conflicts)
            if value is not MISSING:
                result[key] = value
        return result
    conflicts.append(path)
    return theirs
