"""Parts of a page that may fail alone: where the code of one raises, a sentence stands there and the page stays."""

from __future__ import annotations

from typing import Any

import structlog
from django import template
from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DatabaseError, connection
from django.http import Http404
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.template.loader import render_to_string

log = structlog.get_logger(__name__)
register = template.Library()

ANSWERS = (Http404, PermissionDenied, SuspiciousOperation)
"""What views raise to answer something else: no failures of a part."""


class PagePartNode(template.Node):
    """What stands between `{% part %}` and `{% endpart %}`."""

    def __init__(self, title: FilterExpression, nodelist: NodeList) -> None:
        self.title, self.nodelist = title, nodelist

    def render(self, context: Context) -> Any:
        """Return the part, or where its code raises, the sentence that says so; the failure is logged.

        Answers of views are raised on, and errors of the database inside a transaction, which they break for whatever
        comes after. With `RAISE_IN_PAGE_PARTS` every failure is raised on.
        """
        title = self.title.resolve(context)
        try:
            return self.nodelist.render(context)
        except ANSWERS:
            raise
        except Exception as error:
            if settings.RAISE_IN_PAGE_PARTS or (isinstance(error, DatabaseError) and connection.in_atomic_block):
                raise
            request = context.get("request")
            log.exception("page.part_failed", part=title, path=getattr(request, "path", ""))
            request_id = getattr(request, "request_id", "")
            return render_to_string("ui/failed_part.html", {"title": title, "request_id": request_id})


@register.tag("part")
def part(parser: Parser, token: Token) -> PagePartNode:
    """`{% part "The traffic" %}…{% endpart %}`: a part of a page that may fail without the rest; `title` names it."""
    _, title = token.split_contents()
    nodelist = parser.parse(("endpart",))
    parser.delete_first_token()
    return PagePartNode(parser.compile_filter(title), nodelist)
