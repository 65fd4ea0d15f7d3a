"""Which browser on which system a User-Agent header names, for people to know their own devices by."""

from __future__ import annotations

# The first that is found counts: Edge, Opera and Samsung Internet call themselves Chrome too, and Chrome Safari.
BROWSERS = (
    *(("Edg/", "Edge"), ("EdgA/", "Edge"), ("EdgiOS/", "Edge"), ("OPR/", "Opera"), ("Vivaldi/", "Vivaldi")),
    *(("SamsungBrowser/", "Samsung Internet"), ("FxiOS/", "Firefox"), ("Firefox/", "Firefox"), ("CriOS/", "Chrome")),
    *(("HeadlessChrome/", "Chrome without a window"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl")),
    *(("python-requests/", "A Python program"), ("Python-urllib/", "A Python program")),
)
SYSTEMS = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS")),
    *(("Mac OS X", "macOS"), ("Linux", "Linux")),
)
UNKNOWN = "An unknown browser"


def client_words(user_agent: str) -> str:
    """Return words such as *Firefox on Windows*; the browser alone where the system is not named."""
    browser = _first(BROWSERS, user_agent) or UNKNOWN
    system = _first(SYSTEMS, user_agent)
    return f"{browser} on {system}" if system else browser


def _first(table: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((words for mark, words in table if mark in user_agent), "")
