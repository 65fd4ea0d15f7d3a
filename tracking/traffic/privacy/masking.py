"""Masks events before they are stored: what is hidden is reduced to its type and shape."""

import re
import string
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, NamedTuple, cast

from catalog.choices import Sensitivity
from catalog.contract import Event, ValidationResult, escape_text, json_text
from catalog.contract.event_time import read_time
from catalog.contract.json.integers import storable_integer
from catalog.contract.json.pointers import (
    ANY_INDEX,
    MAX_POINTER_LENGTH,
    MAX_TOKEN_LENGTH,
    UNKNOWN_KEY,
    escape_token,
    format_pointer,
    parse_pointer,
)
from catalog.contract.pii_detection import holds_only_addresses, is_sensitive_number, is_sensitive_text
from catalog.contract.rules.violation import Severity, Violation
from catalog.contract.sensitive_keys import is_sensitive_key, is_version_key
from catalog.contract.short_text_cache import cached_for_short_texts
from catalog.contract.usable_ids import id_text
from tracking.traffic.privacy.labels import mask_label, mask_version
from tracking.traffic.privacy.pseudonyms import pseudonym

MAX_TEXT = 1_000
MAX_ITEMS = 200
MAX_VALUES = 5_000
TRUNCATED = "(cut)"
HIDDEN = "(hidden)"
_KEY_LIKE_AN_INDEX = "~*"
"""A step for the key `*` that no pointer has, since `~` begins an escape there."""

IDS = ("user_id", "anonymous_id", "message_id")
TIMES = ("occurred_at", "sent_at", "received_at")
DATA_PARTS = ("properties", "traits", "context")

