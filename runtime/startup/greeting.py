"""Prints where Signalbook runs, where to begin, and who can sign in to the demo."""

import json
import secrets
from pathlib import Path

from runtime.files import write_private
from runtime.terminal import print_text

SIGN_IN_LINK_FILE = "start-link"
"""In the state folder: the word of the link that signs in once; written at each start, gone once it was used."""


def print_greeting(url: str, demo_file: Path | None) -> None:
    """Print the address and, where there is a demo, its tour and accounts.

    `demo_file` gets the address it is reached at now. The link to the tour signs in once: its word lies in a file
    next to it, which is used up by the first visit and is new with each start.
    """
    lines = ["", f"  Signalbook runs at {url}/", ""]
    if demo_file and demo_file.is_file():
        token = secrets.token_urlsafe(24)
        write_private(demo_file.with_name(SIGN_IN_LINK_FILE), f"{token}\n")
        lines += [
            "  Begin with the tour, five minutes (this link signs you in, once):",
            f"  {url}/start/in/{token}/",
            "",
        ]
        demo = json.loads(demo_file.read_text())
        if demo.get("url") != url:
            demo["url"] = url
            write_private(demo_file, json.dumps(demo, indent=2) + "\n")
        rows = [(role, who["username"], who["password"]) for role, who in demo["accounts"].items()]
        rows.insert(0, ("sign in as", "username", "password"))
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        lines += ["  " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in rows]
        lines += ["", f"  API tokens and write keys: {demo_file}"]
    lines += ["  Ctrl-C stops it; the data is kept.", ""]
    print_text("\n".join(lines))
