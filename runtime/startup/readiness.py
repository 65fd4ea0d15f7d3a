"""Asks the web server whether Signalbook is ready."""

import http.client
from dataclasses import dataclass

READINESS_PATH = "/readyz"


@dataclass(frozen=True, slots=True)
class ReadinessResponse:
    """What the web server said: its status (0 where it does not answer) and the start of its text."""

    status: int
    text: str


def probe(host: str, port: int, *, name: str) -> ReadinessResponse:
    """Ask `/readyz` of the server at `host` and `port`, calling it `name`. Never raises for a server that is not up."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", READINESS_PATH, headers={"Host": name})
        answer = connection.getresponse()
        return ReadinessResponse(answer.status, answer.read(400).decode(errors="replace"))
    except (OSError, http.client.HTTPException) as error:
        return ReadinessResponse(0, str(error))
    finally:
        connection.close()
