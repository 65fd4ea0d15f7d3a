"""The people of a journey, each with a token, as programs that call the API of a live server."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from accounts.models import Team, User
from accounts.roles import Scope
from accounts.services import issue_token
from tests.factories.accounts import person


class ApiError(Exception):
    """The API said no: its status and its problem."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status}: {json.dumps(problem)}")
        self.status = status
        self.problem = problem


@dataclass(frozen=True, slots=True)
class ApiCaller:
    """Somebody with a token, calling a live server."""

    base: str
    token: str
    user: User

    def get(self, path: str) -> Any:
        return self._call("GET", path, None)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self._call("POST", path, body)

    def _call(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        request = Request(
            f"{self.base}/api/v1/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
            method=method,
        )
        try:
            with urlopen(request, timeout=20) as answer:  # our own server, on loopback
                return json.load(answer)
        except HTTPError as error:
            raise ApiError(error.code, json.loads(error.read() or b"{}")) from error


@dataclass(frozen=True, slots=True)
class JourneyMembers:
    """Everybody whom a request needs on its way."""

    pm: ApiCaller
    analyst: ApiCaller
    developer: ApiCaller
    qa: ApiCaller


def create_journey_members(base: str, team: Team) -> JourneyMembers:
    """Hire a product manager, an analyst, a developer of the team and QA."""

    def caller(role: str, **where: Any) -> ApiCaller:
        user = person(role, **where)
        _row, token = issue_token(user=user, name="journey", scopes=tuple(Scope), by=user)
        return ApiCaller(base, token, user)

    return JourneyMembers(caller("pm"), caller("analyst"), caller("developer", team=team), caller("qa"))
