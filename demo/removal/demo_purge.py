"""The demo company leaves, or its tour begins anew; what people made themselves stays."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import Exists, OuterRef

from accounts.history import purging
from accounts.models import HistoryEntry, User
from accounts.services import deactivate
from catalog.models import (
    Binding,
    Category,
    Deploy,
    Event,
    Property,
    Source,
    Tag,
    VersionProperty,
    VersionSource,
)
from demo.company import PEOPLE, POCKET, RELEASES
from demo.dictionary import CATEGORIES, EVENTS
from demo.removal.row_removal import Receipt, Removal
from demo.scenario import REQUESTS
from demo.seeding.demo_loader import lock
from tracking.requests.choices import Action
from tracking.requests.models import Change, Request
from tracking.traffic import maintenance_lock


def purge_company() -> Receipt:
    """Remove every sample and what depends on one, and return how many rows of what went or changed.

    A request of people's own loses its changes of sample events, and goes where nothing is left of it; an event of
    their own loses its ties to sample sources. A library entry that such an event uses becomes theirs. Accounts and
    teams stay, since people are never deleted; colleagues whom nobody can sign in as are deactivated.
    """
    with _alone("The demo company is removed."):
        going = Removal(
            sources=list(Source.objects.filter(is_sample=True).values_list("pk", flat=True)),
            events=list(Event.objects.filter(is_sample=True).values_list("pk", flat=True)),
            requests=list(Request.objects.filter(is_sample=True).values_list("pk", flat=True)),
        )
        going.remove_traffic()
        going.remove_requests(on_sources=True)
        going.delete(Binding.objects.filter(source__in=going.sources))
        going.delete(VersionSource.objects.filter(source__in=going.sources))
        going.remove_events()
        _remove_library(going)
        _remove_sources(going)
        _clear_shelves(going)
        _send_colleagues_home(going)
        return going.receipt


def purge_tour(*, by: User | None = None) -> Receipt:
    """Let the tour begin anew: remove what its shop sent, its later deploys, its requests and the events they created.

    A request is the tour's where its changes are for the tour's shop and for no other source. Accounts, the shop itself
    and its keys stay, and so does all that a visitor made for apps of their own, but for what they changed of an event
    that the tour created. Returns what went, empty where nothing did. `by` is who wanted it, the system where nobody
    says. A step that is being taken at that moment is waited for.
    """
    with _alone("The tour begins anew.", by=by):
        shop = Source.objects.filter(slug=POCKET, is_sample=True).values_list("pk", flat=True)
        elsewhere = Change.sources.through.objects.filter(change__request=OuterRef("pk")).exclude(source__in=shop)
        rows = Request.objects.filter(~Exists(elsewhere), changes__sources__in=shop, is_sample=False).distinct()
        requests = list(rows.order_by("pk").values_list("pk", flat=True))
        # Whoever moves one holds its row first; then all that follows is theirs or ours alone.
        list(Request.objects.filter(pk__in=requests).order_by("pk").select_for_update())
        created = Change.objects.filter(request__in=requests, action=Action.CREATE, event__is_sample=False)
        going = Removal(
            sources=list(shop),
            events=list(created.values_list("event", flat=True).distinct()),
            requests=requests,
        )
        going.remove_traffic()
        going.remove_requests(on_sources=False)
        going.remove_events()
        _remove_deploys(going)
        return going.receipt


@contextmanager
def _alone(reason: str, *, by: User | None = None) -> Iterator[None]:
    """A transaction in which protected rows may go, and nobody loads, checks or folds."""
    with purging(by=by or User.objects.system(), reason=reason):
        lock()
        maintenance_lock.hold()
        yield


def _remove_deploys(going: Removal) -> None:
    """Remove the deploys that a visitor made; the release that the shop was founded with stays."""
    founded = [release.version for release in RELEASES[POCKET]]
    deploys = Deploy.objects.filter(source__in=going.sources).exclude(version__in=founded)
    marked = HistoryEntry.objects.filter(
        subject_type="source", subject_id__in=[str(pk) for pk in going.sources], action="deploy marked"
    )
    going.delete(marked.exclude(message__in=founded))
    going.delete(deploys)


def _remove_library(going: Removal) -> None:
    samples = Property.objects.filter(is_sample=True)
    used = samples.filter(Exists(VersionProperty.objects.filter(property=OuterRef("pk"))))
    going.count("library entries kept, since events of your own use them", used.update(is_sample=False))
    going.forget("property", samples)
    going.delete(samples)


def _remove_sources(going: Removal) -> None:
    sources = Source.objects.filter(pk__in=going.sources)
    going.forget("source", sources)
    going.delete(sources)


def _clear_shelves(going: Removal) -> None:
    requested = [entry.event for entry in REQUESTS if entry.event is not None]
    tags = {tag for entry in (*EVENTS, *requested) for tag in entry.tags}
    going.delete(Tag.objects.filter(slug__in=tags, events=None))
    going.delete(Category.objects.filter(slug__in=[shelf.slug for shelf in CATEGORIES], events=None, children=None))


def _send_colleagues_home(going: Removal) -> None:
    invented = [entry.username for entry in PEOPLE if not entry.account]
    for person in User.objects.filter(username__in=invented, is_active=True):
        deactivate(person, by=User.objects.system(), message="The demo company was removed.")
        going.count("people deactivated", 1)
