"""Removes the demo company, or resets its tour; what people made themselves stays."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import Exists, OuterRef

from accounts.history import allow_purge
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
from demo.company import APP_RELEASES, PEOPLE, POCKET_SHOP
from demo.dictionary import CATEGORIES, EVENTS
from demo.removal.row_removal import DeletionCounts, Removal
from demo.scenario import SCENARIO_REQUESTS
from demo.seeding.demo_loader import acquire_demo_lock
from tracking.requests.choices import ChangeAction
from tracking.requests.models import Change, Request
from tracking.traffic import maintenance_lock


def purge_company() -> DeletionCounts:
    """Remove every sample and what depends on one, and return how many rows of what went or changed.

    A request of people's own loses its changes of sample events, and is deleted where none is left; an event of
    their own loses its bindings to sample sources. A library entry that such an event uses becomes theirs. Accounts and
    teams stay, since people are never deleted; colleagues whom nobody can sign in as are deactivated.
    """
    with _exclusive_purge("The demo company is removed."):
        removal = Removal(
            sources=list(Source.objects.filter(is_sample=True).values_list("pk", flat=True)),
            events=list(Event.objects.filter(is_sample=True).values_list("pk", flat=True)),
            requests=list(Request.objects.filter(is_sample=True).values_list("pk", flat=True)),
        )
        removal.remove_traffic()
        removal.remove_requests(include_source_deliveries=True)
        removal.delete(Binding.objects.filter(source__in=removal.sources))
        removal.delete(VersionSource.objects.filter(source__in=removal.sources))
        removal.remove_events()
        _remove_library(removal)
        _remove_sources(removal)
        _remove_categories(removal)
        _deactivate_people(removal)
        return removal.deletion_counts


def purge_tour(*, by: User | None = None) -> DeletionCounts:
    """Reset the tour: remove what its shop sent, its later deploys, its requests and the events they created.

    A request is the tour's where its changes are for the tour's shop and for no other source. Accounts, the shop itself
    and its keys stay, and so does all that a visitor made for apps of their own, but for what they changed of an event
    that the tour created. Returns what went, empty where nothing did. `by` is who wanted it, the system where nobody
    says. A step that is being taken at that moment is waited for.
    """
    with _exclusive_purge("The tour is reset.", by=by):
        shop = Source.objects.filter(slug=POCKET_SHOP, is_sample=True).values_list("pk", flat=True)
        other_sources = Change.sources.through.objects.filter(change__request=OuterRef("pk")).exclude(source__in=shop)
        rows = Request.objects.filter(~Exists(other_sources), changes__sources__in=shop, is_sample=False).distinct()
        requests = list(rows.order_by("pk").values_list("pk", flat=True))
        # Every transition locks the request's row first, so this waits for open ones and excludes later ones.
        list(Request.objects.filter(pk__in=requests).order_by("pk").select_for_update())
        created = Change.objects.filter(request__in=requests, action=ChangeAction.CREATE, event__is_sample=False)
        removal = Removal(
            sources=list(shop),
            events=list(created.values_list("event", flat=True).distinct()),
            requests=requests,
        )
        removal.remove_traffic()
        removal.remove_requests(include_source_deliveries=False)
        removal.remove_events()
        _remove_deploys(removal)
        return removal.deletion_counts


@contextmanager
def _exclusive_purge(reason: str, *, by: User | None = None) -> Iterator[None]:
    """A transaction in which protected rows may be deleted, and nobody loads, checks or folds."""
    with allow_purge(by=by or User.objects.system(), reason=reason):
        acquire_demo_lock()
        maintenance_lock.acquire_exclusive()
        yield


def _remove_deploys(removal: Removal) -> None:
    """Remove the deploys that a visitor made; the shop's initial release stays."""
    initial_versions = [release.version for release in APP_RELEASES[POCKET_SHOP]]
    deploys = Deploy.objects.filter(source__in=removal.sources).exclude(version__in=initial_versions)
    marked = HistoryEntry.objects.filter(
        subject_type="source",
        subject_id__in=[str(pk) for pk in removal.sources],
        action__in=["deploy marked", "deploy taken back"],
    )
    removal.delete(marked.exclude(message__in=initial_versions))
    removal.delete(deploys)


def _remove_library(removal: Removal) -> None:
    samples = Property.objects.filter(is_sample=True)
    used = samples.filter(Exists(VersionProperty.objects.filter(property=OuterRef("pk"))))
    removal.add_count("library entries kept, since events of your own use them", used.update(is_sample=False))
    removal.delete_history("property", samples)
    removal.delete(samples)


def _remove_sources(removal: Removal) -> None:
    sources = Source.objects.filter(pk__in=removal.sources)
    removal.delete_history("source", sources)
    removal.delete(sources)


def _remove_categories(removal: Removal) -> None:
    requested = [entry.event for entry in SCENARIO_REQUESTS if entry.event is not None]
    tags = {tag for entry in (*EVENTS, *requested) for tag in entry.tags}
    unused_tags = Tag.objects.filter(slug__in=tags, events=None)
    slugs = [entry.slug for entry in CATEGORIES]
    unused_categories = Category.objects.filter(slug__in=slugs, events=None, children=None)
    for subject_type, rows in (("tag", unused_tags), ("category", unused_categories)):
        removal.delete_history(subject_type, rows)
        removal.delete(rows)


def _deactivate_people(removal: Removal) -> None:
    invented = [entry.username for entry in PEOPLE if not entry.account]
    for person in User.objects.filter(username__in=invented, is_active=True):
        deactivate(person, by=User.objects.system(), message="The demo company was removed.")
        removal.add_count("people deactivated", 1)
