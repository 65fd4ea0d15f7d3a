"""Open, declined and withdrawn requests: one of each state, so that every role finds something to do."""

from demo.company import IOS, WEB
from demo.dictionary import LIBRARY, Document, EventEntry
from demo.scenario.scenario_entries import RequestEntry, ScenarioAction
from tracking.requests.choices import ChangeAction, Priority


def add_list_price(document: Document) -> Document:
    """Add the price before the reduction."""
    schema = document["schema"]
    properties = schema["properties"] | {"list_price": LIBRARY["list_price"].as_schema()}
    return document | {"schema": schema | {"properties": properties}}


def add_birth_date(document: Document) -> Document:
    """Add the day of birth, which in the end nobody needed."""
    schema = document["schema"]
    birth_date = {"type": "string", "format": "date", "description": "The day of birth, where it was given."}
    return document | {"schema": schema | {"properties": schema["properties"] | {"birth_date": birth_date}}}


GIFT_NOTE = RequestEntry(
    title="See whether people use the gift note",
    author="mara",
    drafted_days_ago=7.4,
    event=EventEntry(
        "Gift Note Added",
        "w",
        "A note was written to go with a gift.",
        "When the note is saved in the cart. Its text is never sent, only how long it is.",
        "cart_id! text_length!",
        volume=2,
        category="cart",
        tags=("funnel",),
    ),
    question="Do people who give something away write a note, now that it costs nothing?",
    decision="Whether the printed card stays in the parcel.",
    priority=Priority.NORMAL,
    expected_per_day=5,
    review_in_days=90,
    actions=(
        ScenarioAction(7.2, "submit", "mara"),
        ScenarioAction(6.1, "approve", "jonas"),
        ScenarioAction(2.5, "develop", "sofia", WEB, app_version="4.15.0"),
        ScenarioAction(2.2, "try", source=WEB, app_version="4.15.0", count=5),
        ScenarioAction(1.4, "verify", "lin", WEB, "Waits for the deploy of 4.15.0."),
    ),
)

SLOT = RequestEntry(
    title="Measure the new delivery slots",
    author="mara",
    drafted_days_ago=6.6,
    event=EventEntry(
        "Delivery Slot Chosen",
        "wi",
        "Somebody chose the two hours in which the parcel should come.",
        "When a slot is tapped, also one that is changed again before the order.",
        "checkout_id! slot! slot_days_ahead! delivery_method",
        volume=4,
        tier=2,
        category="checkout",
        tags=("funnel", "operations"),
    ),
    question="Which slots do people want, and does choosing one keep them from leaving?",
    decision="How many vans drive in the evening from January on.",
    metric="Checkouts finished after a slot was chosen",
    priority=Priority.URGENT,
    expected_per_day=20,
    review_in_days=60,
    actions=(
        ScenarioAction(6.4, "submit", "mara"),
        ScenarioAction(5.2, "approve", "jonas", comment="Please test with a slot of the same day, too."),
        ScenarioAction(2.4, "develop", "sofia", WEB, app_version="4.15.0"),
        ScenarioAction(2.1, "try", source=WEB, app_version="4.15.0", count=6),
        ScenarioAction(1.5, "develop", "david", IOS, app_version="7.5.0"),
        ScenarioAction(1.2, "try", source=IOS, app_version="7.5.0", count=5, broken={"slot": "18:00-20:00"}),
        ScenarioAction(0.2, "try", source=WEB, app_version="4.15.0", count=4),
    ),
)

SIZE_GUIDE = RequestEntry(
    title="Find out who reads the size guide",
    author="tomasz",
    drafted_days_ago=4.1,
    event=EventEntry(
        "Size Guide Opened",
        "wia",
        "Somebody looked up which size would fit.",
        "When the table of sizes is shown, from the product's page or from the help.",
        "product_id category",
        volume=3,
        category="browsing",
    ),
    question="Do people who read the size guide send less back?",
    decision="Whether the guide gets drawings for boots, too.",
    priority=Priority.NORMAL,
    expected_per_day=12,
    review_in_days=150,
    actions=(
        ScenarioAction(3.9, "submit", "tomasz"),
        ScenarioAction(1.9, "approve", "jonas", comment="Fine. Joins with Return Started."),
    ),
)

REPAIR = RequestEntry(
    title="Count the wish for repairs",
    author="mara",
    drafted_days_ago=1.3,
    event=EventEntry(
        "Repair Requested",
        "w",
        "Somebody asks us to repair something they bought.",
        "When the form is sent. Whether we can repair it is decided later, by people.",
        "order_id! topic! text_length",
        volume=1,
        category="help",
    ),
    question="How many would rather have a product repaired than send it back?",
    decision="Whether the workshop in Kiel takes on a second person.",
    priority=Priority.HIGH,
    expected_per_day=3,
    review_in_days=120,
    actions=(ScenarioAction(0.8, "submit", "mara"),),
)

REDUCED = RequestEntry(
    title="See which products are looked at because they are reduced",
    author="tomasz",
    drafted_days_ago=1.1,
    existing_event="Product Viewed",
    action=ChangeAction.UPDATE,
    edit_definition=add_list_price,
    source_letters="wia",
    question="Are reduced products looked at more, or only bought more?",
    metric="Views of reduced products",
    priority=Priority.NORMAL,
    expected_per_day=24,
    review_in_days=100,
    actions=(ScenarioAction(0.4, "submit", "tomasz"),),
)

POINTS = RequestEntry(
    title="Points spent",
    author="mara",
    drafted_days_ago=0.3,
    event=EventEntry(
        "Points Spent",
        "wia",
        "A member paid with points.",
        "When the order with the reward is placed.",
        "order_id! loyalty_points! reward",
        category="crew-club",
    ),
    question="What do members spend their points on?",
    priority=Priority.NORMAL,
    actions=(),
)

MOUSE = RequestEntry(
    title="Record where the mouse rests",
    author="tomasz",
    drafted_days_ago=17.6,
    event=EventEntry(
        "Mouse Rested",
        "w",
        "The mouse lay still over something for two seconds.",
        "Whenever it happens.",
        "element! page_path",
        category="running",
    ),
    question="What do people look at on the start page?",
    decision="The order of the start page.",
    priority=Priority.LOW,
    expected_per_day=200_000,
    review_in_days=30,
    actions=(
        ScenarioAction(17.4, "submit", "tomasz"),
        ScenarioAction(
            16.2,
            "decline",
            "noor",
            comment="200,000 events a day for a question that ten interviews answer better. Promotion Viewed tells "
            "which offers are seen.",
        ),
    ),
)

BIRTHDAY = RequestEntry(
    title="Ask for the birthday when an account is opened",
    author="tomasz",
    drafted_days_ago=12.2,
    existing_event="Account Created",
    action=ChangeAction.UPDATE,
    edit_definition=add_birth_date,
    source_letters="wia",
    question="Would birthday offers be opened more than others?",
    decision="Whether the crew club sends birthday offers.",
    priority=Priority.LOW,
    expected_per_day=3,
    review_in_days=60,
    actions=(
        ScenarioAction(12.0, "submit", "tomasz"),
        ScenarioAction(
            11.4,
            "redraft",
            "jonas",
            comment="Which decision needs the day? The month would do, and the profile has it.",
        ),
        ScenarioAction(
            11.0, "withdraw", "tomasz", comment="The profile has the month. No need to measure anybody's birthday."
        ),
    ),
)

ONGOING_REQUESTS = (MOUSE, BIRTHDAY, GIFT_NOTE, SLOT, SIZE_GUIDE, REPAIR, REDUCED, POINTS)
