"""Names that are paths in Segment's documents (`products.$.sku`, `campaign[name]`), folded into nesting."""

import re
from typing import Any

from catalog.contract.json.pointers import pointer
from catalog.exchange.entry import Note

_IN_ITEMS = re.compile(r"(?P<parent>.+?)\.\$\.(?P<name>.+)", re.DOTALL)
_IN_OBJECT = re.compile(r"(?P<parent>[^.$\[\]]+)\[(?P<name>[^\[\]]+)\]")

Schema = dict[str, Any]


def fold_paths(schema: Any, *, below: str = "") -> tuple[Any, tuple[Note, ...]]:
    """A schema in which `a.$.b` is the property b of the items of a, and `a[b]` the property b of a.

    SDKs send such properties nested, so a definition that kept the path as a name would never meet them.
    Where the parent is declared as something that cannot hold it, a name stays as it is. One note a parent
    tells what was folded, one each what stayed; `below` is the pointer that leads to the schema.
    """
    if not isinstance(schema, dict) or not isinstance(schema.get("properties"), dict):
        return schema, ()
    paths = {key: found for key in schema["properties"] if (found := _path(key))}
    if not paths:
        return schema, ()
    notes: list[Note] = []
    folded: dict[str, list[str]] = {}
    kept = {key: child for key, child in schema["properties"].items() if key not in paths}
    required = _texts(schema.get("required"))
    for key, found in paths.items():
        parent = _with_child(kept.get(found["parent"], {}), found, schema["properties"][key], key in required)
        if parent is None:
            kept[key] = schema["properties"][key]
            what = f"{found['parent'][:100]!r} cannot hold it, so it stays a name."
            notes.append(Note("path_kept", pointer(("properties", key), below=below), what))
        else:
            kept[found["parent"]] = parent
            folded.setdefault(found["parent"], []).append(key)
    for name, keys in folded.items():
        count = f"{keys[0]!r} is" if len(keys) == 1 else f"{len(keys)} names such as {keys[0][:100]!r} are"
        what = f"{count} read as what lies inside {name[:100]!r}, the way SDKs send it."
        notes.append(Note("path_folded", pointer(("properties", keys[0]), below=below), what))
    made = schema | {"properties": {key: _inside(child, notes, below) for key, child in kept.items()}}
    if "required" in schema:
        made["required"] = [key for key in required if key in made["properties"]]
    return made, tuple(notes)


def _path(key: str) -> re.Match[str] | None:
    return _IN_ITEMS.fullmatch(key) or _IN_OBJECT.fullmatch(key)


def _with_child(parent: Any, found: re.Match[str], child: Any, is_required: bool) -> Schema | None:
    """The parent with one more property inside, or None where it is declared as something else."""
    if found.re is _IN_OBJECT:
        return _object_with(parent, found["name"], child, is_required)
    if not _may_be(parent, "array"):
        return None
    items = _object_with(parent.get("items", {}), found["name"], child, is_required)
    return None if items is None else {"type": "array"} | parent | {"items": items}


def _object_with(parent: Any, name: str, child: Any, is_required: bool) -> Schema | None:
    if not _may_be(parent, "object") or name in parent.get("properties", {}):
        return None
    made: Schema = {"type": "object"} | parent | {"properties": parent.get("properties", {}) | {name: child}}
    if is_required:
        made["required"] = [*_texts(parent.get("required")), name]
    return made


def _inside(child: Any, notes: list[Note], below: str) -> Any:
    """Fold what remains further in: `a.$.b.$.c` has left `b.$.c` in the items of a."""
    if isinstance(child, dict) and isinstance(child.get("items"), dict):
        items, more = fold_paths(child["items"], below=below)
        notes += more
        return child | {"items": items}
    folded, more = fold_paths(child, below=below)
    notes += more
    return folded


def _may_be(schema: Any, kind: str) -> bool:
    if not isinstance(schema, dict) or "$ref" in schema:
        return False
    own = schema.get("type", kind)
    return bool(own == kind or (isinstance(own, list) and kind in own))


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
