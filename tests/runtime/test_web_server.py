"""The options of the web server, from environment variables."""

from __future__ import annotations

import resource

import pytest

from runtime.startup_errors import StartupError
from runtime.web_server import FILES_BESIDE_CONNECTIONS, allow_files, web_server_options


def test_what_is_not_set_has_a_default() -> None:
    options = web_server_options({})
    assert (options.host, options.port, options.processes) == ("127.0.0.1", 8000, 2)
    assert options.connections == 10_000


def test_what_is_set_counts() -> None:
    options = web_server_options({"HOST": "0.0.0.0", "PORT": "80", "WEB_PROCESSES": "3", "HEADER_SECONDS": "5"})
    assert (options.host, options.port, options.processes, options.header_seconds) == ("0.0.0.0", 80, 3, 5)


@pytest.mark.parametrize("name", ["PORT", "WEB_PROCESSES", "WEB_CONNECTIONS", "HEADER_SECONDS"])
@pytest.mark.parametrize("text", ["0", "-1", "many", "99999999", "٣"])
def test_what_is_no_such_number_is_one_sentence(name: str, text: str) -> None:
    with pytest.raises(StartupError, match=f"{name} is '{text}'"):
        web_server_options({name: text})


def test_no_more_connections_than_files_are_allowed() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        connections = allow_files(10**9)
        assert connections == hard - FILES_BESIDE_CONNECTIONS
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == hard
        assert allow_files(100) == 100
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
