"""What goes wrong at Harbour & Sons: the deliberate faults of the generated traffic."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from catalog.contract import Verdict
from demo.company import ANDROID, IOS, WEB

Properties = dict[str, Any]


@dataclass(frozen=True, slots=True)
class InjectedFault:
    """What is wrong with some events of one name from one source.

    From `from_days` ago on, each `every`-th of them (that came from `app_version`, where that is given) is changed
    by `change` and gets `verdict`.
    """

    key: str
    event: str
    source: str
    from_days: float
    every_nth: int
    modify: Callable[[Properties], Properties]
    expected_verdict: Verdict
    app_version: str = ""


def _price_as_text(properties: Properties) -> Properties:
    return properties | {"price": f"{properties['price']:.2f}".replace(".", ",")}


def _without_property(name: str) -> Callable[[Properties], Properties]:
    return lambda properties: {key: value for key, value in properties.items() if key != name}


def _with_properties(**values: Any) -> Callable[[Properties], Properties]:
    return lambda properties: properties | values


INJECTED_FAULTS = (
    # One version of the iOS app formats the price before it sends it. 7.4.1 fixes it; not everybody has it.
    InjectedFault(
        "price_as_text", "Product Added", IOS, 7.6, 1, _price_as_text, Verdict.NONCONFORMING, app_version="7.4.0"
    ),
    # Android forgets the number of results when search answers from its memory.
    InjectedFault(
        "no_count", "Search Performed", ANDROID, 14.4, 2, _without_property("results_count"), Verdict.NONCONFORMING
    ),
    # People paste addresses into the search field.
    InjectedFault(
        "address", "Search Performed", WEB, 9.0, 4, _with_properties(query="ingrid@example.com"), Verdict.NONCONFORMING
    ),
    # A payment method was enabled without a change of the definition.
    InjectedFault(
        "new_method",
        "Payment Method Chosen",
        WEB,
        8.5,
        3,
        _with_properties(payment_method="klarna"),
        Verdict.NONCONFORMING,
    ),
    # The link of a campaign brings a key that the definition does not know; a warning.
    InjectedFault(
        "campaign_key", "Promotion Clicked", WEB, 12.5, 3, _with_properties(utm_source="instagram"), Verdict.CONFORMING
    ),
    # The contact form sends the address along, which no definition allows; a warning, and its value is masked.
    InjectedFault(
        "contact_address",
        "Contact Form Sent",
        IOS,
        6.0,
        1,
        _with_properties(email="paul@example.com"),
        Verdict.CONFORMING,
    ),
)


def matching_fault(name: str, source: str, *, days_ago: float, number: int, app_version: str) -> InjectedFault | None:
    """Return the fault that the `number`-th event of a name from a source shows, if any."""
    for fault in INJECTED_FAULTS:
        fits = (fault.event, fault.source) == (name, source) and days_ago <= fault.from_days
        if fits and fault.app_version in ("", app_version) and number % fault.every_nth == 0:
            return fault
    return None
