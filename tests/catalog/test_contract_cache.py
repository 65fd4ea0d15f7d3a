"""Contracts are compiled once a process, for the fast path too."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.resolution.contract_cache import get_contract, get_fast_contract
from tests.factories.catalog import EventFactory, SourceFactory, definition

pytestmark = pytest.mark.django_db


def test_a_version_has_one_contract_and_one_for_the_fast_path() -> None:
    shop = SourceFactory.create(slug="shop")
    version = EventFactory.create(sources=[shop]).versions.get()
    fast = get_fast_contract(version.pk, shop)
    assert fast is not None and get_fast_contract(version.pk, shop) is fast
    assert get_contract(version.pk, shop) is get_contract(version.pk, shop)
    assert fast.decode_properties(b'{"total": 1}') == {"total": 1}


def test_a_source_that_requires_more_has_a_fast_contract_of_its_own() -> None:
    shop = SourceFactory.create(slug="shop")
    document = definition(per_source={shop.slug: {"required": ["coupon"]}})
    version = EventFactory.create(definition=document, sources=[shop]).versions.get()
    fast = get_fast_contract(version.pk, shop)
    assert fast is not None
    with pytest.raises(ValueError, match="coupon"):
        fast.decode_properties(b'{"total": 1}')


def test_a_version_that_no_type_can_say_is_not_fast() -> None:
    shop = SourceFactory.create(slug="shop")
    schema: dict[str, Any] = {"type": "object", "properties": {"a": {"not": {"const": 1}}}}
    version = EventFactory.create(definition=definition(schema=schema), sources=[shop]).versions.get()
    assert get_fast_contract(version.pk, shop) is None
