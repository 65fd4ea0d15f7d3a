"""The forms of a page, with what each of their fields holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

from tests.hostile.every_address import escape

BOUNDARY = "a-boundary"


@dataclass
class PageForm:
    """One form: where it is posted to, and its fields."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)

    @property
    def key(self) -> tuple[str, ...]:
        """Forms of one key differ by their rows alone."""
        return ("".join("0" if each.isdigit() else each for each in self.action), *sorted(self.fields))


class _FormParser(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.forms: list[PageForm] = []
        self._is_open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        posts = given.get("hx-post") or (given.get("method", "").lower() == "post" and tag == "form")
        if posts:
            self.forms.append(PageForm(urljoin(self.url, given.get("hx-post") or given.get("action", ""))))
            self._is_open = tag == "form"
        name = given.get("name", "")
        if self._is_open and name and tag in ("input", "select", "textarea", "button"):
            self.forms[-1].fields.setdefault(name, given.get("value", ""))
            if given.get("type") == "file":
                self.forms[-1].files.add(name)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_open = False


def forms_of(html: str, url: str) -> list[PageForm]:
    """Return the forms of a page that are posted; `url` is the page's own."""
    parser = _FormParser(url)
    parser.feed(html)
    return [form for form in parser.forms if form.action.startswith("/")]


def encoded(fields: dict[str, str]) -> tuple[bytes, str]:
    """Return fields as browsers send a form, and the content type; halves of surrogate pairs too."""
    text = "&".join(f"{escape(name)}={escape(value)}" for name, value in fields.items())
    return text.encode(), "application/x-www-form-urlencoded"


def as_multipart(fields: dict[str, str], files: set[str]) -> tuple[bytes, str]:
    """Return fields, some of them as files, as a body of several parts, and the content type."""
    parts = []
    for name, value in fields.items():
        file_name = '; filename="x.json"' if name in files else ""
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file_name}\r\n\r\n'
        parts.append(head.encode("utf-8", "surrogatepass") + value.encode("utf-8", "surrogatepass") + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={BOUNDARY}"
