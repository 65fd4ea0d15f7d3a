"""Dropping one delivery; a version that nobody will deliver any more is withdrawn."""

from accounts.models import User
from catalog.services.bindings import set_open
from tracking.requests.guards import Context
from tracking.requests.lineage import descendants
from tracking.requests.services.effects.closing import take_back_version, unbind
from tracking.requests.services.effects.superseding import hold_superseded, reopen


def drop(context: Context) -> dict[str, object]:
    """End what the delivery bound, and let what it superseded go on.

    Its version is withdrawn where no other delivery and no version builds on it.
    """
    delivery = context.moved
    older = hold_superseded([delivery])
    unbind(delivery, by=context.by, at=context.at)
    return _let_go(context) | reopen(context, older)


def _let_go(context: Context) -> dict[str, object]:
    delivery, change = context.moved, context.moved.change
    if change.version is None:
        return {}
    set_open(change.version, delivery.source, is_open=False)
    others = change.deliveries.counted().exclude(pk=delivery.pk)
    if others.exists() or descendants([change.version.pk]):
        return {}
    number = str(change.version.number)
    take_back_version(change, by=User.objects.system(), at=context.at, message=context.comment)
    return {"withdrawn": [f"{change.name} {number}"]}
