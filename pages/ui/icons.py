"""Icons: symbols of one file, drawn in the colour of the surrounding text."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

ICON_SPRITE = "vendor/bootstrap-icons/icons.svg"
MAX_REMEMBERED = 1_000
"""How many icons, with their labels, a process remembers as HTML: a page has dozens of a few."""


@cache
def icon_names() -> frozenset[str]:
    """The names of all icons, as the file of symbols has them."""
    text = (settings.BASE_DIR / "static" / ICON_SPRITE).read_text(encoding="utf-8")
    return frozenset(re.findall(r'<symbol id="([a-z0-9-]+)"', text))


@lru_cache(MAX_REMEMBERED)
def render_icon(name: str, label: str = "") -> SafeString:
    """The icon `name` as SVG: hidden from screen readers, or an image named `label` where one is given.

    Raises KeyError where there is no such icon.
    """
    if name not in icon_names():
        raise KeyError(f"No icon is called {name!r}. The style page shows all of them.")
    href = f"{static(ICON_SPRITE)}#{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, href)
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"></use></svg>', href)
