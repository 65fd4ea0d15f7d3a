"""Names that are paths in Segment's documents (`products.$.sku`, `campaign[name]`), turned into nested properties."""

import re
from typing import Any

from catalog.contract.json.pointers import format_pointer
from catalog.exchange.entry import Note

_ITEM_PATH = re.compile(r"(?P<parent>.+?)\.\$\.(?P<name>.+)", re.DOTALL)
_OBJECT_PATH = re.compile(r"(?P<parent>[^.$\[\]]+)\[(?P<name>[^\[\]]+)\]")

Schema = dict[str, Any]


def nest_path_names(schema: Any, *, prefix: str = "") -> tuple[Any, tuple[Note, ...]]:
    """A schema in which `a.$.b` is the property b of the items of a, and `a[b]` the property b of a.

    SDKs send such properties nested, so a definition that kept the path as a name would never match them.
    Where the parent is declared as something that cannot hold it, a name stays as it is. One note a parent
    lists what was nested, and one each what was not; `prefix` is the pointer that leads to the schema.
    """
    if not isinstance(schema, dict) or not isinstance(schema.get("properties"), dict):
        return schema, ()
    paths = {key: match for key in schema["properties"] if (match := _match_path(key))}
    if not paths:
        return schema, ()
    notes: list[Note] = []
    nested: dict[str, list[str]] = {}
    properties = {key: child for key, child in schema["properties"].items() if key not in paths}
    required = _string_items(schema.get("required"))
    for key, match in paths.items():
        parent = _add_child(properties.get(match["parent"], {}), match, schema["properties"][key], key in required)
        if parent is None:
            properties[key] = schema["properties"][key]
            what = f"{match['parent'][:100]!r} cannot hold it, so it stays a name."
            notes.append(Note("path_kept", format_pointer(("properties", key), prefix=prefix), what))
        else:
            properties[match["parent"]] = parent
            nested.setdefault(match["parent"], []).append(key)
    for name, keys in nested.items():
        count = f"{keys[0]!r} is" if len(keys) == 1 else f"{len(keys)} names such as {keys[0][:100]!r} are"
        what = f"{count} read as what lies inside {name[:100]!r}, the way SDKs send it."
        notes.append(Note("path_folded", format_pointer(("properties", keys[0]), prefix=prefix), what))
    result = schema | {"properties": {key: _nest_child(child, notes, prefix) for key, child in properties.items()}}
    if "required" in schema:
        result["required"] = [key for key in required if key in result["properties"]]
    return result, tuple(notes)


def _match_path(key: str) -> re.Match[str] | None:
    return _ITEM_PATH.fullmatch(key) or _OBJECT_PATH.fullmatch(key)


def _add_child(parent: Any, match: re.Match[str], child: Any, is_required: bool) -> Schema | None:
    """The parent with one more property inside, or None where it is declared as something else."""
    if match.re is _OBJECT_PATH:
        return _add_property(parent, match["name"], child, is_required)
    if not _may_be_type(parent, "array"):
        return None
    items = _add_property(parent.get("items", {}), match["name"], child, is_required)
    return None if items is None else {"type": "array"} | parent | {"items": items}


def _add_property(parent: Any, name: str, child: Any, is_required: bool) -> Schema | None:
    if not _may_be_type(parent, "object") or name in parent.get("properties", {}):
        return None
    result: Schema = {"type": "object"} | parent | {"properties": parent.get("properties", {}) | {name: child}}
    if is_required:
        result["required"] = [*_string_items(parent.get("required")), name]
    return result


def _nest_child(child: Any, notes: list[Note], prefix: str) -> Any:
    """Nest what remains further in: `a.$.b.$.c` has left `b.$.c` in the items of a."""
    if isinstance(child, dict) and isinstance(child.get("items"), dict):
        items, more_notes = nest_path_names(child["items"], prefix=prefix)
        notes += more_notes
        return child | {"items": items}
    nested, more_notes = nest_path_names(child, prefix=prefix)
    notes += more_notes
    return nested


def _may_be_type(schema: Any, kind: str) -> bool:
    if not isinstance(schema, dict) or "$ref" in schema:
        return False
    own = schema.get("type", kind)
    return bool(own == kind or (isinstance(own, list) and kind in own))


def _string_items(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
