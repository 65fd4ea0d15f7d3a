"""The choices of the catalog's models: stored values, with the labels that people read."""

from collections.abc import Iterable
from typing import Self

from django.db import models


class Call(models.TextChoices):
    """Which call of an SDK sends an event."""

    TRACK = "track", "Track"
    PAGE = "page", "Page"
    SCREEN = "screen", "Screen"
    IDENTIFY = "identify", "Identify"
    GROUP = "group", "Group"
    ALIAS = "alias", "Alias"


class Kind(models.TextChoices):
    """How an event is used: on its own, as a pattern for others, or to carry small interactions."""

    STANDARD = "standard", "Standard"
    TEMPLATE = "template", "Template"
    CONTAINER = "container", "Container"


class Status(models.TextChoices):
    """The status of an event; a stored projection written only by `services.event_projections`."""

    PLANNED = "planned", "Planned"
    LIVE = "live", "Live"
    DEPRECATED = "deprecated", "Deprecated"
    RETIRED = "retired", "Retired"


class Health(models.TextChoices):
    """What the last day of production traffic says of an event; unknown where it is quiet for longer than usual."""

    UNKNOWN = "unknown", "No recent traffic"
    OK = "ok", "OK"
    WARNINGS = "warnings", "Warnings"
    FAILING = "failing", "Failing"


class Freshness(models.TextChoices):
    """Whether an event still arrives, measured by its usual frequency (see `catalog.event_freshness`)."""

    RECEIVING = "receiving", "Receiving"
    QUIET = "quiet", "Quiet"
    NEVER = "never", "Never seen"


class Environment(models.TextChoices):
    """Where a source runs. Each has write keys of its own."""

    PRODUCTION = "production", "Production"
    STAGING = "staging", "Staging"
    DEVELOPMENT = "development", "Development"


class Platform(models.TextChoices):
    """What kind of app a source is."""

    WEB = "web", "Web"
    IOS = "ios", "iOS"
    ANDROID = "android", "Android"
    SERVER = "server", "Server"
    OTHER = "other", "Other"


class VersionFrom(models.TextChoices):
    """Where the app version of a source's events is found."""

    PAYLOAD = "payload", "A place in the event"
    DEPLOYS = "deploys", "Deploy markers"
    NOWHERE = "nowhere", "Nowhere"


class VersionOrder(models.TextChoices):
    """How the app versions of a source are ordered."""

    SEMVER = "semver", "Semantic version"
    BUILD = "build", "Build number"
    DATE = "date", "Date"


class NullHandlingChoice(models.TextChoices):
    """What a null means for an optional property that does not allow it; the contract's `NullHandling`, with labels."""

    ERROR = "error", "An error"
    WARNING = "warning", "A warning"
    ABSENT = "absent", "As if absent"


class OwnerRole(models.TextChoices):
    """What a person answers for on an event."""

    BUSINESS = "business", "Business"
    DEVELOPMENT = "development", "Development"
    ANALYSIS = "analysis", "Analysis"
    QA = "qa", "QA"


class Sensitivity(models.TextChoices):
    """How carefully values of a property are kept. Each row is one word, from the least strict to the strictest.

    The columns: the word as rows and definitions hold it, whether it hides values everywhere, the icon and tone of its
    badge (see `pages.ui.badges`), and its label. A new word is one row here and needs nothing else.
    """

    NONE = "none", False, "unlock", "neutral", "Not sensitive"
    UNKNOWN = "unknown", False, "question-diamond", "neutral", "Not declared"
    PERSONAL = "personal", True, "person", "warn", "Personal"
    SECRET = "secret", True, "shield-lock", "bad", "Secret"

    hides: bool
    icon: str
    tone: str
    strictness: int

    def __new__(cls, word: str, hides: bool, icon: str, tone: str) -> Self:
        member = str.__new__(cls, word)
        member._value_ = word
        member.hides, member.icon, member.tone = hides, icon, tone
        member.strictness = len(cls.__members__)
        return member

    @classmethod
    def parse(cls, word: object) -> Self:
        """Return the row of a word; of anything that is no word of the table, the strictest row."""
        known = cls._value2member_map_.get(word) if isinstance(word, str) else None
        return known if isinstance(known, cls) else max(cls, key=lambda row: row.strictness)

    @classmethod
    def strictest(cls, words: Iterable[object]) -> Self:
        """Return the strictest of some words, each read as `parse` does. Raises ValueError where there are none."""
        return max((cls.parse(word) for word in words), key=lambda row: row.strictness)


def sensitivity_choices() -> list[tuple[str, str]]:
    """Return the words and labels of `Sensitivity`: by this function migrations refer to them, so none names a word."""
    return Sensitivity.choices


class Origin(models.TextChoices):
    """Who supplies a property's value."""

    CLIENT = "client", "Client"
    SERVER = "server", "Server"
    ENRICHED = "enriched", "Enriched"
    DERIVED = "derived", "Derived"


class ChangeKind(models.TextChoices):
    """How far a version is from its parent; it decides the version's number."""

    NONE = "none", "No change"
    PATCH = "patch", "Patch"
    MINOR = "minor", "Minor"
    MAJOR = "major", "Major"


class ImportOutcome(models.TextChoices):
    """The outcome of one entry of an import."""

    CREATED = "created", "Created"
    UPDATED = "updated", "Updated"
    UNCHANGED = "unchanged", "Unchanged"
    FRAGMENT = "fragment", "Part of others"
    SKIPPED = "skipped", "Skipped"
    FAILED = "failed", "Failed"


class ImportState(models.TextChoices):
    """The state of an import job."""

    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
