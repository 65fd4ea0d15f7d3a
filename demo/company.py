"""Harbour & Sons: the people, teams and apps of the demo company."""

from dataclasses import dataclass

from accounts.roles import Role
from catalog.choices import Platform, VersionFrom

MAIL_DOMAIN = "harbour.example"


@dataclass(frozen=True, slots=True)
class TeamEntry:
    """A team of the company."""

    slug: str
    name: str
    contact: str


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """Somebody of the company. `account` names the demo account; without one nobody can sign in as them.

    `roles` are pairs of a role and a team's slug; "" means the whole company.
    """

    username: str
    name: str
    roles: tuple[tuple[Role, str], ...]
    account: str = ""

    @property
    def email(self) -> str:
        return f"{self.username}@{MAIL_DOMAIN}"


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """An app that sends events."""

    slug: str
    name: str
    platform: Platform
    team: str
    version_from: VersionFrom
    library: str
    description: str


STOREFRONT, APPS, ORDERS = "storefront", "apps", "orders"

TEAMS = (
    TeamEntry(STOREFRONT, "Storefront", "#storefront"),
    TeamEntry(APPS, "Apps", "#apps"),
    TeamEntry(ORDERS, "Orders & Delivery", "orders@harbour.example"),
)

PEOPLE = (
    PersonEntry("mara", "Mara Lindqvist", ((Role.PM, STOREFRONT),), account="pm"),
    PersonEntry("jonas", "Jonas Adeyemi", ((Role.ANALYST, ""), (Role.ANALYST, STOREFRONT)), account="analyst"),
    PersonEntry(
        "sofia",
        "Sofia Marques",
        ((Role.DEVELOPER, STOREFRONT), (Role.DEVELOPER, APPS), (Role.DEVELOPER, ORDERS)),
        account="developer",
    ),
    PersonEntry("lin", "Lin Chen", ((Role.QA, ""),), account="qa"),
    PersonEntry("henrik", "Henrik Dahl", ((Role.ADMIN, ""),), account="admin"),
    PersonEntry("priya", "Priya Raman", ((Role.VIEWER, STOREFRONT),), account="viewer"),
    PersonEntry("noor", "Noor Haddad", ((Role.ANALYST, ""),)),
    PersonEntry("tomasz", "Tomasz Wilk", ((Role.PM, APPS),)),
    PersonEntry("david", "David Amsel", ((Role.DEVELOPER, APPS),)),
    PersonEntry("yuki", "Yuki Tanabe", ((Role.DEVELOPER, APPS),)),
    PersonEntry("karl", "Karl Brandt", ((Role.PM, ORDERS),)),
    PersonEntry("ruth", "Ruth Okoye", ((Role.DEVELOPER, ORDERS),)),
    PersonEntry("elena", "Elena Rossi", ((Role.QA, APPS), (Role.QA, ORDERS))),
)

WEB, IOS, ANDROID, SERVICE = "web-shop", "ios-app", "android-app", "order-service"
POCKET_SHOP = "pocket-shop"
"""The small shop of the guided tour. Nobody but its visitor sends its events."""

SOURCES = (
    SourceEntry(
        WEB,
        "Web shop",
        Platform.WEB,
        STOREFRONT,
        VersionFrom.DEPLOYS,
        "analytics.js",
        "harbour.example in the browser. Its events carry no version; each deploy leaves a marker here.",
    ),
    SourceEntry(
        IOS,
        "iOS app",
        Platform.IOS,
        APPS,
        VersionFrom.PAYLOAD,
        "analytics-swift",
        "The app for iPhone and iPad. Every event says which version of the app sent it.",
    ),
    SourceEntry(
        ANDROID,
        "Android app",
        Platform.ANDROID,
        APPS,
        VersionFrom.PAYLOAD,
        "analytics-kotlin",
        "The app for Android phones and tablets. Every event says which version of the app sent it.",
    ),
    SourceEntry(
        SERVICE,
        "Order service",
        Platform.SERVER,
        ORDERS,
        VersionFrom.NOWHERE,
        "analytics-python",
        "The service behind every order, from payment to the parcel's arrival. It runs in one version at a time.",
    ),
    SourceEntry(
        POCKET_SHOP,
        "Pocket shop",
        Platform.WEB,
        STOREFRONT,
        VersionFrom.DEPLOYS,
        "analytics.js",
        "A part of the web shop, for fairs and phones. In the tour at /start/ you break it and fix it.",
    ),
)


@dataclass(frozen=True, slots=True)
class AppRelease:
    """A version of an app, and how many days before the demo was loaded it came out (negative: not yet)."""

    version: str
    days_ago: float
    staged_days_ago: float


# Newest last. What is staged and not out yet is what developers have finished and QA tries.
APP_RELEASES: dict[str, tuple[AppRelease, ...]] = {
    WEB: (
        AppRelease("4.11.0", 35.6, 35.8),
        AppRelease("4.12.0", 22.6, 25.2),
        AppRelease("4.13.0", 12.6, 13.7),
        AppRelease("4.14.0", 8.6, 10.7),
        AppRelease("4.15.0", -1.0, 2.6),
    ),
    IOS: (
        AppRelease("7.2.0", 60.0, 61.0),
        AppRelease("7.3.1", 20.4, 22.4),
        AppRelease("7.4.0", 7.6, 9.0),
        AppRelease("7.4.1", 1.3, 2.4),
        AppRelease("7.5.0", -3.0, 1.6),
    ),
    ANDROID: (
        AppRelease("5.1.0", 60.0, 61.0),
        AppRelease("5.2.0", 14.4, 16.0),
        AppRelease("5.3.0", -2.0, 3.4),
    ),
    POCKET_SHOP: (AppRelease("2.4.0", 20.0, 21.0),),
}
