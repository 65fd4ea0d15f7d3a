"""What the tour tells, step by step: words alone, and whose turn it is."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

BROKEN, MENDED = "2.4.1", "2.5.0"
"""The versions of the shop after the one that it was founded with: one with a bug, and the one that mends it."""

ADDED, BOUGHT, LIKED = "Product Added", "Order Completed", "Product Liked"
"""What the shop sends: two events of the catalog, and one that nobody has defined."""


HELLO: dict[str, Any] = {
    "name": "Hello Signalbook",
    "call": "track",
    "schema": {"type": "object", "properties": {"mood": {"type": "string", "examples": ["curious"]}}},
}
"""What a visitor's own app may say first; nobody has defined it."""


class Stop(StrEnum):
    """A place on the tour, where the visitor has one thing to do; in their order."""

    ADD = "add"
    BREAK = "break"
    BUY = "buy"
    LIKE = "like"
    PROPOSE = "propose"
    SUBMIT = "submit"
    APPROVE = "approve"
    STAGE = "stage"
    AGAIN = "again"
    SIGN = "sign"
    SHIP = "ship"
    PROVE = "prove"
    READ = "read"
    YOURS = "yours"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: what to do, why it is worth doing, whose turn it is ("" for anybody), and its chapter."""

    stop: Stop
    title: str
    why: str
    account: str
    chapter: str

    @property
    def wanted(self) -> str:
        """The button of the shop that is to be tapped, where one is."""
        return {Stop.ADD: "add", Stop.BUY: "buy", Stop.LIKE: "heart", Stop.AGAIN: "heart"}.get(self.stop, "")


SEE, FAULT, ASK, BUILD, LIVE, OWN = "See it", "Break it", "Ask", "Build", "Prove", "Yours"

STEPS = (
    Step(
        Stop.ADD,
        "Tap “Add to basket”",
        "The shop is a real page that reports what people do. Each report is held against what the company agreed on.",
        "",
        SEE,
    ),
    Step(
        Stop.BREAK,
        f"Ship version {BROKEN}, which has a bug",
        "Nobody in the shop will notice. A note of the deploy, its marker, tells Signalbook from when on it runs.",
        "",
        FAULT,
    ),
    Step(Stop.BUY, "Press “Buy”", "The order goes through as ever. Look at what its event says.", "", FAULT),
    Step(
        Stop.LIKE,
        "Tap the heart",
        "Somebody built it last week, and nobody asked the data team. See what becomes of its event.",
        "",
        ASK,
    ),
    Step(
        Stop.PROPOSE,
        "Propose a definition",
        "It is drawn from what arrived, so you need not know what an SDK or a schema is.",
        "pm",
        ASK,
    ),
    Step(
        Stop.SUBMIT,
        "Say what it is good for",
        "Three answers, and everybody will know why this event is sent.",
        "pm",
        ASK,
    ),
    Step(
        Stop.APPROVE,
        "Review what is asked for",
        "Now be the analyst: see what would change, and how the taps that came so far would fare under it.",
        "analyst",
        ASK,
    ),
    Step(
        Stop.STAGE,
        f"Build it, and deploy {MENDED} to staging",
        "The code to paste is made from the definition. This version also mends the total of the order.",
        "developer",
        BUILD,
    ),
    Step(Stop.AGAIN, "Tap the heart again", "The same tap, now held against the new definition.", "", BUILD),
    Step(
        Stop.SIGN,
        "Verify it",
        "The evidence is what really arrived. Signing pins it to your name.",
        "qa",
        BUILD,
    ),
    Step(
        Stop.SHIP,
        f"Ship {MENDED} to production",
        "Visitors of the shop tap too: their events are posted by the server, with the production key.",
        "developer",
        LIVE,
    ),
    Step(
        Stop.PROVE,
        "Wait for the proof",
        f"The first events from {MENDED} decide: as defined, and not all from one person. Then it goes live by itself.",
        "",
        LIVE,
    ),
    Step(
        Stop.READ,
        "Read what everybody will read",
        "Who asked, for which decision, since when it is live, who verified it, and whether it can be trusted.",
        "developer",
        OWN,
    ),
    Step(
        Stop.YOURS,
        "Now yours",
        "A source of your own: point any of these at it and see what your own app says.",
        "",
        OWN,
    ),
)

CHAPTERS = tuple(dict.fromkeys(step.chapter for step in STEPS))


def step_at(stop: Stop) -> Step:
    """Return the step of a stop."""
    return next(step for step in STEPS if step.stop == stop)
