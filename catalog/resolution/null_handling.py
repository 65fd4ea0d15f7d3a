"""What a null means for an optional property of a source: as the source says, else as the company does."""

import time
from dataclasses import dataclass

from catalog.contract import NullHandling
from catalog.models import CompanyPolicy, Source

CACHE_SECONDS = 30
"""How long a process may follow a policy of the company that was changed meanwhile."""


@dataclass(slots=True)
class CompanyNullHandlingCache:
    """The company's choice, as this process last read it. A race of two threads costs one query."""

    entry: tuple[float, NullHandling] | None = None

    def get(self) -> NullHandling:
        now = time.monotonic()
        if self.entry is None or self.entry[0] <= now:
            self.entry = (now + CACHE_SECONDS, NullHandling(CompanyPolicy.objects.current().null_handling))
        return self.entry[1]

    def clear(self) -> None:
        self.entry = None


company_null_handling_cache = CompanyNullHandlingCache()


def null_handling_of(source: Source) -> NullHandling:
    """Return what a null means for an optional property that a source sends. At most one query."""
    return NullHandling(source.null_handling) if source.null_handling else company_null_handling_cache.get()
