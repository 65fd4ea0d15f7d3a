"""Compiled contracts, cached for the life of the process, since versions never change."""

from functools import lru_cache

from catalog.contract import Contract, NullHandling, compile_contract
from catalog.contract.fast_path.fast_contract import FastContract
from catalog.contract.fast_path.not_fast import NotFast
from catalog.models import Source, Version
from catalog.resolution.null_handling import null_handling_of


@lru_cache(maxsize=4096)
def _compile_cached(version_id: int, source_slug: str, nulls: NullHandling) -> Contract:
    definition = Version.objects.values_list("definition", flat=True).get(pk=version_id)
    return compile_contract(definition, source=source_slug, nulls=nulls)


@lru_cache(maxsize=4096)
def _fast_cached(contract: Contract) -> FastContract | None:
    try:
        return FastContract(contract)
    except NotFast:
        return None


def get_contract(version_id: int, source: Source) -> Contract:
    """Return the contract of a version on a source, compiled once a process for each way to read nulls.

    Raises Version.DoesNotExist where there is no such version, and
    `catalog.contract.InvalidDefinition` where it does not compile (which saving refuses).
    """
    return _compile_cached(version_id, source.slug, null_handling_of(source))


def get_fast_contract(version_id: int, source: Source) -> FastContract | None:
    """Return the contract of a version on a source as the fast path asks it; None where it is not fast.

    Kept and raising as `get_contract`.
    """
    return _fast_cached(get_contract(version_id, source))
