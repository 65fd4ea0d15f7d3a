"""The choices of arriving traffic."""

from django.db import models


class VerdictChoice(models.TextChoices):
    """What came of one event; the words of `catalog.contract.Verdict`, with labels."""

    CONFORMING = "conforming", "Conforming"
    NONCONFORMING = "nonconforming", "Nonconforming"
    UNDOCUMENTED = "undocumented", "Undocumented"
    WRONG_SOURCE = "wrong_source", "Wrong source"
    RETIRED = "retired", "Retired"
    UNREADABLE = "unreadable", "Unreadable"
    UNCHECKED = "unchecked", "Unchecked"


class WireChoice(models.TextChoices):
    """The formats in which SDKs send events."""

    SEGMENT = "segment", "Segment"
    RUDDERSTACK = "rudderstack", "RudderStack"


class LimitKind(models.TextChoices):
    """What is counted per source and hour, up to a cap."""

    NAME = "name", "Event name"
    APP_VERSION = "app_version", "App version"


class RefusalReason(models.TextChoices):
    """Why the collector refused a request."""

    NO_KEY = "no_key", "No write key came"
    UNKNOWN_KEY = "unknown_key", "The write key is unknown"
    ENDED_KEY = "ended_key", "The write key is no longer in use"
    TOO_LARGE = "too_large", "The body is too large"
    UNREADABLE = "unreadable", "The body cannot be read"
    UNKNOWN_ENCODING = "unknown_encoding", "The body is packed in an unknown way"
    TOO_SLOW = "too_slow", "The body came too slowly"
    BROKE_OFF = "broke_off", "The body broke off"
    RATE = "rate", "More came than the key or its source may send"
    INBOX_FULL = "inbox_full", "The inbox, or the source's share of it, is full"
    DATABASE = "database", "The database did not take it"
    BUSY = "busy", "Too much came at once"
    NO_SUCH_PATH = "no_such_path", "No SDK sends to this path"
    WRONG_METHOD = "wrong_method", "Events are sent with POST"
    FAILURE = "failure", "This server failed"


class ThrottleBound(models.TextChoices):
    """Which bound holds back a write key."""

    KEY_EVENTS = "key_events", "Events a second of the key"
    KEY_BYTES = "key_bytes", "Bytes a second of the key"
    SOURCE_EVENTS = "source_events", "Events a second of the source"
    SOURCE_BYTES = "source_bytes", "Bytes a second of the source"
    INBOX_SHARE = "inbox_share", "The source's share of the inbox"
