"""What just happened, in one sentence that a product manager understands; never more than the rows say."""

from collections.abc import Callable
from dataclasses import dataclass

from catalog.contract import Verdict
from tour.tour_state import World
from tour.tour_steps import ADDED, LIKED, MENDED, Stop
from tracking.traffic.models import Sample


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence, and the tone of what it tells."""

    sentence: str
    tone: str = "neutral"


def tell(world: World, stop: Stop) -> Told:
    """Return what brought the visitor to a stop."""
    return TOLD[stop](world)


def _nothing(world: World) -> Told:
    if world.arrivals:
        newest = world.arrivals[0]
        return Told(f"That was {newest.seen_name.name}, and its verdict stands below. The tour begins in the basket.")
    return Told("Nothing has arrived yet. Whatever the shop sends shows up here, with its verdict.")


def _added(world: World) -> Told:
    sample = _newest(world, ADDED)
    if sample is None or sample.verdict == Verdict.CONFORMING:
        return Told("Your tap arrived, was held against what the company agreed on, and is exactly that.", "ok")
    return Told("Your tap arrived, and it is not what the company agreed on.", "bad")


def _shipped(world: World) -> Told:
    return Told(f"The shop now runs {world.version}. Its deploy was noted, so that whatever goes wrong has a version.")


def _broken(world: World) -> Told:
    found = world.finding
    if found is None:
        return Told(f"The shop runs {world.version} by now, and the order's total is a number again.", "ok")
    versions = [version for version in found.app_versions if version]
    only = f"only in {versions[0]}" if len(versions) == 1 else f"in {', '.join(sorted(versions))}"
    owner = f"{found.owner} answers for it" if found.owner else "nobody answers for it yet"
    return Told(f"The order's total came as a text where reports add up numbers: {only}, and {owner}.", "bad")


def _liked(world: World) -> Told:
    return Told(f"The shop sent {LIKED}, which nobody has defined: it is counted as undocumented, not lost.", "warn")


def _proposed(world: World) -> Told:
    return Told("A definition was drawn from what arrived. It is a draft, and nobody has agreed to it yet.", "info")


def _submitted(world: World) -> Told:
    asked_by = world.request.author if world.request else "Somebody"
    return Told(f"{asked_by} asked for it. Nobody builds anything before an analyst agrees.", "info")


def _approved(world: World) -> Told:
    return Told(f"It was approved: definition {_number(world)} is written down and never edited, only followed.", "ok")


def _staged(world: World) -> Told:
    return Told(f"App {MENDED} runs in staging and carries the event: from now on its taps are evidence.", "info")


def _again(world: World) -> Told:
    return Told("The tap came as defined: the same event that was undocumented a minute ago is conforming.", "ok")


def _signed(world: World) -> Told:
    signed_by = world.delivery.tested_by if world.delivery else None
    return Told(f"{signed_by or 'QA'} signed it, and the events that were seen are pinned to the signature.", "ok")


def _out(world: World) -> Told:
    return Told(f"{MENDED} is out, and its visitors tap the heart. Nobody has to press anything more.", "info")


def _live(world: World) -> Told:
    return Told("Production proved it, so it went live by itself. From now on it is watched, event by event.", "ok")


def _own(world: World) -> Told:
    if world.own_arrivals:
        return Told("Your own app has arrived. Whatever it sends gets a verdict, and personal data is marked.", "ok")
    return Told("Your source is ready. Send the line below, and see your own event here in a second.", "info")


# By the stop at which it is read: what the step before it brought about. A new step takes the sentence of the one
# after it, which then needs another.
TOLD: dict[Stop, Callable[[World], Told]] = {
    Stop.ADD: _nothing,
    Stop.BREAK: _added,
    Stop.BUY: _shipped,
    Stop.LIKE: _broken,
    Stop.PROPOSE: _liked,
    Stop.SUBMIT: _proposed,
    Stop.APPROVE: _submitted,
    Stop.STAGE: _approved,
    Stop.AGAIN: _staged,
    Stop.SIGN: _again,
    Stop.SHIP: _signed,
    Stop.PROVE: _out,
    Stop.READ: _live,
    Stop.YOURS: _own,
}


def _number(world: World) -> str:
    """Return the number of the version that the heart's event was approved with."""
    return str(world.change.version.number) if world.change and world.change.version else "the new version"


def _newest(world: World, name: str) -> Sample | None:
    return next((sample for sample in world.arrivals if sample.seen_name.name == name), None)
