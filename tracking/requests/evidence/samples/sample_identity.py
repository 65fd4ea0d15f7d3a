"""The id of a stored event's person or device, and the pseudonym that its evidence is counted by."""

from tracking.traffic.models import Sample
from tracking.traffic.privacy.pseudonyms import person_hash, pseudonym

ID_FIELDS = ("user_id", "anonymous_id")


def person_id_of(sample: Sample) -> str:
    """Return the id in a stored event: the user's, else the device's; "" without one."""
    for name in ID_FIELDS:
        if value := sample.event.get(name):
            return str(value)[:100]
    return ""


def person_hash_of(sample: Sample) -> int | None:
    """Return the pseudonym of a stored event's id; also where masking left only that; None without an id."""
    return next((hashed for name in ID_FIELDS if (hashed := _person_hash_of_field(sample, name)) is not None), None)


def _person_hash_of_field(sample: Sample, name: str) -> int | None:
    value = sample.event.get(name)
    if f"/{name}" in sample.masked and isinstance(value, str) and value.startswith(pseudonym("")[:3]):
        return signed_from_hex(value[3:])
    return person_hash(value)


def signed_from_hex(digits: str) -> int | None:
    """Return 16 hexadecimal digits as the signed number that columns hold, or None where they are none."""
    try:
        number = int(digits[:16], 16)
    except ValueError:
        return None
    return number - 2**64 if number >= 2**63 else number
