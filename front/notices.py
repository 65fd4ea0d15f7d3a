"""What people and programs read when a page cannot be made: short, and without the database."""

from dataclasses import dataclass
from functools import cache
from http import HTTPStatus

from django.template.loader import render_to_string

from front.http_messages import NO_STORE, NOSNIFF, FrontResponse, RequestHead, json_response

API_PREFIX = "/api/"
PAGE_HEADERS = (
    ("content-type", "text/html; charset=utf-8"),
    ("content-security-policy", "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
    ("referrer-policy", "same-origin"),
    NOSNIFF,
    NO_STORE,
)


@dataclass(frozen=True, slots=True)
class Notice:
    """Why there is no page: a title, what happened, and what to do next."""

    status: int
    title: str
    text: str
    advice: str
    retry_after: int | None = None


DATABASE_SILENT = Notice(
    503,
    "The database does not answer",
    "Signalbook is up, but its database has not answered for a few seconds. SDKs keep their events meanwhile.",
    "Try again in a moment: this page needs nothing from you. What you typed is still in your browser.",
    retry_after=5,
)
DISK_FULL = Notice(
    503,
    "The server's disk is full",
    "There is no room for what you sent, and nothing of it was saved. SDKs keep their events meanwhile.",
    "Tell an admin, who makes room; then send it again. What you typed is still in your browser.",
    retry_after=10,
)
TOO_BUSY = Notice(
    503,
    "Signalbook is busy",
    "So many pages are being made at once that yours found no place.",
    "Try again in a moment. What you typed is still in your browser.",
    retry_after=5,
)
TOO_SLOW = Notice(
    503,
    "This page took too long",
    "It was given up after a minute. A change that you saved may have been stored all the same.",
    "Look whether your change is there before you send it again. For a long list, choose fewer rows by its filters.",
    retry_after=30,
)
CLIENT_UNREADABLE = Notice(
    400,
    "This request cannot be read",
    "Its header X-Forwarded-For holds something else than addresses.",
    "Send no such header: the proxy in front of Signalbook writes it.",
)
FAILED = Notice(
    500,
    "Something broke on our side",
    "The fault is ours, and it was logged. What had been saved before is still there.",
    "Try again in a moment.",
)


def body_notice(status: int, message: str, retry_after: int | None = None) -> Notice:
    """Return the notice of a request whose body was not taken."""
    return Notice(status, HTTPStatus(status).phrase, message, "Go back and try again.", retry_after)


def notice_response(notice: Notice, head: RequestHead) -> FrontResponse:
    """Return a notice as a page, or under `/api/` as problem details."""
    retry = () if notice.retry_after is None else (("retry-after", str(notice.retry_after)),)
    if head.path.startswith(API_PREFIX):
        problem = {"type": "about:blank", "title": HTTPStatus(notice.status).phrase, "status": notice.status}
        response = json_response(notice.status, {**problem, "detail": f"{notice.text} {notice.advice}"})
        headers = (("content-type", "application/problem+json"), NOSNIFF, NO_STORE, *retry)
        return FrontResponse(notice.status, headers, response.body)
    return FrontResponse(notice.status, (*PAGE_HEADERS, *retry), _page(notice))


def prepare_notices() -> None:
    """Render the pages that are known beforehand, so that none has to be read from the disk when all is late."""
    for notice in (CLIENT_UNREADABLE, DATABASE_SILENT, TOO_BUSY, TOO_SLOW, FAILED):
        _page(notice)


@cache
def _page(notice: Notice) -> bytes:
    return render_to_string("notice.html", {"notice": notice}).encode()
