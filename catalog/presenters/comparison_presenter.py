"""Two versions of an event as their page compares them. Each property is worked out when its part asks for it."""

from dataclasses import dataclass
from functools import cached_property

from catalog.contract import Comparison, Difference, compare, diff
from catalog.models import Event, Version


@dataclass
class ComparisonPresenter:
    """A version of an event beside an older one."""

    event: Event
    before: Version
    after: Version

    @cached_property
    def differences(self) -> list[Difference]:
        """What one says and the other does not."""
        return list(diff(self.before.definition, self.after.definition))

    @cached_property
    def comparison(self) -> Comparison:
        """Whether what conformed to the older one still conforms."""
        return compare(self.before.definition, self.after.definition)
