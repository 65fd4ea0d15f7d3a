"""Full text over the catalog: how names are split into words, and what weighs how much."""

import re
from functools import reduce
from operator import add

from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast, Lower

from catalog.contract import fold_name
from catalog.contract.name_symbols import plain_symbols
from catalog.migrations._split_name import SplitName

TEXT_SEARCH_CONFIG = "simple"
"""Names are not English, and a generated column must not depend on the server's default."""

MAX_WORDS = 12
"""A search looks at no more words than these."""

_CAMEL_CASE_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SEPARATORS = re.compile(r"[\s_./:,;|>()\-]+")
_WORD = re.compile(r"[^\W_]+")


def prefix_query(text: str) -> SearchQuery | None:
    """Return the query for rows that have every word of a text, each at least as the beginning of a word.

    The text is taken apart as names are. None where it has no letter and no digit to look for.
    """
    words = _WORD.findall(_CAMEL_CASE_BOUNDARY.sub(" ", text[:500]))[:MAX_WORDS]
    if not words:
        return None
    return SearchQuery(" & ".join(f"'{word}':*" for word in words), search_type="raw", config=TEXT_SEARCH_CONFIG)


def search_vector_field(name: str, *text_fields: str) -> models.GeneratedField:
    """Return a stored tsvector over a name (weight A, whole and split) and fields of words (weight C)."""
    vectors = [SearchVector(name, SplitName(name), config=TEXT_SEARCH_CONFIG, weight="A")]
    vectors += [SearchVector(field, config=TEXT_SEARCH_CONFIG, weight="C") for field in text_fields]
    vector = reduce(add, vectors)
    return models.GeneratedField(expression=vector, output_field=SearchVectorField(), db_persist=True)


class SquashedName(Func):
    """A name in small letters and without separators, for columns that do not store how a name folds."""

    function = "regexp_replace"
    output_field = models.TextField()

    def __init__(self, expression: str) -> None:
        super().__init__(Lower(expression), Value(_SEPARATORS.pattern), Value(""), Value("g"))


def squashed_text(text: str) -> str:
    """Return a text as `SquashedName` would hold it: `Order Comp` finds `order_completed` by it."""
    return _SEPARATORS.sub("", plain_symbols(fold_name(text))) if text.strip() else ""


EXACT_MATCH_RANK = 10_000_000
"""The rank of an event whose name, past or present, is the very text that was searched for."""


RANK_SCALE = 1_000_000


def _integer_rank(query: SearchQuery | None) -> Cast:
    """Return the rank as a whole number: cursor pages compare it, and fractions would not come back the same.

    Without a query, which is a text without words, it is one below that of a name that reads as the text.
    """
    if query is None:
        # Cast, since a bare number to order by is the place of a column.
        return Cast(Value(EXACT_MATCH_RANK - 2), models.IntegerField())
    return Cast(SearchRank(F("search"), query) * RANK_SCALE, models.IntegerField())


def _contains(field: str, text: str) -> Q:
    """Return the condition that a field holds the text somewhere; nothing holds a text of nothing."""
    part = text.replace("\0", "").strip()
    return Q(**{f"{field}__icontains": part}) if part else Q(pk__in=[])
