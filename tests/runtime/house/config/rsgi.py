"""The small project's web server."""

import asyncio
import io
import os
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.demo")

pages = get_wsgi_application()


def page(method: str, path: str, host: str) -> tuple[int, bytes]:
    statuses: list[int] = []
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "HTTP_HOST": host,
        "SERVER_NAME": "house",
        "SERVER_PORT": "80",
        "wsgi.input": io.BytesIO(),
        "wsgi.url_scheme": "http",
    }
    body = b"".join(pages(environ, lambda status, headers: statuses.append(int(status[:3]))))
    return statuses[0], body


class Application:
    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        status, body = await asyncio.to_thread(page, scope.method, scope.path, scope.headers.get("host", ""))
        protocol.response_bytes(status, [], body)


application = Application()
