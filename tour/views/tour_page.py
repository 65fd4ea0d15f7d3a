"""The page of the tour, what of it renews itself, and what the visitor does there."""

from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET, require_POST

from accounts.audit import record_refusal
from accounts.current_user import current_user
from accounts.preconditions import UnmetCondition, UnmetConditionsError
from pages.cache_control import never_stored
from tour.tour_actions import ANSWER_FIELDS, TOUR_ACTIONS, ActionContext, reset_tour
from tour.tour_presenter import TourPresenter
from tour.tour_sign_in import FIRST_ACCOUNT, consume_sign_in_link, sign_in_as, switch_account
from tour.tour_state import TourState
from tour.views.demo_guard import demo_only

MAX_INPUT_LENGTH = 2_000


@never_stored
@demo_only
@require_GET
def sign_in_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Sign the visitor in by the link that the start printed; it works once. What only prefetches it gets nothing."""
    if "prefetch" in request.headers.get("Sec-Purpose", ""):
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    if consume_sign_in_link(token) and sign_in_as(request, FIRST_ACCOUNT) is not None:
        return redirect("tour:start")
    if not request.user.is_authenticated:
        messages.error(request, "That link worked once. Sign in with one of the accounts that were printed beside it.")
    return redirect("tour:start")


@never_stored
@demo_only
@login_required
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """The tour in its current state."""
    return _tour_page(request, _present_tour(request))


@never_stored
@demo_only
@login_required
@require_GET
def tour_fragment(request: HttpRequest) -> HttpResponse:
    """What differs from what `?you=`, `?now=` and `?seen=` say that the page shows; 204 where nothing does.

    A part that does not differ is left in place: whoever is about to press something in it still can.
    """
    presenter = _present_tour(request)
    etags = {"you": str(presenter.user.pk), "now": presenter.step_etag, "seen": presenter.arrivals_etag}
    parts_to_render = {f"renews_{part}": request.GET.get(part) != etag for part, etag in etags.items()}
    if not any(parts_to_render.values()):
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return render(request, "tour/_view.html", {"presenter": presenter, "is_fragment": True} | parts_to_render)


@never_stored
@demo_only
@login_required
@require_POST
def perform_action(request: HttpRequest) -> HttpResponse:
    """Take the next step as the signed-in account, and show the new state."""
    context = ActionContext(TourState(), current_user(request), _post_params(request))
    action = TOUR_ACTIONS.get(request.POST.get("do", ""))
    if action is None:
        raise Http404("There is no such step.")
    try:
        action(context)
    except UnmetConditionsError as error:
        return _respond(request, unmet=error.unmet)
    except ValidationError as error:
        return _respond(request, unmet=[UnmetCondition("invalid", message) for message in error.messages])
    except PermissionDenied as error:
        record_refusal(request, str(error))
        return _respond(request, unmet=[UnmetCondition("role", str(error))])
    if action is reset_tour:
        sign_in_as(request, FIRST_ACCOUNT)
    return _respond(request)


@never_stored
@demo_only
@login_required
@require_POST
def switch_account_view(request: HttpRequest) -> HttpResponse:
    """Sign in as another account of the demo: a real sign-in, with a session of its own."""
    if switch_account(request, request.POST.get("account", "")) is None:
        raise Http404("There is no such account.")
    return _respond(request)


def _post_params(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "")[:MAX_INPUT_LENGTH] for name in (*ANSWER_FIELDS, "revision")}


def _present_tour(request: HttpRequest, unmet: list[UnmetCondition] | None = None) -> TourPresenter:
    host = request.build_absolute_uri("/").rstrip("/")
    return TourPresenter(TourState(), current_user(request), host, unmet or (), _post_params(request))


def _respond(request: HttpRequest, unmet: list[UnmetCondition] | None = None) -> HttpResponse:
    """Every part of the page where a script asked, else the page itself: by a redirect unless something is wrong."""
    if request.headers.get("HX-Request"):
        presenter = _present_tour(request, unmet)
        context = {
            "presenter": presenter,
            "is_fragment": True,
            "renews_you": True,
            "renews_now": True,
            "renews_seen": True,
        }
        return render(request, "tour/_view.html", context, status=HTTPStatus.CONFLICT if unmet else HTTPStatus.OK)
    if unmet:
        return _tour_page(request, _present_tour(request, unmet), status=HTTPStatus.CONFLICT)
    return redirect("tour:start")


def _tour_page(request: HttpRequest, presenter: TourPresenter, status: int = HTTPStatus.OK) -> HttpResponse:
    response = render(request, "tour/start.html", {"presenter": presenter}, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response
