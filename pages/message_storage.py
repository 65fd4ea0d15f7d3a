"""Messages of one page to the next, in a cookie that only this host can have set: for installations behind TLS."""

from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class HostCookieStorage(CookieStorage):
    """Django's own, under a name with which browsers take a cookie from this very host alone, and over TLS."""

    cookie_name = "__Host-messages"


class HostMessageStorage(FallbackStorage):
    """The cookie, and the session for what does not fit into it."""

    storage_classes = (HostCookieStorage, SessionStorage)
