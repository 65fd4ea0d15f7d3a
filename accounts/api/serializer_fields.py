"""Serializer fields that several apps share."""

from typing import Any, TypeVar

from django.db.models import Model
from django.utils.encoding import smart_str
from rest_framework import serializers

Row = TypeVar("Row", bound=Model)


class NulSafeSlugRelatedField(serializers.SlugRelatedField[Row]):
    """A row that the caller names by its slug, or by another text that is its own.

    PostgreSQL cannot store NUL, so no row has one in its name: it gets the same response as any other unknown name,
    before a query, which would raise an error.
    """

    def to_internal_value(self, data: Any) -> Row:
        """The row. Raises ValidationError where there is none of this name."""
        if isinstance(data, str) and "\0" in data:
            self.fail("does_not_exist", slug_name=self.slug_field, value=smart_str(data))
        return super().to_internal_value(data)
