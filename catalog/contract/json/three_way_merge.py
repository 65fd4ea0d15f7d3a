"""Three-way merges of definition documents: what lets a change move onto a newer version."""

from typing import Any

GONE = object()


class CannotMerge(ValueError):
    """Both sides changed the same places differently; `paths` are JSON pointers to them."""

    def __init__(self, paths: list[str]) -> None:
        super().__init__(f"Both changed {', '.join(path or 'the whole document' for path in paths)}.")
        self.paths = paths


def merged(base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """Return `theirs` with what `mine` changed of `base`.

    Objects are merged member by member, everything else as a whole. Raises CannotMerge where both
    changed the same place, and not to the same.
    """
    conflicts: list[str] = []
    result = _merged(base, mine, theirs, "", conflicts)
    if conflicts:
        raise CannotMerge(conflicts)
    assert isinstance(result, dict), "objects merge into an object"
    return result


def _merged(base: Any, mine: Any, theirs: Any, path: str, conflicts: list[str]) -> Any:
    if _same(mine, theirs) or _same(mine, base):
        return theirs
    if _same(theirs, base):
        return mine
    if isinstance(mine, dict) and isinstance(theirs, dict):
        old = base if isinstance(base, dict) else {}
        result = {}
        for key in dict.fromkeys([*theirs, *mine]):
            inner = f"{path}/{key.replace('~', '~0').replace('/', '~1')}"
            value = _merged(old.get(key, GONE), mine.get(key, GONE), theirs.get(key, GONE), inner, conflicts)
            if value is not GONE:
                result[key] = value
        return result
    conflicts.append(path)
    return theirs


def _same(one: Any, other: Any) -> bool:
    """Equality of JSON, where true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)
