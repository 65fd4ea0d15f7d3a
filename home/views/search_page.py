"""Search: one box over events, properties and requests."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from home.site_search import search_site
from tracking.quality.explanations import explain


@login_required
@require_GET
def search_page(request: HttpRequest) -> HttpResponse:
    """What fits the words, grouped; an empty box leads home."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:200]
    if not text:
        return redirect("home:home")
    results = search_site(text)
    refused = [(finding, explain(finding)) for finding in results.value_findings]
    context = {"text": text, "results": results, "refused": refused}
    return render(request, "home/search.html", context)
