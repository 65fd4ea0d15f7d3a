"""Events of a file tried against the catalog by a command, without being stored."""

from __future__ import annotations

import gzip
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command, execute_from_command_line

from catalog.models import Event, Source
from tests.factories.catalog import definition, publish_next_version
from tests.factories.traffic import track_call

pytestmark = pytest.mark.django_db


class TestCommand:
    """`manage.py check_events`"""

    def run(self, tmp_path: Path, *lines: Any, **options: Any) -> tuple[int, str]:
        """Its exit code and what it printed."""
        path = tmp_path / "events.ndjson"
        path.write_bytes(b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines))
        out = StringIO()
        try:
            call_command("check_events", str(path), **{"source": "web-shop", **options}, stdout=out)
        except SystemExit as end:
            return int(end.code or 0), out.getvalue()
        return 0, out.getvalue()

    def test_a_recorded_event_is_not_too_old(self, tmp_path: Path, order: Event) -> None:
        recorded = track_call(timestamp="2024-03-01T10:00:00Z")
        for lines in ([recorded], [{"batch": [recorded, recorded]}]):
            code, said = self.run(tmp_path, *lines, strict=True)
            assert (code, "clock" in said) == (0, False), said

    def test_all_conforming_is_zero(self, tmp_path: Path, order: Event) -> None:
        code, said = self.run(tmp_path, track_call(), b"", track_call())
        assert code == 0
        assert "2 events" in said
        assert "2  conforming" in said

    @pytest.mark.parametrize("lines", [(), (b"",), (b"  ", b""), ({"batch": []},), ({"batch": []}, b"")])
    def test_no_event_at_all_is_no_success(self, tmp_path: Path, order: Event, lines: tuple[Any, ...]) -> None:
        with pytest.raises(CommandError, match="No event was checked"):
            self.run(tmp_path, *lines)

    def test_an_empty_batch_among_others_is_left_out(self, tmp_path: Path, order: Event) -> None:
        code, said = self.run(tmp_path, {"batch": []}, track_call())
        assert (code, "1 events" in said) == (0, True)

    def test_anything_else_is_one_and_says_where(self, tmp_path: Path, order: Event) -> None:
        code, said = self.run(
            tmp_path,
            track_call(),
            track_call(properties={"total": "x"}),
            track_call(properties={"total": "y"}),
            b"{rubbish",
            track_call("\x1b[2J"),
        )
        assert code == 1
        assert "error: Order Completed: /properties/total: type (line 2, 2 in all)" in said
        assert "1  unreadable" in said
        assert "1  undocumented" in said
        assert "\x1b" not in said

    def test_a_missing_file_or_source_is_said_in_a_sentence(self, tmp_path: Path, shop: Source) -> None:
        with pytest.raises(CommandError, match=r"no source 'nobody'\. Sources are: web-shop"):
            self.run(tmp_path, track_call(), source="nobody")
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("check_events", str(tmp_path / "missing"), source="web-shop")

    def test_strict_lets_warnings_fail_and_unknown_keys_are_named(self, tmp_path: Path, order: Event) -> None:
        lines = [track_call(properties={"total": 1, "coupn": "x"}), track_call(properties={"total": 1, "zip": "y"})]
        code, said = self.run(tmp_path, *lines)
        assert code == 0
        assert "2 events, 0 failed" in said
        assert "warning: Order Completed: /properties/coupn: unknown_property (line 1, 1 in all)" in said
        assert "warning: Order Completed: /properties/zip: unknown_property (line 2, 1 in all)" in said
        assert "Did you mean “coupon”?" in said
        code, said = self.run(tmp_path, *lines, strict=True)
        assert code == 1
        assert "2 events, 2 failed" in said

    def test_a_version_can_be_named(self, tmp_path: Path, shop: Source, order: Event) -> None:
        loose = definition(schema={"type": "object", "properties": {"total": {}}})
        number = str(publish_next_version(order, loose, sources=[shop]).number)
        event = track_call(properties={"total": "x"})
        for version, code in (("", 1), ("1.0.0", 1), (number, 0), ("approved", 0), ("newest", 0)):
            assert self.run(tmp_path, event, version=version)[0] == code
        with pytest.raises(CommandError, match=r"There is no version 9\.9\.9: Order Completed has"):
            self.run(tmp_path, event, version="9.9.9")
        with pytest.raises(CommandError, match="is no version"):
            self.run(tmp_path, event, version="latest")
        path = tmp_path / "events.ndjson"
        with pytest.raises(SystemExit):
            execute_from_command_line(
                ["manage.py", "check_events", str(path), "--source", "web-shop", "--version", "1.0.0"]
            )

    def test_lines_may_be_batches_and_a_file_may_be_one_body_packed_or_not(self, tmp_path: Path, order: Event) -> None:
        batch = {"batch": [track_call(), track_call(properties={"total": "x"})], "sentAt": "2026-11-24T10:00:01Z"}
        code, said = self.run(tmp_path, track_call(), batch, track_call())
        assert code == 1
        assert "4 events, 1 failed" in said
        assert "type (line 2, 1 in all)" in said
        for whole in (json.dumps(batch, indent=1), json.dumps(batch["batch"], indent=1)):
            for body in (whole.encode(), gzip.compress(whole.encode()), b"\xef\xbb\xbf" + whole.encode()):
                path = tmp_path / "body.json"
                path.write_bytes(body)
                out = StringIO()
                with pytest.raises(SystemExit):
                    call_command("check_events", str(path), source="web-shop", stdout=out)
                assert "2 events, 1 failed" in out.getvalue()
        path.write_bytes(gzip.compress(whole.encode())[:-9])
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("check_events", str(path), source="web-shop")
