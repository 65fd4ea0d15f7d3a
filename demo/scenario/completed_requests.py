"""Completed requests: live, documented, deprecated, retired."""

from demo.company import ANDROID, IOS, SERVICE, WEB
from demo.dictionary import LIBRARY, Document, EventEntry
from demo.scenario.scenario_entries import RequestEntry, ScenarioAction
from tracking.requests.choices import ChangeAction, Priority

STEP_NAME_PROPERTY = LIBRARY["step_name"]


def replace_step_number_by_name(document: Document) -> Document:
    """Replace the step's number by its name."""
    schema = document["schema"]
    kept = {name: inner for name, inner in schema["properties"].items() if name != "step"}
    properties = {"checkout_id": kept.pop("checkout_id"), "step_name": STEP_NAME_PROPERTY.as_schema()} | kept
    return document | {"schema": schema | {"properties": properties, "required": ["checkout_id", "step_name"]}}


def add_promised_day(document: Document) -> Document:
    """Add the day that was promised, where one was."""
    schema = document["schema"]
    properties = schema["properties"] | {"promised_on": LIBRARY["promised_on"].as_schema()}
    return document | {"schema": schema | {"properties": properties}}


def clarify_description(document: Document) -> Document:
    """Say what does not count as a look at a product."""
    return document | {
        "trigger": document["trigger"],
        "description": "Somebody looked at the page of one product, opened from a list, a search, a link or a mail.",
    }


def add_reduction_reason(document: Document) -> Document:
    """Add the reason of a reduction, where the total was reduced."""
    schema = document["schema"]
    properties = schema["properties"] | {"reduction_reason": LIBRARY["reduction_reason"].as_schema()}
    return document | {"schema": schema | {"properties": properties}}


WISHLIST = RequestEntry(
    title="Know what people save for later buying",
    author="mara",
    drafted_days_ago=29.6,
    event=EventEntry(
        "Wishlist Item Added",
        "wi",
        "A product was put on the wishlist.",
        "When the heart is filled and the list has been saved. Taking it off again makes no event.",
        "product_id! price! currency! list_id size",
        volume=5,
        tier=2,
        tags=("funnel",),
        category="browsing",
    ),
    question="Which products do people save, and how many of those do they buy within two weeks?",
    decision="Whether reminders about saved products get a place in the autumn budget.",
    metric="Share of saved products bought within 14 days",
    priority=Priority.HIGH,
    expected_per_day=8,
    review_in_days=180,
    actions=(
        ScenarioAction(29.4, "submit", "mara"),
        ScenarioAction(28.6, "approve", "jonas", comment="Price belongs on it: saved things get reduced later."),
        ScenarioAction(25.3, "develop", "sofia", WEB, app_version="4.12.0"),
        ScenarioAction(25.0, "try", source=WEB, app_version="4.12.0", count=7),
        ScenarioAction(24.4, "verify", "lin", WEB, "List, product page and search all send it once."),
        ScenarioAction(24.2, "develop", "david", IOS, app_version="7.3.0"),
        ScenarioAction(23.9, "try", source=IOS, app_version="7.3.0", count=4, broken={"price": "189,00"}),
        ScenarioAction(23.6, "send_back", "lin", IOS, "From the list the price arrives as a text: “189,00”."),
        ScenarioAction(22.5, "develop", "david", IOS, "The price is a number everywhere now.", app_version="7.3.1"),
        ScenarioAction(22.2, "try", source=IOS, app_version="7.3.1", count=6),
        ScenarioAction(21.6, "verify", "lin", IOS, "Tried on two phones and a tablet."),
    ),
    live_days_ago={WEB: 22.6, IOS: 20.4},
)

CANCELLED = RequestEntry(
    title="Learn why orders are cancelled",
    author="karl",
    drafted_days_ago=27.2,
    event=EventEntry(
        "Order Cancelled",
        "o",
        "An order was cancelled before it was sent.",
        "When the cancellation is booked, whoever asked for it. A refused payment alone cancels nothing.",
        "order_id! cancel_reason! total! currency!",
        volume=3,
        tier=1,
        tags=("finance", "operations"),
        category="delivery",
    ),
    question="How many orders do we lose after they were placed, and through whose fault?",
    decision="Whether the warehouse in Aarhus gets a second stock count a day.",
    priority=Priority.NORMAL,
    expected_per_day=4,
    review_in_days=120,
    actions=(
        ScenarioAction(26.8, "submit", "karl"),
        ScenarioAction(26.0, "approve", "noor"),
        ScenarioAction(21.5, "develop", "ruth", SERVICE, "Sent from the booking of the cancellation."),
        ScenarioAction(21.2, "try", source=SERVICE, count=6),
        ScenarioAction(20.6, "verify", "elena", SERVICE, "All three reasons tried by hand in staging."),
    ),
    live_days_ago={SERVICE: 19.9},
)

