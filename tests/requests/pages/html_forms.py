"""What a browser without scripts would post: every control of a page's form as the page holds it."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any


class _FormParser(HTMLParser):
    """The successful controls of the form with an id, or of the first whose action ends so."""

    def __init__(self, wanted: str) -> None:
        super().__init__()
        self.wanted = wanted
        self.values: dict[str, Any] = {}
        self._is_inside = self._is_over = False
        self._templates = 0
        self._select = self._area = ""
        self._first_option: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "template":
            self._templates += 1
        if tag == "form":
            is_wanted = given.get("id") == self.wanted or given.get("action", "#").endswith(self.wanted)
            self._is_inside = is_wanted and not self._is_over
        name = given.get("name", "")
        belongs = self._is_inside or given.get("form") == self.wanted
        if self._templates or not belongs:
            return
        if tag == "input" and name and given.get("type") not in ("submit", "checkbox", "radio"):
            self._add(name, given.get("value", ""))
        elif tag == "input" and name and "checked" in given:
            self._add(name, given.get("value", "on"))
        elif tag == "select":
            self._select, self._first_option = name, None
        elif tag == "option" and self._select:
            if self._first_option is None:
                self._first_option = given.get("value", "")
            if "selected" in given:
                self._first_option = given.get("value", "")
        elif tag == "textarea":
            self._area = name
            self.values[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self._templates -= 1
        elif tag == "form":
            self._is_over = self._is_over or self._is_inside
            self._is_inside = False
        elif tag == "select" and self._select:
            self._add(self._select, self._first_option or "")
            self._select = ""
        elif tag == "textarea":
            # A browser leaves out the first line end, and the template writes none.
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area] += data

    def _add(self, name: str, value: str) -> None:
        if name in self.values:
            held = self.values[name]
            self.values[name] = [*held, value] if isinstance(held, list) else [held, value]
        else:
            self.values[name] = value


def form_values(page: Any, form: str = "request-form") -> dict[str, Any]:
    """Return what the form of a page would send if nobody touched it."""
    parser = _FormParser(form)
    parser.feed(page.content.decode())
    parser.values.pop("csrfmiddlewaretoken", None)
    return parser.values


def row_values(number: int, **fields: Any) -> dict[str, Any]:
    """Return the controls of one row of properties."""
    return {f"change-rows-{number}-{name}": value for name, value in fields.items()}
