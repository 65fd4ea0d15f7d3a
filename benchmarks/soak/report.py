"""What a part of the soak and all parts together came to, as tables."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.soak.progress import WHOLE_INPUTS, WHOLE_KILLS, PartFigures, Progress


def part_table(part: PartFigures) -> str:
    """Return what one part came to, as the table of benchmarks/README.md; of one that fuzzed alone, only that."""
    lines = [
        f"Part {part.number}, seed {part.seed}, commit {part.commit}, {part.seconds / 60:.1f} minutes",
        f"{part.machine}, load {part.load:.1f} at its beginning",
        "",
        "| | |",
        "|---|---|",
        *(_installation_rows(part) if part.memory else ()),
        _row("hostile inputs in process", f"{part.inputs_in_process:,}"),
        _row("**escapes**", f"**{part.escape_count}**{f': {_counts(part.escapes)}' if part.escapes else ''}"),
    ]
    return "\n".join(lines)


def _installation_rows(part: PartFigures) -> list[str]:
    returns = {name: f"{seconds:.1f} s" for name, seconds in part.slowest_return.items()}
    answers = {name: f"{seconds * 1000:,.0f} ms" for name, seconds in part.slowest.items()}
    memory = {name: f"{held >> 20} MB" for name, held in part.memory.items()}
    return [
        _row("well-known events acknowledged", f"{part.acknowledged:,}, {part.repeats:,} repeats beside them"),
        *(
            _row(name, f"{count:,}" if part.is_counted else "not counted")
            for name, count in (("lost", part.lost), ("doubled", part.doubled), ("quarantined", part.quarantined))
        ),
        _row("kills", f"{sum(part.kills.values())}: {_counts(part.kills)}"),
        _row("faults", f"{sum(part.faults.values())}: {_counts(part.faults)}"),
        _row("answers 503 with Retry-After", _counts(part.told_to_wait)),
        _row("slow sockets", f"{part.slow_sockets:,}"),
        _row("restarts", _counts(part.restarts)),
        _row("slowest return after a kill or fault", _counts(returns)),
        _row("slowest answer", _counts(answers)),
        _row("most memory of one process", _counts(memory)),
        _row("hostile inputs over HTTP", f"{part.inputs_over_http:,}"),
    ]


def progress_line(progress: Progress) -> str:
    """Return how much of the whole all parts have reached."""
    reached = (
        f"{progress.kills} of {WHOLE_KILLS} kills, {progress.inputs:,} of {WHOLE_INPUTS:,} hostile inputs, "
        f"{progress.escapes} escapes in {len(progress.parts)} parts"
    )
    return f"The whole is reached: {reached}." if progress.is_whole else f"{reached}. Run it again for more."


def _row(name: str, value: str) -> str:
    return f"| {name} | {value} |"


def _counts(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(values.items())) or "none"
