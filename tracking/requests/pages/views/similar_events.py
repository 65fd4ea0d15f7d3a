"""Events that somebody may have meant, shown while they type a name, so that nothing is asked for twice."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from catalog.choices import Call
from catalog.contract import clean_name
from catalog.models import Event
from catalog.name_suggestions import suggest_events
from tracking.requests.choices import ChangeAction
from tracking.requests.models import Change, Request
from tracking.requests.pages.forms.change_forms import CHANGE_PREFIX, NameReasonForm
from tracking.requests.pages.post_params import id_param, text_param
from tracking.requests.workflow.guards.distinct_names import name_clashes

MAX_MATCHES = 6
MIN_NAME_LENGTH = 3


@login_required
@require_GET
def similar(request: HttpRequest) -> HttpResponse:
    """A fragment: the events like the name typed, or (`?for=choice`) those that it finds, or (`?for=options`) names."""
    purpose = request.GET.get("for", "")
    if purpose == "options":
        name = text_param(request.GET, f"{CHANGE_PREFIX}-successor_name", 600)
        return render(request, "requests/_options.html", {"matches": matching_events(name)})
    name = text_param(request.GET, f"{CHANGE_PREFIX}-name", 600)
    if purpose == "choice":
        return render(request, "requests/_matches.html", {"matches": matching_events(name), "typed_name": name})
    event = Event.objects.filter(pk=id_param(request.GET, "event") or 0).first()
    draft = Request.objects.filter(pk=id_param(request.GET, "draft") or 0).first()
    clash = name_clash(name, text_param(request.GET, f"{CHANGE_PREFIX}-call", 20), event, draft)
    reason = text_param(request.GET, f"{CHANGE_PREFIX}-name_reason", 600)
    context = {
        "similar": similarly_named_events(name) if event is None else [],
        "name_clash": clash,
        "name_reason": NameReasonForm(initial={"name_reason": reason}).reason_field(is_needed=bool(clash)),
    }
    return render(request, "requests/_similar.html", context)


def name_clash(name: str, call: str, event: Event | None, draft: Request | None) -> str:
    """Return whose name people would read a typed one as, in a sentence; "" where it is like no other's.

    `event` is the one to rename, None for a new one; `draft` is the request that it is typed in.
    """
    action = ChangeAction.CREATE if event is None else ChangeAction.UPDATE
    definition = {"name": clean_name(name).strip(), "call": event.call if event else call or str(Call.TRACK)}
    change = Change(request=draft, action=action, event=event, definition=definition)
    return name_clashes([change], draft)[0] if change.gives_name else ""


def matching_events(text: str) -> list[Event]:
    """Return the events that a text finds, the best first; near ones where it finds none."""
    if not text.strip():
        return []
    return list(Event.objects.search(text)[:MAX_MATCHES]) or suggest_events(text, limit=MAX_MATCHES)


def similarly_named_events(name: str) -> list[Event]:
    """Return the events whose names are like one that somebody is about to give to a new one."""
    if len(name.strip()) < MIN_NAME_LENGTH:
        return []
    fuzzy_matches = suggest_events(name, limit=MAX_MATCHES)
    found = Event.objects.search(name)[: MAX_MATCHES - len(fuzzy_matches)] if len(fuzzy_matches) < MAX_MATCHES else []
    return list({event.pk: event for event in [*fuzzy_matches, *found]}.values())
