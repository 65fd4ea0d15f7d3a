"""What the company decides about every source."""

from datetime import datetime
from functools import partial

from django.db import transaction

from accounts.models import User
from accounts.permissions import WHOLE_COMPANY, require
from accounts.roles import Capability
from accounts.services.saved_rows import save_with_history
from catalog.choices import NullHandlingChoice
from catalog.models import CompanyPolicy
from catalog.resolution.null_handling import company_null_handling_cache


@transaction.atomic
def save_company_policy(
    *, null_handling: NullHandlingChoice | str, by: User, at: datetime | None = None
) -> CompanyPolicy:
    """Set the company's policy, and return it. Where nothing differs, nothing is written.

    Every process follows it within a minute. Raises Forbidden unless `by` may set what holds for the whole company,
    and ValidationError where a field does not hold what it should.
    """
    require(by, Capability.POLICY_SET, on=WHOLE_COMPANY)
    CompanyPolicy.objects.get_or_create(pk=CompanyPolicy.ONLY_ID)
    row = CompanyPolicy.objects.select_for_update().get()
    saved = save_with_history(row, {"null_handling": null_handling}, by=by, subject_type="company_policy", at=at)
    company_null_handling_cache.clear()
    transaction.on_commit(partial(company_null_handling_cache.clear))
    return saved
