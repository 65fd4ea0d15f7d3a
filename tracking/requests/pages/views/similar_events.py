"""Events that somebody may have meant, shown while they type a name, so that nothing is asked for twice."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from catalog.models import Event
from catalog.name_suggestions import suggest
from tracking.requests.pages.forms.change_forms import PREFIX
from tracking.requests.pages.post_params import posted_text

SHOWN = 6
SHORTEST = 3


@login_required
@require_GET
def similar(request: HttpRequest) -> HttpResponse:
    """A fragment: the events like the name typed, or (`?for=choice`) those that it finds, or (`?for=options`) names."""
    purpose = request.GET.get("for", "")
    if purpose == "options":
        name = posted_text(request.GET, f"{PREFIX}-successor_name", 600)
        return render(request, "requests/_options.html", {"matches": matching(name)})
    name = posted_text(request.GET, f"{PREFIX}-name", 600)
    if purpose == "choice":
        return render(request, "requests/_matches.html", {"matches": matching(name), "typed_name": name})
    return render(request, "requests/_similar.html", {"similar": similar_to(name)})


def matching(text: str) -> list[Event]:
    """Return the events that a text finds, the best first; near ones where it finds none."""
    if not text.strip():
        return []
    return list(Event.objects.search(text)[:SHOWN]) or suggest(text, limit=SHOWN)


def similar_to(name: str) -> list[Event]:
    """Return the events whose names are like one that somebody is about to give to a new one."""
    if len(name.strip()) < SHORTEST:
        return []
    near = suggest(name, limit=SHOWN)
    found = Event.objects.search(name)[: SHOWN - len(near)] if len(near) < SHOWN else []
    return list({event.pk: event for event in [*near, *found]}.values())
