"""What the company decided about every source, where a source does not say otherwise."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from catalog.choices import NullHandlingChoice


class CompanyPolicyManager(models.Manager["CompanyPolicy"]):
    """The one row, which a migration makes."""

    def current(self) -> "CompanyPolicy":
        """Return the policy; not saved, with its defaults, where the table was emptied."""
        return self.first() or CompanyPolicy()


class CompanyPolicy(models.Model):
    """Settings of the whole company, in one row."""

    ONLY_ID: ClassVar = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY_ID, editable=False)
    null_handling = models.CharField(
        "nulls of optional properties",
        max_length=16,
        choices=NullHandlingChoice,
        default=NullHandlingChoice.ERROR,
        help_text="What a null means for an optional property that does not allow it. A source may say otherwise.",
    )

    objects = CompanyPolicyManager()

    class Meta:
        verbose_name = "company policy"
        verbose_name_plural = "company policy"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="company_policy_is_one_row")]

    def __str__(self) -> str:
        return "Company policy"
