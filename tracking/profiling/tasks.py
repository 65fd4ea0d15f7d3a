"""Tasks of this app. A message carries no data: every task finds its work in the database."""

from celery import shared_task

from tracking.profiling import profile_folding


@shared_task(name="profiling.fold", expires=30)
def fold_profiles() -> int:
    """Fold what checks added to profiles. Returns how many deltas were folded."""
    total = 0
    while folded := profile_folding.fold_profile_deltas():
        total += folded
    return total


@shared_task(name="profiling.expire", expires=3_600)
def expire_profiles() -> int:
    """Delete profiles of days that are past their time. Returns how many rows those were."""
    return profile_folding.delete_expired_profiles()
