"""Serializers that refuse members of a body that nobody knows: ignored, they would be believed to have worked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from pages.nearest_names import nearest_name, quoted, suggestion

MAX_ERRORS = 20


class StrictMembersMixin(serializers.Serializer[Any]):
    """Refuses unknown members at every depth, each with the nearest right name and the place where it belongs.

    `member_hints` says by name where something belongs that a body of this kind never holds.
    """

    member_hints: ClassVar[Mapping[str, str]] = {}

    def to_internal_value(self, data: Any) -> Any:
        """The values. Raises ValidationError with everything that is wrong, unknown members among it."""
        unknown = _unknown_members(self, data) if isinstance(data, Mapping) else {}
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            if not unknown or not isinstance(error.detail, dict):
                raise
            raise ValidationError({**error.detail, **unknown}) from error
        if unknown:
            raise ValidationError(unknown)
        return values


class StrictSerializer(StrictMembersMixin):
    """A body of the API."""


class EmptyBodySerializer(StrictSerializer):
    """The body of a step that needs none."""


def unknown_members(
    names: Sequence[str], known: Iterable[str], *, hints: Mapping[str, str] | None = None
) -> dict[str, list[ErrorDetail]]:
    """Return the errors for names that an object has none of, for an object that no serializer describes.

    `hints` says by name where something belongs that such an object never holds.
    """
    known = sorted(known)
    places = {name: (hints or {}).get(name) or suggestion(name, known) for name in names[:MAX_ERRORS]}
    return {
        name: [ErrorDetail(f"There is no member {quoted(name)} here. {place}", code="unknown")]
        for name, place in places.items()
    }


def _unknown_members(serializer: serializers.Serializer[Any], data: Mapping[Any, Any]) -> dict[str, list[ErrorDetail]]:
    writable = {name for name, field in serializer.fields.items() if not field.read_only}
    errors = {}
    for name in (str(key) for key in data):
        if name in writable:
            continue
        if name in serializer.fields:
            errors[name] = [ErrorDetail(f"{quoted(name)} is set by Signalbook. Leave it out.", code="read_only")]
        else:
            errors[name] = [ErrorDetail(_unknown_member(serializer, name, writable), code="unknown")]
        if len(errors) == MAX_ERRORS:
            break
    return errors


def _unknown_member(serializer: serializers.Serializer[Any], name: str, writable: set[str]) -> str:
    beginning = f"There is no member {quoted(name)} here."
    if place := getattr(serializer, "member_hints", {}).get(name) or _place_elsewhere(serializer, name):
        return f"{beginning} {place}"
    if nearest_name(name, writable):
        return f"{beginning} {suggestion(name, writable)}"
    elsewhere = {inner: child for child in _members(serializer.root) for inner in _writable_names(child)}
    if (nearest := nearest_name(name, elsewhere)) and (place := _place_elsewhere(serializer, nearest)):
        return f"{beginning} Did you mean “{nearest}”? {place}"
    return f"{beginning} {suggestion(name, writable)}".strip()


def _place_elsewhere(serializer: serializers.Serializer[Any], name: str) -> str:
    """Return a sentence that says where in the body a name belongs, or "" where it is known nowhere else."""
    for child in _members(serializer.root):
        if child is not serializer and name in _writable_names(child):
            path = _path_of(child)
            if path:
                return f"“{name}” belongs into “{path}”."
            return f"“{name}” belongs beside “{_path_of(serializer).partition('.')[0]}”, not into it."
    return ""


def _members(field: Any) -> Iterator[serializers.Serializer[Any]]:
    """Yield a serializer and those inside it, the outermost first."""
    if isinstance(field, serializers.ListSerializer):
        field = field.child
    if isinstance(field, serializers.Serializer):
        yield field
        for inner in field.fields.values():
            if not inner.read_only:
                yield from _members(inner)


def _writable_names(serializer: serializers.Serializer[Any]) -> set[str]:
    return {name for name, field in serializer.fields.items() if not field.read_only}


def _path_of(field: Any) -> str:
    """Return where a serializer lies in the body, as `evidence` or `changes`; "" for the body itself."""
    names = []
    while field is not None:
        if field.field_name:
            names.append(field.field_name)
        field = field.parent
    return ".".join(reversed(names))
