"""Categories and tags created, changed and deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, TypeVar, Unpack

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Q
from django.utils.text import slugify

from accounts.history import record
from accounts.models import Team, User
from accounts.permissions import WHOLE_COMPANY, require, require_any
from accounts.roles import Capability
from accounts.services.saved_rows import (
    delete_with_history,
    lock_curated_names,
    lock_row,
    refuse_similar_name,
    row_named_like,
    save_with_history,
)
from catalog.models import Category, Tag
from catalog.services.slugs import SLUG_LENGTH, slug_of

# An import that is taken as the baseline creates the categories and tags of its events.
IMPORT_CAPABILITIES = (Capability.CATALOG_CURATE, Capability.IMPORT_BASELINE)
TREE_LOCK_ID = 7_311_003
"""The advisory lock that lets one change of the tree of categories go on at a time."""
CATEGORY_NAME_LENGTH, TAG_NAME_LENGTH = 120, 80

T = TypeVar("T", Category, Tag)


class CategoryFields(TypedDict, total=False):
    """The fields of a category that people edit."""

    slug: str
    name: str
    parent: Category | None
    description: str


class TagFields(TypedDict, total=False):
    """The fields of a tag that people edit."""

    slug: str
    name: str


@transaction.atomic
def save_category(
    category: Category | None = None, *, by: User, at: datetime | None = None, **fields: Unpack[CategoryFields]
) -> Category:
    """Create a category (None), or change one, and return it. Where nothing differs, nothing is written.

    A new one without a slug gets that of its name. Raises Forbidden where `by` may not curate the whole catalog,
    ValidationError where the slug is taken, the name reads like that of another one in the same category, a field does
    not hold what it should, or the parent lies inside it, and
    UnmetConditionsError (`gone`) where the category was deleted.
    """
    require(by, Capability.CATALOG_CURATE, on=WHOLE_COMPANY)
    if category is not None:
        # Before any row: two people who move categories under each other neither close a cycle nor deadlock.
        _lock_tree()
    if _decides_about_names(fields):
        lock_curated_names()
    row = Category() if category is None else lock_row(category)
    parent = fields.get("parent")
    if category is not None and parent is not None and _is_within(parent.pk, category.pk):
        raise ValidationError({"parent": f"{parent} is {category} itself or lies inside it. Choose another category."})
    values = _with_slug(row, fields)
    new_parent = values.get("parent", row.parent)
    if _decides_about_names(values):
        siblings = Category.objects.filter(parent=new_parent)
        refuse_similar_name(row, values.get("name", row.name), siblings, is_moved=new_parent != row.parent)
    return save_with_history(row, values, by=by, subject_type="category", at=at)


@transaction.atomic
def delete_category(category: Category, *, by: User) -> None:
    """Delete a category that holds neither events nor categories.

    Raises Forbidden where `by` may not curate the whole catalog, and UnmetConditionsError where it is not empty
    (`in_use`) or was deleted (`gone`).
    """
    require(by, Capability.CATALOG_CURATE, on=WHOLE_COMPANY)
    delete_with_history(lock_row(category), by=by, subject_type="category")


@transaction.atomic
def save_tag(tag: Tag | None = None, *, by: User, at: datetime | None = None, **fields: Unpack[TagFields]) -> Tag:
    """Create a tag (None), or change one, and return it. Where nothing differs, nothing is written.

    A new one without a slug gets that of its name. Raises Forbidden where `by` may not curate the whole catalog,
    ValidationError where the slug is taken, the name reads like another tag's, or a field does not hold what it should,
    and UnmetConditionsError (`gone`) where the tag was deleted.
    """
    require(by, Capability.CATALOG_CURATE, on=WHOLE_COMPANY)
    if _decides_about_names(fields):
        lock_curated_names()
    row = Tag() if tag is None else lock_row(tag)
    values = _with_slug(row, fields)
    if "name" in values:
        refuse_similar_name(row, values["name"], Tag.objects.all())
    return save_with_history(row, values, by=by, subject_type="tag", at=at)


@transaction.atomic
def delete_tag(tag: Tag, *, by: User) -> None:
    """Delete a tag, and remove it from every event; history keeps the ids of these.

    Raises Forbidden where `by` may not curate the whole catalog, and UnmetConditionsError (`gone`) where the tag was
    deleted.
    """
    require(by, Capability.CATALOG_CURATE, on=WHOLE_COMPANY)
    row = lock_row(tag)
    events = list(row.events.order_by("pk").values_list("pk", flat=True))
    delete_with_history(row, by=by, subject_type="tag", evidence={"events": events})


def ensure_category(text: str, *, by: User, owner_team: Team | None, at: datetime | None = None) -> Category | None:
    """Return the category that an imported event names, created where there is none; None for a text without letters.

    Raises Forbidden where a new one is needed and `by` may neither curate the catalog for the event's team nor take an
    import as its baseline.
    """
    name = text.strip()[:CATEGORY_NAME_LENGTH]
    return _ensure(Category, slug, name, by=by, owner_team=owner_team, at=at) if (slug := slug_of(text)) else None


def ensure_tags(texts: Sequence[str], *, by: User, owner_team: Team | None, at: datetime | None = None) -> list[Tag]:
    """Return the tags that an imported event names, each created where there is none. Raises as `ensure_category`."""
    names = {slug_of(text): text.strip()[:TAG_NAME_LENGTH] for text in texts}
    return [_ensure(Tag, slug, name, by=by, owner_team=owner_team, at=at) for slug, name in names.items() if slug]


@transaction.atomic
def _ensure(model: type[T], slug: str, name: str, *, by: User, owner_team: Team | None, at: datetime | None) -> T:
    # A row of this name may have been created with the slug that left out what is not ASCII, or was cut.
    found = model._default_manager.filter(Q(slug=slug) | Q(slug=slugify(name)[:SLUG_LENGTH], name=name)).first()
    if found is None:
        found = row_named_like(name, model._default_manager.all())
    if found is not None:
        return found
    require_any(by, IMPORT_CAPABILITIES, on=[owner_team or WHOLE_COMPANY])
    row, is_new = model._default_manager.get_or_create(slug=slug, defaults={"name": name})
    if is_new:
        subject_type = str(model._meta.verbose_name)
        record(by=by, subject_type=subject_type, subject_id=row.pk, action="created", message=row.name, at=at)
    return row


def _decides_about_names(fields: Mapping[str, Any]) -> bool:
    """Tell whether a change may bring two names together that read alike. Whoever decides that locks the names first:
    an import does so too, and then refers to rows.
    """
    return not fields.keys().isdisjoint(("name", "parent"))


def _with_slug(row: Category | Tag, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields with the name stripped and, for a new row that has none, the slug of its name."""
    values = dict(fields)
    if "name" in values:
        values["name"] = values["name"].strip()
    if row._state.adding and not values.get("slug"):
        values["slug"] = slug_of(values.get("name", ""))
    return values


def _lock_tree() -> None:
    """Wait until nobody else moves categories, and make others wait until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TREE_LOCK_ID])


def _is_within(category_id: int, other_id: int) -> bool:
    """Return whether a category is another one or lies inside it, at any depth, as the tree is now stored."""
    parents = dict(Category.objects.values_list("pk", "parent"))
    current: int | None = category_id
    # Each parent is taken once, so the walk ends even where a cycle is stored.
    while current is not None and current != other_id:
        current = parents.pop(current, None)
    return current == other_id
