"""What one check adds to profiles, packed into one row."""

from datetime import date

import lz4.frame
import msgspec

from tracking.profiling.event_profile import EventProfile


class ProfileKey(msgspec.Struct, frozen=True, array_like=True, order=True):
    """What a profile is of, within its source and environment: the app version is "" where there is none."""

    day: date
    event_id: int
    app_version: str


def pack_delta(profiles: dict[ProfileKey, EventProfile]) -> bytes:
    """Return the profiles as a row holds them."""
    return lz4.frame.compress(_encode(sorted(profiles.items(), key=lambda item: item[0])))


def unpack_delta(packed: bytes) -> list[tuple[ProfileKey, EventProfile]]:
    """Return the profiles of a row. Raises RuntimeError or one of msgspec's errors where it holds none."""
    return _decode(lz4.frame.decompress(packed))


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[tuple[ProfileKey, EventProfile]]).decode
