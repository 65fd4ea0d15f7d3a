"""Who gets into the API at all; what they may do there is asked of `accounts.permissions` by each service."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts.permissions import WHOLE_COMPANY, Decision, Forbidden, require
from accounts.roles import Capability

CHANGE_IT_FIRST = "Somebody else chose your password. Change it first, at /accounts/password/change/."


class IsSignedIn(BasePermission):
    """Active people and their tokens. Reading needs the token's scope `read`; writing is checked by the service."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """False answers 401 with a challenge.

        Raises Forbidden (403) where a token lacks the scope, or a person has not changed a first password.
        """
        if not request.user.is_authenticated or not request.user.is_active:
            return False
        if request.user.must_change_password and request.user.token is None:
            raise Forbidden(Decision(False, CHANGE_IT_FIRST))
        if request.method in SAFE_METHODS:
            require(request.user, Capability.CATALOG_VIEW, on=WHOLE_COMPANY)
        return True