# What SDKs report about themselves and the device: needed to read a sample, and not personal.
PUBLIC_CONTEXT_PATHS: dict[str, str] = {
    f"/context/{path}": Sensitivity.NONE
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

_DIGIT = re.compile(r"\d")
_NON_ASCII = re.compile(r"[^\x00-\x7f]")
_ASCII_SHAPE = str.maketrans(
    string.ascii_lowercase + string.ascii_uppercase + string.digits, "x" * 26 + "X" * 26 + "0" * 10
)


@dataclass(frozen=True, slots=True)
class MaskedEvent:
    """An event as it may be stored, and the pointers into it: to what was hidden or cut, keys among it."""

    event: dict[str, Any]
    paths: tuple[str, ...]


FULLY_MASKED = MaskedEvent({}, ("",))
"""The mask of an event of which nothing may be shown."""


def mask_event(
    event: Event,
    *,
    is_production: bool,
    sensitivity_by_path: Mapping[str, str],
    defined_key_paths: Collection[str] = frozenset(),
    is_name_defined: bool = False,
) -> MaskedEvent:
    """Return the event as it may be stored.

    `sensitivity_by_path` holds what is declared by definition path; a word that is not in the table of `Sensitivity`
    hides. `defined_key_paths` are the definition paths of the keys that somebody wrote down.

    A value that is declared sensitive, or whose key looks sensitive and is not itself declared, is hidden everywhere,
    and so is everything below it, whatever is declared there. A value declared not sensitive is shown everywhere, even
    where it looks personal, and so is what is below it, except for keys that look sensitive. Of the others production
    hides all, and elsewhere those are hidden that look sensitive. Ids of people become keyed hashes, by which their
    events can still be told apart. Types and times stay, and so do a name that is defined (`is_name_defined`), keys
    that are defined, and others unless they look personal or are below something hidden. From another name and the app
    version what is personal is taken out. Long texts and large values are cut, and listed as hidden.
    """
    masker = _Masker(is_production, PUBLIC_CONTEXT_PATHS | dict(sensitivity_by_path), defined_key_paths)
    masker.strangers_paths = PUBLIC_CONTEXT_PATHS.keys() - sensitivity_by_path.keys()
    masked: dict[str, Any] = {"call": event.call}
    masked["event"] = _masked_name(event.event, masker, is_name_defined)
    for name in IDS:
        masked[name] = masker.mask_id(getattr(event, name), f"/{name}")
    for name in TIMES:
        masked[name] = masker.mask_time(getattr(event, name), f"/{name}")
    masked["app_version"] = (
        masker.escape_and_truncate(mask_version(event.app_version)) if isinstance(event.app_version, str) else None
    )
    for name in DATA_PARTS:
        masked[name] = masker.mask_value(getattr(event, name), f"/{name}", f"/{name}")
    return MaskedEvent(masked, tuple(dict.fromkeys(masker.hidden_paths)))  # two people's keys may have one shape


def mask_result(result: ValidationResult, masked: MaskedEvent) -> ValidationResult:
    """Return the result with paths and what came shown as the masked event shows them."""
    if not result.violations:
        return result
    hidden_paths = frozenset(masked.paths)
    return ValidationResult(
        result.verdict, tuple(_mask_violation(violation, masked, hidden_paths) for violation in result.violations)
    )


def mask_result_later(result: ValidationResult, masked: Callable[[], MaskedEvent]) -> ValidationResult:
    """Return the result as `mask_result` does, for an event that `masked` masks once somebody asks for what is in it.

    What a violation says of the definition (its rule, severity, definition path and what is expected) is known before.
    """
    if not result.violations:
        return result
    later = _ResultMaskedLater(result, masked)
    hidden = tuple(_ViolationMaskedLater(later, place) for place in range(len(result.violations)))
    return ValidationResult(result.verdict, cast(tuple[Violation, ...], hidden))


class _ResultMaskedLater:
    """A result and how its event is masked; what has been masked is kept."""

    __slots__ = ("_mask", "_violations", "result")

    def __init__(self, result: ValidationResult, mask: Callable[[], MaskedEvent]) -> None:
        self.result = result
        self._mask = mask
        self._violations: tuple[Violation, ...] | None = None

    def masked_violation(self, place: int) -> Violation:
        if self._violations is None:
            self._violations = mask_result(self.result, self._mask()).violations
        return self._violations[place]


class _ViolationMaskedLater:
    """Stands for a violation, has all that it has, and lets nobody see its path or what came unmasked."""

    __slots__ = ("_later", "_place")

    def __init__(self, later: _ResultMaskedLater, place: int) -> None:
        self._later = later
        self._place = place

    @property
    def definition_path(self) -> str:
        return self._later.result.violations[self._place].definition_path

    @property
    def rule(self) -> str:
        return self._later.result.violations[self._place].rule

    @property
    def severity(self) -> Severity:
        return self._later.result.violations[self._place].severity

    @property
    def expected(self) -> str:
        return self._later.result.violations[self._place].expected

    @property
    def path(self) -> str:
        return self._later.masked_violation(self._place).path

    @property
    def came(self) -> str:
        return self._later.masked_violation(self._place).came

    def as_json(self) -> dict[str, str]:
        """Return the violation as the API shows it."""
        return self._later.masked_violation(self._place).as_json()


def _masked_path(violation: Violation, masked: MaskedEvent, hidden_paths: Collection[str]) -> str:
    """Return the path of a violation with its keys as they may be shown.

    A key that the definition names stands in the definition path as it is, and stays. Below a hidden object every
    other key is reduced to its shape.
    """
    if violation.path == violation.definition_path:
        return violation.path
    segments = zip_longest(parse_pointer(violation.path), parse_pointer(violation.definition_path))
    is_truncated = len(violation.path) >= MAX_POINTER_LENGTH
    is_below_hidden = "" in hidden_paths
    value: Any = masked.event
    path = ""
    shown_segments = []
    for segment, definition_segment in segments:
        if segment is None:
            break
        if segment == definition_segment or (is_below_hidden and _is_index(segment, definition_segment)):
            shown = segment
        else:
            shown = _shape_of(segment) if is_below_hidden else _masked_segment(segment, is_truncated)
        shown_segments.append(shown)
        path += f"/{escape_token(shown)}"
        value = _child(value, shown)
        is_below_hidden = is_below_hidden or (isinstance(value, dict) and path in hidden_paths)
    return format_pointer(shown_segments)


def _is_index(segment: str, definition_segment: str | None) -> bool:
    return definition_segment == ANY_INDEX and segment.isdecimal()


def _masked_segment(segment: str, is_truncated: bool) -> str:
    """Return a key of a path as it may be shown. One that was cut is reduced to its shape: its end is not there."""
    return (
        _shape_of(segment)
        if len(segment) > MAX_TOKEN_LENGTH or (is_truncated and segment.endswith("…"))
        else _masked_key(segment).masked
    )


def _mask_violation(violation: Violation, masked: MaskedEvent, hidden_paths: Collection[str]) -> Violation:
    path = _masked_path(violation, masked, hidden_paths)
    came = violation.came
    if came != "nothing" and masked.paths:
        came = _masked_value_text(path, masked, was_null=came == "null")
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


def _masked_value_text(path: str, masked: MaskedEvent, *, was_null: bool) -> str:
    """Return what the masked event shows at a path."""
    value: Any = masked.event
    for token in parse_pointer(path):
        value = _child(value, token)
    return HIDDEN if value is None and not was_null else json_text(value)


def _child(value: Any, token: str) -> Any:
    """Return the member or item of a masked value that one step of a pointer leads to, or None."""
    if isinstance(value, dict):
        return value.get(token)
    if isinstance(value, list) and token.isdecimal() and len(token) < 9 and int(token) < len(value):
        return value[int(token)]
    return None


def _masked_name(name: Any, masker: "_Masker", is_defined: bool) -> Any:
    if name is None:
        return None
    if isinstance(name, str):
        label = name if is_defined else mask_label(name)
        if label != name:
            masker.hidden_paths.append("/event")
        return masker.escape_and_truncate(label)
    return masker.mask_value(name, "/event", "/event")


class _MaskedKey(NamedTuple):
    """A key as it came, as a step of pointers; as it may be shown; and the step to where it is shown."""

    segment: str
    masked: str
    masked_segment: str


@cached_for_short_texts()
def _masked_key(key: str) -> _MaskedKey:
    """Return a key as it may be shown: reduced to its shape where it looks personal."""
    return _hidden_key(key) if is_sensitive_text(key) else _unmasked_key(key)


def _hidden_key(key: str) -> _MaskedKey:
    """Return a key reduced to its shape."""
    masked = _shape_of(key)
    return _MaskedKey(escape_token(key), masked, escape_token(masked))


def _unmasked_key(key: str) -> _MaskedKey:
    return _MaskedKey(escape_token(key), escape_text(key[:MAX_TEXT]), escape_token(key))


def _shape_of(value: Any) -> Any:
    """Return a value of the same type without its content: letters as x, digits as 0, ASCII punctuation as it is.

    Any other character becomes x: in many scripts vowels are marks, which Unicode does not count as letters.
    """
    if isinstance(value, str):
        value = value[:MAX_TEXT]
        if not value.isascii():
            value = _NON_ASCII.sub("x", _DIGIT.sub("0", value))
        return escape_text(value.translate(_ASCII_SHAPE))
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return 0
    return 0.0 if isinstance(value, float) else None


@dataclass(slots=True)
class _Masker:
    is_production: bool
    sensitivity_by_path: Mapping[str, str]
    defined_key_paths: Collection[str]
    hidden_paths: list[str] = field(default_factory=list)
    remaining_values: int = MAX_VALUES
    strangers_paths: Collection[str] = ()  # public by our word, not by that of a definition

    def mask_id(self, value: Any, path: str) -> Any:
        if value is None:
            return None
        if isinstance(value, dict | list):  # no id; what hides its values keeps its type, which people are told of
            return self.mask_value(value, path, path)
        if self.is_production or (isinstance(value, str) and is_sensitive_text(value)):
            self.hidden_paths.append(path)
            return pseudonym(value) if id_text(value) else _shape_of(value)
        return self.mask_value(value, path, path)

    def mask_time(self, value: Any, path: str) -> Any:
        return value if read_time(value) is not None else self.mask_value(value, path, path)

    def escape_and_truncate(self, value: str) -> str:
        return escape_text(value[:MAX_TEXT])

    def mask_value(
        self, value: Any, path: str, definition_path: str, inherited: Sensitivity = Sensitivity.UNKNOWN, key: str = ""
    ) -> Any:
        """Return a value as it may be stored. `inherited` is what holds around it, `key` the key that it came under."""
        self.remaining_values -= 1
        if self.remaining_values < 0:
            self._record_hidden(path)
            return TRUNCATED
        sensitivity = self._sensitivity_of(value, definition_path, inherited, key)
        if isinstance(value, dict):
            return self._mask_object(value, path, definition_path, sensitivity)
        if isinstance(value, list):
            return self._mask_array(value, path, definition_path, sensitivity)
        if value is None or value == "":
            return value
        if self._is_hidden(value, sensitivity, key):
            self._record_hidden(path)
            hides_shape = sensitivity.strictness >= Sensitivity.SECRET.strictness
            return HIDDEN if hides_shape and isinstance(value, str) else _shape_of(value)
        if isinstance(value, str):
            shown = mask_version(value) if self._is_strangers(definition_path) else value
            if len(value) > MAX_TEXT or shown != value:
                self._record_hidden(path)
            return self.escape_and_truncate(shown)
        return storable_integer(value) if isinstance(value, int) else value

    def _is_strangers(self, definition_path: str) -> bool:
        """Whether a value is shown because SDKs report it about the device, so that a stranger may write anything."""
        if not definition_path.startswith("/context/"):
            return False
        steps = definition_path.split("/")
        return "/".join(steps[:3]) in self.strangers_paths or "/".join(steps[:4]) in self.strangers_paths

    def _sensitivity_of(self, value: Any, definition_path: str, inherited: Sensitivity, key: str) -> Sensitivity:
        """Return what holds for a value: what hides around it, else what is declared of it, else how its key looks."""
        word = self.sensitivity_by_path.get(definition_path)
        declared = None if word is None else Sensitivity.parse(word)
        if inherited.hides:
            return inherited if declared is None else Sensitivity.strictest([inherited, declared])
        if declared is not None and declared != Sensitivity.UNKNOWN:
            return declared
        # A boolean says too little to be personal: browsers send `mobile: false` with each event.
        if key and not isinstance(value, bool) and is_sensitive_key(key):
            return Sensitivity.PERSONAL
        return inherited if declared is None else declared

    def _mask_object(
        self, value: dict[str, Any], path: str, definition_path: str, sensitivity: Sensitivity
    ) -> dict[str, Any]:
        masked = {}
        if sensitivity.hides and value:
            self._record_hidden(path)  # the keys below are hidden too, which `mask_result` reads from this
        for key, child in value.items():
            if self.remaining_values <= 0:
                self._record_hidden(path)
                break
            segment = escape_token(key)
            child_path = self._child_definition_path(definition_path, segment)
            if child_path in self.defined_key_paths and child_path.endswith(f"/{segment}"):
                masked_key = _unmasked_key(key)
            else:
                masked_key = _hidden_key(key) if sensitivity.hides else _masked_key(key)
                if masked_key.masked_segment != segment:
                    self._record_hidden(f"{path}/{masked_key.masked_segment}")
            masked[masked_key.masked] = self.mask_value(
                child, f"{path}/{masked_key.masked_segment}", child_path, sensitivity, key
            )
        return masked

    def _child_definition_path(self, definition_path: str, segment: str) -> str:
        """Return the definition path of a member. Keys without a name share `?`, where the definition has one."""
        named_path = f"{definition_path}/{segment}"
        word = self.sensitivity_by_path.get(named_path, Sensitivity.NONE)
        if segment == ANY_INDEX and not Sensitivity.parse(word).hides:
            # That path speaks of items, and a sender who writes an object with such a key must not be shown by it.
            named_path = f"{definition_path}/{_KEY_LIKE_AN_INDEX}"
        if named_path not in self.defined_key_paths and named_path not in self.sensitivity_by_path:
            other_path = f"{definition_path}/{UNKNOWN_KEY}"
            if other_path in self.defined_key_paths or other_path in self.sensitivity_by_path:
                return other_path
        return named_path

    def _mask_array(self, value: list[Any], path: str, definition_path: str, sensitivity: Sensitivity) -> list[Any]:
        if len(value) > MAX_ITEMS:
            self._record_hidden(path)
        return [
            self.mask_value(item, f"{path}/{index}", f"{definition_path}/{ANY_INDEX}", sensitivity)
            for index, item in enumerate(value[:MAX_ITEMS])
        ]

    def _is_hidden(self, value: Any, sensitivity: Sensitivity, key: str) -> bool:
        if sensitivity.hides or sensitivity == Sensitivity.NONE:
            return sensitivity.hides
        if self.is_production:
            return True
        if isinstance(value, str):
            return is_sensitive_text(value) and not (is_version_key(key) and holds_only_addresses(value))
        return isinstance(value, int | float) and is_sensitive_number(value)

    def _record_hidden(self, path: str) -> None:
        self.hidden_paths.append(path)
