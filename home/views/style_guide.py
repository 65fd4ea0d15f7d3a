"""The style page: every part that pages are made of, in each of its states."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from home import style_guide_examples
from pages.ui.badges import BADGES, TONES
from pages.ui.icons import icon_names

STYLE_TOKENS = (
    "canvas", "surface", "raised", "sunken", "hover", "selected", "line", "line-strong", "line-input",
    "ink", "ink-2", "ink-3", "link", "brand", "flag-yellow", "flag-blue",
)  # fmt: skip


@login_required
@require_safe
def style_guide_page(request: HttpRequest) -> HttpResponse:
    """GET `/style/`: 200 for everybody who has signed in. `?q=`, `?status=` and so on try the filters out."""
    filterset = style_guide_examples.ExampleFilter(request.GET, queryset=get_user_model().objects.none())
    side = style_guide_examples.ExampleFilter(request.GET, queryset=get_user_model().objects.none(), prefix="side")
    names = [*filterset.filters, *(side.form.add_prefix(name) for name in side.filters)]
    filterset.page_params = side.page_params = frozenset(names)
    context = {
        "chips": {kind: list(values) for kind, values in BADGES.items()},
        "tones": TONES,
        "tokens": STYLE_TOKENS,
        "icons": sorted(icon_names()),
        "filterset": filterset,
        "side_filterset": side,
        "form": style_guide_examples.ExampleForm(),
        "bad_form": style_guide_examples.ExampleForm(style_guide_examples.INVALID_INPUT, auto_id="bad_%s"),
        "page": Paginator(range(412), 50).get_page(request.GET.get("page") or 3),
        "person": request.user,
        **style_guide_examples.style_guide_context(),
    }
    return render(request, "home/style.html", context)
