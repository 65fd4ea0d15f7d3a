"""The load generator: posts bodies to a collector from a process of its own, which knows no Django."""

import base64
import http.client
import multiprocessing
import threading
import time
from dataclasses import dataclass

CONNECTIONS = 4
DEADLINE = 600.0


@dataclass(frozen=True, slots=True)
class Sent:
    """What the load generator did: how long it took, and how many answers were not 200."""

    seconds: float
    refused: int


def send(port: int, key: str, bodies: tuple[bytes, ...]) -> Sent:
    """Post the bodies from a process of its own, and return when the last of them is answered."""
    context = multiprocessing.get_context("spawn")
    answers: multiprocessing.Queue[Sent] = context.Queue()
    generator = context.Process(target=_generate, args=(port, key, bodies, answers))
    generator.start()
    sent = answers.get(timeout=DEADLINE)
    generator.join()
    return sent


def _generate(port: int, key: str, bodies: tuple[bytes, ...], answers: "multiprocessing.Queue[Sent]") -> None:
    answers.put(_post_all(port, key, bodies))


def _post_all(port: int, key: str, bodies: tuple[bytes, ...]) -> Sent:
    """Post over a few connections that stay open."""
    headers = {
        "Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode(),
        "Content-Type": "application/json",
    }
    refused: list[int] = []

    def post(mine: tuple[bytes, ...]) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for body in mine:
            line.request("POST", "/v1/batch", body, headers)
            answer = line.getresponse()
            answer.read()
            if answer.status != 200:
                refused.append(answer.status)
        line.close()

    threads = [threading.Thread(target=post, args=(bodies[place::CONNECTIONS],)) for place in range(CONNECTIONS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Sent(time.perf_counter() - started, len(refused))
