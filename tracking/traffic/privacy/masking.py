"""Masks: an event as it may be stored, with what is hidden reduced to its type and shape."""

import re
import string
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import zip_longest
from typing import Any, NamedTuple

from catalog.choices import Sensitivity
from catalog.contract import Event, Judgement, escape_text, json_text
from catalog.contract.json.pointers import INDEX, MAX_POINTER, MAX_SEGMENT, pointer, segment, tokens_of
from catalog.contract.validation.verdict import Violation
from tracking.traffic.privacy.pii_detection import is_sensitive_key, is_sensitive_text
from tracking.traffic.privacy.pseudonyms import id_text, shown_hash

MAX_TEXT = 1_000
MAX_ITEMS = 200
MAX_VALUES = 5_000
CUT = "(cut)"
HIDDEN = "(hidden)"

IDS = ("user_id", "anonymous_id", "message_id")
TIMES = ("occurred_at", "sent_at", "received_at")
PARTS = ("properties", "traits", "context")

# What SDKs say of themselves and their machine: needed to read a sample, and nobody's secret.
PLAIN_CONTEXT = {
    f"/context/{path}": Sensitivity.NONE.value
    for path in (
        "app/name",
        "app/version",
        "app/build",
        "channel",
        "device/type",
        "library",
        "locale",
        "os",
        "protocols",
        "timezone",
    )
}

_LOWER = re.compile(r"[^\W\d_A-Z]")
_UPPER = re.compile(r"[A-Z]")
_DIGIT = re.compile(r"\d")
_ASCII_SHAPE = str.maketrans(
    string.ascii_lowercase + string.ascii_uppercase + string.digits, "x" * 26 + "X" * 26 + "0" * 10
)


@dataclass(frozen=True, slots=True)
class Masked:
    """An event as it may be stored, and the pointers into it: to what was hidden or cut, keys among it."""

    event: dict[str, Any]
    paths: tuple[str, ...]


NOTHING_SHOWN = Masked({}, ("",))
"""Stands for an event of which nothing may be shown."""


def mask(
    event: Event, *, is_production: bool, declared: Mapping[str, str], named: Collection[str] = frozenset()
) -> Masked:
    """Return the event as it may be stored.

    What is declared of a value wins: one declared not sensitive is shown everywhere, even where it looks personal,
    and one declared sensitive is hidden everywhere. Of the others production hides all, and elsewhere those are
    hidden that look sensitive. Ids of people become keyed hashes, by which their events can still be told apart. Types,
    times, the name and the app version stay, and so do keys, unless they look personal and are not `named`: the
    definition paths of keys that somebody wrote down. Long texts and large values are cut, and listed as hidden.
    """
    masker = _Masker(is_production, PLAIN_CONTEXT | dict(declared), named)
    stored: dict[str, Any] = {"call": event.call}
    stored["event"] = _name(event.event, masker)
    for name in IDS:
        stored[name] = masker.identity(getattr(event, name), f"/{name}")
    for name in TIMES:
        stored[name] = masker.time(getattr(event, name), f"/{name}")
    stored["app_version"] = masker.text(event.app_version) if isinstance(event.app_version, str) else None
    for name in PARTS:
        stored[name] = masker.value(getattr(event, name), f"/{name}", f"/{name}", Sensitivity.UNKNOWN)
    return Masked(stored, tuple(dict.fromkeys(masker.paths)))  # two people's keys may have one shape


def mask_judgement(judgement: Judgement, masked: Masked) -> Judgement:
    """Return the judgement with paths and what came shown as the masked event shows them."""
    if not judgement.violations:
        return judgement
    return Judgement(judgement.verdict, tuple(_shown(found, masked) for found in judgement.violations))


def _shown_path(violation: Violation) -> str:
    """Return the path of a violation with its keys as they may be shown.

    A key that the definition names stands in the definition path as it is, and stays.
    """
    if violation.path == violation.definition_path:
        return violation.path
    steps = zip_longest(tokens_of(violation.path), tokens_of(violation.definition_path))
    is_cut = len(violation.path) >= MAX_POINTER
    return pointer(step if step == known else _shown_step(step, is_cut) for step, known in steps if step is not None)


def _shown_step(step: str, is_cut: bool) -> str:
    """Return a key of a path as it may be shown; of one that was cut nobody can tell what it looked like."""
    return _shape(step) if len(step) > MAX_SEGMENT or (is_cut and step.endswith("…")) else _key(step).shown


def _shown(violation: Violation, masked: Masked) -> Violation:
    path = _shown_path(violation)
    came = violation.came
    if came != "nothing" and masked.paths:
        came = _shown_value(path, masked, was_null=came == "null")
    elif path == violation.path:
        return violation
    return Violation(
        path=path,
        definition_path=violation.definition_path,
        rule=violation.rule,
        severity=violation.severity,
        expected=violation.expected,
        came=came,
    )


