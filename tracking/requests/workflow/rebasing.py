"""Rebasing: a draft carried onto the newest approved version of its event."""

from accounts.preconditions import UnmetCondition, UnmetConditionsError
from catalog.contract.json.three_way_merge import MergeConflict, three_way_merge
from tracking.requests.models import Change
from tracking.requests.workflow.draft_assessment import assess_draft


def rebase_onto_newest(change: Change, *, limit_sources: bool = False) -> bool:
    """Put a change onto its event's newest approved version; return whether anything had to be done.

    With `limit_sources` it loses the sources that the newest version is not for. The caller has locked the request's
    row. Raises UnmetConditionsError (`rebase`) where the two cannot be merged.
    """
    newest = change.event.newest_version if change.event is not None else None
    if newest is None or newest.pk == change.base_id:
        return False
    if change.is_defining:
        base = change.base.definition if change.base is not None else {}
        try:
            change.definition = three_way_merge(base, change.definition, newest.definition)
        except MergeConflict as error:
            raise UnmetConditionsError(
                [UnmetCondition("rebase", f"{change.name}: {error} Decide which holds.")]
            ) from error
    change.base = newest
    change.save(update_fields=["definition", "base"])
    if limit_sources:
        change.sources.set(change.sources.filter(versions__version=newest))
    assess_draft(change)
    return True
