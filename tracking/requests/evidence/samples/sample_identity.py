"""The id of a stored event's person or device, and the pseudonym that its evidence is counted by."""

from catalog.contract.usable_ids import id_text
from tracking.traffic.models import Sample
from tracking.traffic.privacy.pseudonyms import PERSON_ID_FIELDS, first_person_hash, person_hash, pseudonym

PSEUDONYM_PREFIX = pseudonym("")[:3]


def person_id_of(sample: Sample) -> str:
    """Return the id in a stored event: the user's, else the device's; "" without one."""
    return next((text[:100] for name in PERSON_ID_FIELDS if (text := id_text(sample.event.get(name)))), "")


def person_hash_of(sample: Sample) -> int | None:
    """Return the pseudonym of a stored event's id; also where masking left only that; None without an id."""
    return first_person_hash(lambda name: _person_hash_of_field(sample, name))


def device_hash_of_user(sample: Sample) -> int | None:
    """Return the pseudonym of the device in a stored event that names its user too, else None."""
    user, device = PERSON_ID_FIELDS
    return _person_hash_of_field(sample, device) if _person_hash_of_field(sample, user) is not None else None


def _person_hash_of_field(sample: Sample, name: str) -> int | None:
    value = sample.event.get(name)
    if f"/{name}" not in sample.masked:
        return person_hash(value)
    # Of a value that is no id, such as a blank text, masking leaves no pseudonym.
    is_pseudonym = isinstance(value, str) and value.startswith(PSEUDONYM_PREFIX)
    return signed_from_hex(value[len(PSEUDONYM_PREFIX) :]) if is_pseudonym else None


def signed_from_hex(digits: str) -> int | None:
    """Return 16 hexadecimal digits as the signed number that columns hold, or None where they are none."""
    try:
        number = int(digits[:16], 16)
    except ValueError:
        return None
    return number - 2**64 if number >= 2**63 else number
