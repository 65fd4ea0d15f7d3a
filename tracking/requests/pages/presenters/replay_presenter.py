"""The replay of a page's changes as people read it: how many events would stop conforming, and why, in sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.contract.json.pointers import UNKNOWN_KEY, format_pointer, parse_pointer, path_label
from catalog.contract.json.text import truncate_text
from pages.ui.humanize import format_number
from tracking.requests.evidence.replay import Replay

RULE_PHRASES = {
    "required": "do not send {path}",
    "type": "already send {path} with another type",
    "unknown_property": "already send {path}, which would be forbidden",
    UNKNOWN_KEY: "already send a key that would be forbidden{path}",
    "enum": "already send {path} with a value that is not listed",
    "const": "already send {path} with another value",
    "pattern": "already send {path} in another form",
    "format": "already send {path} in another format",
    "dependentRequired": "do not send {path}, though they send what requires it",
}
"""What events do that a rule would refuse, by the rule; `{path}` is where, for nameless keys in which object."""

OTHER_RULE_PHRASE = "already send {path} with what the rule {rule} refuses"
MAX_SOURCES_SHOWN = 60
MAX_NAME_SHOWN = 80


@dataclass(frozen=True, slots=True)
class ReplayedPlace:
    """What a new version would say of the newest events of one source in production, or elsewhere."""

    source: str
    label: str
    total: int
    failing: int
    passing: int
    unknown: int
    sentences: tuple[str, ...]
    counterexample: Any


@dataclass(frozen=True, slots=True)
class ReplayedEvent:
    """The replay of one change, by source: production, then elsewhere."""

    event: str
    failing_label: str
    places: tuple[ReplayedPlace, ...]


def present_replay(replay: Replay, updated_ids: set[int], source_names: Mapping[str, str]) -> list[ReplayedEvent]:
    """Return the replay by event, of the sources where events are kept.

    `updated_ids` are the changes whose event has a version already, `source_names` what people call a source, by its
    slug. At most MAX_SOURCES_SHOWN sources are shown of all events together.
    """
    shown: list[ReplayedEvent] = []
    left = MAX_SOURCES_SHOWN
    for result in replay.changes:
        is_update = result["change"] in updated_ids
        trials = [(slug, trial) for slug, trial in result["sources"].items() if _has_events(trial)][:left]
        left -= len(trials)
        if not trials:
            continue
        places = tuple(
            _present_place(source_names.get(slug, slug), label, found, is_update=is_update)
            for slug, trial in trials
            for label, found in (("Production", trial["production"]), ("Outside production", trial))
        )
        label = "Would stop conforming" if is_update else "Would not conform"
        shown.append(ReplayedEvent(event=result["event"], failing_label=label, places=places))
    return shown


def sources_without_events(replay: Replay, source_names: Mapping[str, str]) -> list[str]:
    """Return a sentence for each event of which some sources have none, so that nothing can be tried there."""
    sentences = []
    for result in replay.changes:
        names = [source_names.get(slug, slug) for slug, trial in result["sources"].items() if not _has_events(trial)]
        if names:
            event, sources = truncate_text(result["event"], MAX_NAME_SHOWN), ", ".join(names)
            sentences.append(f"No event of {event} is kept of {sources}, so nothing can be tried there.")
    return sentences


def _has_events(trial: dict[str, Any]) -> bool:
    return bool(trial["total"] or trial["production"]["total"])


def _present_place(source: str, label: str, trial: dict[str, Any], *, is_update: bool) -> ReplayedPlace:
    failing = trial["stopping"] if is_update else trial["nonconforming"]
    reasons = (_sentence(row, trial["total"], is_update=is_update) for row in trial["broken"])
    return ReplayedPlace(
        source=source,
        label=label,
        total=trial["total"],
        failing=failing,
        passing=trial["conforming"],
        unknown=trial["unknown"],
        sentences=(*reasons, *_consequences(trial, failing, is_update=is_update)),
        counterexample=trial["witness"],
    )


def _consequences(trial: dict[str, Any], failing: int, *, is_update: bool) -> list[str]:
    """Return what the figures stand for, and of how much nobody can tell; nothing where no event is kept."""
    sentences = []
    sent = trial.get("events", 0)
    if failing and sent:
        estimate = format_number(round(sent * failing / trial["total"]))
        bound = "at least about" if trial["unknown"] else "about"
        consequence = "stop conforming" if is_update else "not conform"
        sentences.append(
            f"It brought {format_number(sent)} in the last {trial['days']} days: {bound} {estimate} of them would "
            f"{consequence}."
        )
    if trial["unknown"]:
        sentences.append(f"Of {format_number(trial['unknown'])} a mask hides what would become of them.")
    if failed_before := trial["nonconforming"] - failing:
        sentences.append(f"{format_number(failed_before)} do not conform today and would not.")
    return sentences


def _sentence(row: dict[str, Any], total: int, *, is_update: bool) -> str:
    """Return what events do that one rule would refuse: `12 of 200 already send this key with another type: …`."""
    rule, path = row["rule"], path_label(row["path"])
    *around, last = parse_pointer(row["path"]) or [""]
    if rule == "unknown_property" and last == UNKNOWN_KEY:
        rule, path = UNKNOWN_KEY, f" in {path_label(format_pointer(around))}" if len(around) > 1 else ""
    phrase = RULE_PHRASES.get(rule, OTHER_RULE_PHRASE).format(path=path, rule=rule)
    count, consequence = row["count"], "they would not conform"
    if is_update and row["stopping"]:
        count, consequence = row["stopping"], "they would stop conforming"
    elif is_update:
        consequence = "they do not conform today, either"
    return f"{format_number(count)} of {format_number(total)} {phrase}: {consequence}."
