"""The page of the tour, what of it renews itself, and what the visitor does there."""

from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET, require_POST

from accounts.current_user import signed_in
from accounts.preconditions import Unmet, UnmetConditions
from tour.tour_actions import ACTS, FIELDS, Doing, begin_anew
from tour.tour_presenter import Reading
from tour.tour_sign_in import FIRST_ACCOUNT, change_account, sign_in_as, use_link
from tour.tour_state import World
from tour.views.demo_guard import demo_only

LONGEST = 2_000


@demo_only
@require_GET
def enter(request: HttpRequest, word: str) -> HttpResponse:
    """Sign the visitor in by the link that the start printed; it works once. What only prefetches it gets nothing."""
    if "prefetch" in request.headers.get("Sec-Purpose", ""):
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    if use_link(word) and sign_in_as(request, FIRST_ACCOUNT) is not None:
        return redirect("tour:start")
    if not request.user.is_authenticated:
        messages.error(request, "That link worked once. Sign in with one of the accounts that were printed beside it.")
    return redirect("tour:start")


@demo_only
@login_required
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """The tour as it stands."""
    return _page(request, _reading(request))


@demo_only
@login_required
@require_GET
def view(request: HttpRequest) -> HttpResponse:
    """What differs from what `?you=`, `?now=` and `?seen=` say that the page shows; 204 where nothing does.

    A part that does not differ is left in place: whoever is about to press something in it still can.
    """
    reading = _reading(request)
    stands = {"you": str(reading.user.pk), "now": reading.now_stand, "seen": reading.seen_stand}
    renews = {f"renews_{part}": request.GET.get(part) != stand for part, stand in stands.items()}
    if not any(renews.values()):
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return render(request, "tour/_view.html", {"reading": reading, "is_fragment": True} | renews)


@demo_only
@login_required
@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Do the next thing as the account that is signed in, and show what stands then."""
    doing = Doing(World(), signed_in(request), _posted(request))
    what = ACTS.get(request.POST.get("do", ""))
    if what is None:
        raise Http404("There is no such step.")
    try:
        what(doing)
    except UnmetConditions as refused:
        return _shown(request, refused=refused.unmet)
    except ValidationError as refused:
        return _shown(request, refused=[Unmet("invalid", message) for message in refused.messages])
    except PermissionDenied as refused:
        return _shown(request, refused=[Unmet("role", str(refused))])
    if what is begin_anew:
        sign_in_as(request, FIRST_ACCOUNT)
    return _shown(request)


@demo_only
@login_required
@require_POST
def become(request: HttpRequest) -> HttpResponse:
    """Sign in as another account of the demo: a real sign-in, with a session of its own."""
    if change_account(request, request.POST.get("account", "")) is None:
        raise Http404("There is no such account.")
    return _shown(request)


def _posted(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "")[:LONGEST] for name in (*FIELDS, "revision")}


def _reading(request: HttpRequest, refused: list[Unmet] | None = None) -> Reading:
    host = request.build_absolute_uri("/").rstrip("/")
    return Reading(World(), signed_in(request), host, refused or (), _posted(request))


def _shown(request: HttpRequest, refused: list[Unmet] | None = None) -> HttpResponse:
    """Every part of the page where a script asked, else the page itself: by a redirect unless something is wrong."""
    if request.headers.get("HX-Request"):
        reading = _reading(request, refused)
        context = {"reading": reading, "is_fragment": True, "renews_you": True, "renews_now": True, "renews_seen": True}
        return render(request, "tour/_view.html", context, status=HTTPStatus.CONFLICT if refused else HTTPStatus.OK)
    if refused:
        return _page(request, _reading(request, refused), status=HTTPStatus.CONFLICT)
    return redirect("tour:start")


def _page(request: HttpRequest, reading: Reading, status: int = HTTPStatus.OK) -> HttpResponse:
    response = render(request, "tour/start.html", {"reading": reading}, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response
