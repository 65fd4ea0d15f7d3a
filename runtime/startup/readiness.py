"""Asks the web server whether Signalbook is ready."""

import http.client
from dataclasses import dataclass

PATH = "/readyz"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the web server said: its status (0 where it does not answer) and the start of its text."""

    status: int
    text: str


def ask(host: str, port: int, *, name: str) -> Answer:
    """Ask `/readyz` of the server at `host` and `port`, calling it `name`. Never raises for a server that is not up."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", PATH, headers={"Host": name})
        answer = connection.getresponse()
        return Answer(answer.status, answer.read(400).decode(errors="replace"))
    except (OSError, http.client.HTTPException) as error:
        return Answer(0, str(error))
    finally:
        connection.close()
