"""An option of the listening socket that the web server has no name for."""

import contextlib
import os
import socket
import sys


def limit_unsent_data(seconds: float) -> None:
    """Let the system end a connection whose client takes nothing of a response for so long (Linux).

    A response that is not read would keep its connection and its bytes for ever; no program that waits for it would
    notice. Connections inherit the option from the socket that they came to.
    """
    if sys.platform != "linux":
        return
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(int(name))) as found:
            if found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) and found.family != socket.AF_UNIX:
                found.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(seconds * 1000))
