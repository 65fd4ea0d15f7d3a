"""What just happened, in one sentence that a product manager understands; only what the rows prove."""

from collections.abc import Callable
from dataclasses import dataclass

from catalog.contract import Verdict
from tour.tour_state import TourState
from tour.tour_steps import FIXED_VERSION, PRODUCT_ADDED, PRODUCT_LIKED, StepId
from tracking.traffic.models import Sample


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence and its tone."""

    sentence: str
    tone: str = "neutral"


def current_message(state: TourState, stop: StepId) -> Message:
    """Return what brought the visitor to a stop."""
    return MESSAGES[stop](state)


def _nothing_arrived(state: TourState) -> Message:
    if state.recent_samples:
        newest = state.recent_samples[0]
        return Message(
            f"That was {newest.seen_name.name}, and its verdict stands below. The tour begins in the basket."
        )
    return Message("Nothing has arrived yet. Whatever the shop sends shows up here, with its verdict.")


def _product_added(state: TourState) -> Message:
    sample = _newest_sample(state, PRODUCT_ADDED)
    if sample is None or sample.verdict == Verdict.CONFORMING:
        return Message("Your tap arrived, was checked against what the company agreed on, and is exactly that.", "ok")
    return Message("Your tap arrived, and it is not what the company agreed on.", "bad")


def _broken_version_deployed(state: TourState) -> Message:
    return Message(
        f"The shop now runs {state.version}. Its deploy was noted, so that whatever goes wrong has a version."
    )


def _order_broken(state: TourState) -> Message:
    finding = state.finding
    if finding is None:
        return Message(f"The shop runs {state.version} by now, and the order's total is a number again.", "ok")
    versions = [version for version in finding.app_versions if version]
    version_clause = f"only in {versions[0]}" if len(versions) == 1 else f"in {', '.join(sorted(versions))}"
    owner = f"{finding.owner} answers for it" if finding.owner else "nobody answers for it yet"
    return Message(
        f"The order's total came as a text where reports add up numbers: {version_clause}, and {owner}.", "bad"
    )


def _product_liked(state: TourState) -> Message:
    return Message(
        f"The shop sent {PRODUCT_LIKED}, which nobody has defined: it is counted as undocumented, not lost.", "warn"
    )


def _proposed(state: TourState) -> Message:
    return Message("A definition was drawn from what arrived. It is a draft, and nobody has agreed to it yet.", "info")


def _submitted(state: TourState) -> Message:
    asked_by = state.request.author if state.request else "Somebody"
    return Message(f"{asked_by} asked for it. Nobody builds anything before an analyst agrees.", "info")


def _approved(state: TourState) -> Message:
    return Message(
        f"It was approved: definition {_version_number(state)} is written down and never edited, only followed.", "ok"
    )


def _deployed_to_staging(state: TourState) -> Message:
    return Message(
        f"App {FIXED_VERSION} runs in staging and carries the event: from now on its taps are evidence.", "info"
    )


def _tap_conforming(state: TourState) -> Message:
    return Message("The tap came as defined: the same event that was undocumented a minute ago is conforming.", "ok")


def _delivery_verified(state: TourState) -> Message:
    signed_by = state.delivery.tested_by if state.delivery else None
    return Message(f"{signed_by or 'QA'} signed it, and the events that were seen are pinned to the signature.", "ok")


def _deployed_to_production(state: TourState) -> Message:
    return Message(
        f"{FIXED_VERSION} is out, and its visitors tap the heart. Nobody has to press anything more.", "info"
    )


def _went_live(state: TourState) -> Message:
    return Message("Production proved it, so it went live by itself. From now on it is watched, event by event.", "ok")


def _own_source_ready(state: TourState) -> Message:
    if state.own_recent_samples:
        return Message("Your own app has arrived. Whatever it sends gets a verdict, and personal data is marked.", "ok")
    return Message("Your source is ready. Send the line below, and see your own event here in a second.", "info")


# By the stop at which it is read: what the step before it brought about. A new step takes the sentence of the one
# after it, which then needs another.
MESSAGES: dict[StepId, Callable[[TourState], Message]] = {
    StepId.ADD: _nothing_arrived,
    StepId.BREAK: _product_added,
    StepId.BUY: _broken_version_deployed,
    StepId.LIKE: _order_broken,
    StepId.PROPOSE: _product_liked,
    StepId.SUBMIT: _proposed,
    StepId.APPROVE: _submitted,
    StepId.STAGE: _approved,
    StepId.AGAIN: _deployed_to_staging,
    StepId.SIGN: _tap_conforming,
    StepId.SHIP: _delivery_verified,
    StepId.PROVE: _deployed_to_production,
    StepId.READ: _went_live,
    StepId.YOURS: _own_source_ready,
}


def _version_number(state: TourState) -> str:
    """Return the number of the version that the heart's event was approved with."""
    return str(state.change.version.number) if state.change and state.change.version else "the new version"


def _newest_sample(state: TourState, name: str) -> Sample | None:
    return next((sample for sample in state.recent_samples if sample.seen_name.name == name), None)