STEPS_NAMED = RequestEntry(
    title="Name the steps of the checkout instead of counting them",
    author="mara",
    drafted_days_ago=14.6,
    existing_event="Checkout Step Completed",
    action=ChangeAction.UPDATE,
    edit_definition=replace_step_number_by_name,
    source_letters="w",
    question="Where do people leave the checkout, now that guests skip the first step?",
    decision="Which step the team rebuilds first.",
    metric="Completion of each step of the checkout",
    priority=Priority.HIGH,
    expected_per_day=14,
    review_in_days=365,
    actions=(
        ScenarioAction(14.3, "submit", "mara"),
        ScenarioAction(
            13.1, "approve", "jonas", comment="Breaking, and right: step 2 means two different things today."
        ),
        ScenarioAction(10.8, "develop", "sofia", WEB, app_version="4.14.0"),
        ScenarioAction(10.5, "try", source=WEB, app_version="4.14.0", count=8),
        ScenarioAction(
            9.7, "verify", "lin", WEB, "With and without an account; the reports switch on the day of the deploy."
        ),
    ),
    live_days_ago={WEB: 8.6},
)

REDUCTIONS = RequestEntry(
    title="See what reductions take from each order",
    author="mara",
    drafted_days_ago=18.2,
    existing_event="Order Completed",
    action=ChangeAction.UPDATE,
    edit_definition=add_reduction_reason,
    source_letters="w",
    question="How much of each order's total do we give away, and why?",
    decision="Whether the average order can carry free shipping in spring.",
    metric="Average order value after reductions",
    priority=Priority.HIGH,
    expected_per_day=6,
    review_in_days=150,
    actions=(
        ScenarioAction(18.0, "submit", "mara"),
        ScenarioAction(17.4, "approve", "jonas", comment="The total stays what it is; the reason stands beside it."),
        ScenarioAction(13.5, "develop", "sofia", WEB, app_version="4.13.0"),
        ScenarioAction(13.3, "try", source=WEB, app_version="4.13.0", count=6),
        ScenarioAction(12.9, "verify", "lin", WEB, "One order for each reason, and one without."),
    ),
    live_days_ago={WEB: 12.6},
)

PROMISED_DAY = RequestEntry(
    title="Send the promised day with each parcel",
    author="karl",
    drafted_days_ago=13.4,
    existing_event="Order Shipped",
    action=ChangeAction.UPDATE,
    edit_definition=add_promised_day,
    source_letters="o",
    question="How often do we keep the day that we promised?",
    metric="Parcels on the promised day",
    priority=Priority.NORMAL,
    expected_per_day=5,
    review_in_days=200,
    actions=(
        ScenarioAction(13.2, "submit", "karl"),
        ScenarioAction(12.9, "approve", "jonas"),
        ScenarioAction(11.9, "develop", "ruth", SERVICE),
        ScenarioAction(11.7, "try", source=SERVICE, count=4),
        ScenarioAction(11.2, "verify", "elena", SERVICE),
    ),
    live_days_ago={SERVICE: 11.0},
)

SHARED_LIST = RequestEntry(
    title="Document the shared wishlist",
    author="jonas",
    drafted_days_ago=20.4,
    event=EventEntry(
        "Wishlist Shared",
        "a",
        "Somebody passed their wishlist on.",
        "When the way of sharing is picked. It came with a library of the app before anybody wrote it down.",
        "share_channel! item_count!",
        volume=3,
        category="browsing",
    ),
    message="It has arrived from the Android app for weeks and keeps its form.",
    expected_per_day=3,
    actions=(
        ScenarioAction(20.3, "submit", "jonas"),
        ScenarioAction(19.6, "approve", "noor", comment="As it arrives, so it is written."),
    ),
    live_days_ago={ANDROID: 30.0},
)

BASKET_ENDS = RequestEntry(
    title="Let Basket Viewed go",
    author="mara",
    drafted_days_ago=9.6,
    existing_event="Basket Viewed",
    action=ChangeAction.DEPRECATE,
    source_letters="w",
    reason="Cart Viewed says the same on all three apps, and more. Reports read it since spring.",
    successor="Cart Viewed",
    ends_in_days=45,
    actions=(ScenarioAction(9.5, "submit", "mara"), ScenarioAction(9.0, "approve", "jonas")),
)

POPUP_ENDS = RequestEntry(
    title="Stop sending Newsletter Popup Closed",
    author="mara",
    drafted_days_ago=17.2,
    existing_event="Newsletter Popup Closed",
    action=ChangeAction.RETIRE,
    source_letters="w",
    reason="The window was taken down. Nobody has opened its report for half a year.",
    has_no_successor=True,
    ends_in_days=-12,
    actions=(
        ScenarioAction(17.0, "submit", "mara"),
        ScenarioAction(16.3, "approve", "jonas"),
        ScenarioAction(13.8, "develop", "sofia", WEB, "Taken out with the window.", app_version="4.13.0"),
    ),
)

BETTER_WORDS = RequestEntry(
    title="Say more plainly what a product view is",
    author="mara",
    drafted_days_ago=15.2,
    existing_event="Product Viewed",
    action=ChangeAction.UPDATE,
    edit_definition=clarify_description,
    source_letters="wia",
    message="Names the ways in, since two teams asked whether mails count. They do.",
    actions=(ScenarioAction(15.1, "publish", "mara"),),
)

COMPLETED_REQUESTS = (
    WISHLIST,
    CANCELLED,
    SHARED_LIST,
    POPUP_ENDS,
    BETTER_WORDS,
    REDUCTIONS,
    STEPS_NAMED,
    PROMISED_DAY,
    BASKET_ENDS,
)