def _shown_value(path: str, masked: Masked, *, was_null: bool) -> str:
    """Return what the masked event shows at a path."""
    value: Any = masked.event
    for step in tokens_of(path):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdecimal() and len(step) < 9 and int(step) < len(value):
            value = value[int(step)]
        else:
            value = None
            break
    return HIDDEN if value is None and not was_null else json_text(value)


def _name(name: Any, masker: "_Masker") -> Any:
    if isinstance(name, str) or name is None:
        return None if name is None else masker.text(name)
    return masker.value(name, "/event", "/event", Sensitivity.UNKNOWN)


class _Key(NamedTuple):
    """A key as it came, as a step of pointers; as it may be shown; and the step to where it is shown."""

    step: str
    shown: str
    shown_step: str


@lru_cache(maxsize=20_000)
def _key(key: str) -> _Key:
    """Return a key as it may be shown: reduced to its shape where it looks personal."""
    if not is_sensitive_text(key):
        return _plain_key(key)
    shown = _shape(key)
    return _Key(segment(key), shown, segment(shown))


def _plain_key(key: str) -> _Key:
    return _Key(segment(key), escape_text(key[:MAX_TEXT]), segment(key))


def _shape(value: Any) -> Any:
    """Return a value of the same type that says nothing: letters as x, digits as 0, the rest as it stands."""
    if isinstance(value, str):
        value = value[:MAX_TEXT]
        if value.isascii():
            return escape_text(value.translate(_ASCII_SHAPE))
        return escape_text(_DIGIT.sub("0", _UPPER.sub("X", _LOWER.sub("x", value))))
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return 0
    return 0.0 if isinstance(value, float) else None


@dataclass(slots=True)
class _Masker:
    is_production: bool
    declared: Mapping[str, str]
    named: Collection[str]
    paths: list[str] = field(default_factory=list)
    left: int = MAX_VALUES

    def identity(self, value: Any, path: str) -> Any:
        if value is None:
            return None
        if self.is_production or (isinstance(value, str) and is_sensitive_text(value)):
            self.paths.append(path)
            return shown_hash(value) if id_text(value) else _shape(value)
        return self.value(value, path, path, Sensitivity.NONE)

    def time(self, value: Any, path: str) -> Any:
        if isinstance(value, str) and len(value) <= 40:
            try:
                datetime.fromisoformat(value)
            except ValueError:
                pass
            else:
                return value
        return self.value(value, path, path, Sensitivity.UNKNOWN)

    def text(self, value: str) -> str:
        return escape_text(value[:MAX_TEXT])

    def value(self, value: Any, path: str, place: str, inherited: str, key: str = "") -> Any:
        """Return a value as it may be stored. `place` is its definition path, `inherited` what holds around it."""
        self.left -= 1
        if self.left < 0:
            self._hide(path)
            return CUT
        sensitivity = self.declared.get(place, inherited)
        if isinstance(value, dict):
            return self._object(value, path, place, sensitivity)
        if isinstance(value, list):
            return self._array(value, path, place, sensitivity, key)
        if value is None or value == "":
            return value
        if self._is_hidden(value, sensitivity, key):
            self._hide(path)
            return HIDDEN if sensitivity == Sensitivity.SECRET and isinstance(value, str) else _shape(value)
        if isinstance(value, str):
            if len(value) > MAX_TEXT:
                self._hide(path)
            return self.text(value)
        return value if not isinstance(value, int) or value.bit_length() < 1024 else str(value.bit_length())

    def _object(self, value: dict[str, Any], path: str, place: str, sensitivity: str) -> dict[str, Any]:
        found = {}
        for key, inner in value.items():
            if self.left <= 0:
                self._hide(path)
                break
            each = _key(key)
            below = f"{place}/{each.step}"
            if each.shown_step != each.step:
                if below in self.named:
                    each = _plain_key(key)
                else:
                    self._hide(f"{path}/{each.shown_step}")
            found[each.shown] = self.value(inner, f"{path}/{each.shown_step}", below, sensitivity, key)
        return found

    def _array(self, value: list[Any], path: str, place: str, sensitivity: str, key: str) -> list[Any]:
        if len(value) > MAX_ITEMS:
            self._hide(path)
        return [
            self.value(inner, f"{path}/{at}", f"{place}/{INDEX}", sensitivity, key)
            for at, inner in enumerate(value[:MAX_ITEMS])
        ]

    def _is_hidden(self, value: Any, sensitivity: str, key: str) -> bool:
        if sensitivity in (Sensitivity.PERSONAL, Sensitivity.SECRET):
            return True
        if sensitivity == Sensitivity.NONE:
            return False
        if self.is_production:
            return True
        # Yes or no is nobody's address, whatever the key: browsers say `mobile: false` of themselves with each event.
        if isinstance(value, bool):
            return False
        return is_sensitive_key(key) or (isinstance(value, str) and is_sensitive_text(value))

    def _hide(self, path: str) -> None:
        self.paths.append(path)
