"""How a backup says which SECRET_KEY it belongs to, without holding it.

Ids of people, devices and events are kept as hashes keyed with SECRET_KEY (`tracking.traffic.privacy.pseudonyms`), so
rows restored beside another key know nobody again.
"""

import hashlib
import hmac

PURPOSE = b"signalbook backup key fingerprint"


def key_fingerprint(secret: str, backup_id: str) -> str:
    """Return an HMAC-SHA256 (RFC 2104) of the backup's id with the key, as 64 hexadecimal digits.

    It differs from backup to backup, so that two files do not tell that they share a key.
    """
    return hmac.new(secret.encode(), PURPOSE + backup_id.encode(), hashlib.sha256).hexdigest()


def has_fingerprint(secret: str, backup_id: str, fingerprint: str) -> bool:
    """Tell whether the backup with this fingerprint was made beside this key."""
    return hmac.compare_digest(key_fingerprint(secret, backup_id), fingerprint)
