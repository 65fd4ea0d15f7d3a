"""The audit log: written by `record_audit` only, bounded for each minute, and kept for `AUDIT_RETENTION`."""

from accounts.audit.audit_expiry import expire_audit_entries
from accounts.audit.audit_writer import record_audit
from accounts.audit.known_token_networks import token_networks
from accounts.audit.refusals import record_refusal
from accounts.audit.request_origin import NOWHERE, RequestOrigin, origin_of

__all__ = [
    "NOWHERE",
    "RequestOrigin",
    "expire_audit_entries",
    "origin_of",
    "record_audit",
    "record_refusal",
    "token_networks",
]
