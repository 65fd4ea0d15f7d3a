"""The options of `make run`, from environment variables."""

import errno
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from runtime.startup_errors import StartupError

DEMO_SETTINGS = "config.settings.demo"
LOOPBACK_BY_WILDCARD = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104  a table of what people may ask for


@dataclass(frozen=True, slots=True)
class Options:
    """Where the web server listens, and which parts are external servers."""

    host: str
    port: int
    settings: str
    database_url: str

    @property
    def is_demo(self) -> bool:
        """Whether this is the demo, which alone loads the demo company."""
        return self.settings == DEMO_SETTINGS

    @property
    def reachable_host(self) -> str:
        """The host under which this machine itself reaches the web server."""
        return LOOPBACK_BY_WILDCARD.get(self.host, self.host)

    @property
    def url(self) -> str:
        """The address that people open, without a slash at its end."""
        host = self.reachable_host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def options_from(environment: Mapping[str, str]) -> Options:
    """Read `HOST`, `PORT`, `DJANGO_SETTINGS_MODULE` and `DATABASE_URL`. Raises StartupError for a port that is none."""
    port = environment.get("PORT") or "8000"
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        raise StartupError(f"PORT is {port!r}, and a port is a number from 1 to 65535. For example: make run PORT=8001")
    return Options(
        host=environment.get("HOST") or "127.0.0.1",
        port=int(port),
        settings=environment.get("DJANGO_SETTINGS_MODULE") or DEMO_SETTINGS,
        database_url=environment.get("DATABASE_URL", ""),
    )


def require_free_port(host: str, port: int) -> None:
    """Raise StartupError where nobody can listen on this host and port now."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except PermissionError:
        raise StartupError(
            f"This user may not open port {port}. Choose one above 1023, for example: make run PORT=8000"
        ) from None
    except socket.gaierror:
        raise StartupError(
            f"HOST is {host!r}, which is no address of this machine. Usual are 127.0.0.1 and 0.0.0.0."
        ) from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise StartupError(
                f"Port {port} on {host} is in use by another program. Choose another, for example: "
                f"make run PORT={port + 1 if port < 65_535 else 8000}"
            ) from None
        raise StartupError(
            f"Nobody can listen on {host} port {port} here ({error.strerror}). Choose another HOST."
        ) from None
