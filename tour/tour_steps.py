"""The texts of the tour, step by step, and whose turn each step is."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

BROKEN_VERSION, FIXED_VERSION = "2.4.1", "2.5.0"
"""The shop's versions after its initial one: one with a bug, and the one that fixes it."""

PRODUCT_ADDED, ORDER_COMPLETED, PRODUCT_LIKED = "Product Added", "Order Completed", "Product Liked"
"""What the shop sends: two events of the catalog, and one that nobody has defined."""


HELLO_EVENT: dict[str, Any] = {
    "name": "Hello Signalbook",
    "call": "track",
    "schema": {"type": "object", "properties": {"mood": {"type": "string", "examples": ["curious"]}}},
}
"""What a visitor's own app may say first; nobody has defined it."""


class StepId(StrEnum):
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
class TourStep:
    """One thing to do: what to do, why it is worth doing, whose turn it is ("" for anybody), and its chapter."""

    step_id: StepId
    title: str
    why: str
    account: str
    chapter: str

    @property
    def highlighted_control(self) -> str:
        """The button of the shop that is to be tapped, where one is."""
        return {StepId.ADD: "add", StepId.BUY: "buy", StepId.LIKE: "heart", StepId.AGAIN: "heart"}.get(self.step_id, "")


CHAPTER_SEE, CHAPTER_BREAK, CHAPTER_ASK, CHAPTER_BUILD, CHAPTER_PROVE, CHAPTER_OWN = (
    "See it",
    "Break it",
    "Ask",
    "Build",
    "Prove",
    "Yours",
)

TOUR_STEPS = (
    TourStep(
        StepId.ADD,
        "Tap “Add to basket”",
        "The shop is a real page that reports what people do. Each report is checked against its agreed definition.",
        "",
        CHAPTER_SEE,
    ),
    TourStep(
        StepId.BREAK,
        f"Ship version {BROKEN_VERSION}, which has a bug",
        "Nobody in the shop will notice. A note of the deploy, its marker, tells Signalbook when it started to run.",
        "developer",
        CHAPTER_BREAK,
    ),
    TourStep(
        StepId.BUY, "Press “Buy”", "The order goes through as ever. Look at what its event says.", "", CHAPTER_BREAK
    ),
    TourStep(
        StepId.LIKE,
        "Tap the heart",
        "Somebody built it last week, and nobody asked the data team. See what becomes of its event.",
        "",
        CHAPTER_ASK,
    ),
    TourStep(
        StepId.PROPOSE,
        "Propose a definition",
        "It is drawn from what arrived, so you need not know what an SDK or a schema is.",
        "pm",
        CHAPTER_ASK,
    ),
    TourStep(
        StepId.SUBMIT,
        "Say what it is good for",
        "Three answers, and everybody will know why this event is sent.",
        "pm",
        CHAPTER_ASK,
    ),
    TourStep(
        StepId.APPROVE,
        "Review what is asked for",
        "Now be the analyst: see what would change, and how the taps that came so far would fare under it.",
        "analyst",
        CHAPTER_ASK,
    ),
    TourStep(
        StepId.STAGE,
        f"Build it, and deploy {FIXED_VERSION} to staging",
        "The code to paste is made from the definition. This version also fixes the total of the order.",
        "developer",
        CHAPTER_BUILD,
    ),
    TourStep(
        StepId.AGAIN, "Tap the heart again", "The same tap, now checked against the new definition.", "", CHAPTER_BUILD
    ),
    TourStep(
        StepId.SIGN,
        "Verify it",
        "The evidence is what really arrived. Signing pins it to your name.",
        "qa",
        CHAPTER_BUILD,
    ),
    TourStep(
        StepId.SHIP,
        f"Ship {FIXED_VERSION} to production",
        "Visitors of the shop tap too: their events are posted by the server, with the production key.",
        "developer",
        CHAPTER_PROVE,
    ),
    TourStep(
        StepId.PROVE,
        "Wait for the proof",
        f"The first events from {FIXED_VERSION} decide: as defined, and not all from one person. "
        "Then it goes live by itself.",
        "",
        CHAPTER_PROVE,
    ),
    TourStep(
        StepId.READ,
        "Read what everybody will read",
        "Who asked, for which decision, since when it is live, who verified it, and whether it can be trusted.",
        "developer",
        CHAPTER_OWN,
    ),
    TourStep(
        StepId.YOURS,
        "Now yours",
        "A source of your own: point any of these at it and see what your own app says.",
        "",
        CHAPTER_OWN,
    ),
)

CHAPTERS = tuple(dict.fromkeys(step.chapter for step in TOUR_STEPS))


def step_by_id(stop: StepId) -> TourStep:
    """Return the step of a stop."""
    return next(step for step in TOUR_STEPS if step.step_id == stop)
