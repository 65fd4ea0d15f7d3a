"""The lines of the ladder's two tables."""

from benchmarks.pipeline.run import Figures

SENT_SHARE = 0.99
MAX_WAITED_SECONDS = 2.0
"""An aim is reached where so large a share of its rate was sent, and nothing waited so long after the last answer."""

_CONSUMERS = ("generator", "collector", "workers", "PostgreSQL")
_COSTS = " | ".join(f"{name} µs" for name in _CONSUMERS)

PROBE_HEAD = (
    f"As fast as it goes, for a moment. A µs is one of processor time an event:\n\n"
    f"| | events a second | accepted meanwhile | {_COSTS} | WAL bytes |\n|---|---:|---:|---:|---:|---:|---:|---:|"
)
MINUTE_HEAD = (
    "At a rate that it keeps, with 5 % broken, 5 % sent twice, and one worker ended with -9; every count exact:\n\n"
    "| | aim | sent a second | counted a second | nothing waited after | folded after | answer p50 ms | p99 ms "
    f"| {_COSTS} | processors busy | sent again |\n|---|" + "---:|" * 13
)


def probe_line(name: str, figures: Figures) -> str:
    """Return the line of a step as fast as it goes."""
    accepted = figures.events / figures.sent_seconds
    wal = f"{figures.wal_bytes / figures.events:,.0f}"
    return f"| {name} | {figures.rate:,.0f} | {accepted:,.0f} | {_costs(figures)} | {wal} |"


def minute_line(name: str, aim: int | None, offered: float, figures: Figures) -> str:
    """Return the line of a step at a rate that was offered. `aim` is what the step is to reach."""
    sent_rate = figures.events / figures.sent_seconds
    aim_text = "" if aim is None else f"{aim:,}{'' if is_reached(aim, figures) else ' (not reached)'}"
    return (
        f"| {name} | {aim_text} | {sent_rate:,.0f} of {offered:,.0f} | {figures.rate:,.0f} "
        f"| {figures.checked_seconds or 0:.1f} s | {figures.folded_seconds or 0:.1f} s "
        f"| {figures.sent.latencies.get('50', 0):,.1f} | {figures.sent.latencies.get('99', 0):,.1f} "
        f"| {_costs(figures)} | {figures.processors:.2f} | {figures.sent.retries} |"
    )


def is_reached(aim: int, figures: Figures) -> bool:
    """Tell whether so many events a second were sent, and checked in the time: hardly anything waited at the end."""
    waited = (figures.checked_seconds or figures.sent_seconds) - figures.sent_seconds
    return figures.events / figures.sent_seconds >= aim * SENT_SHARE and waited <= MAX_WAITED_SECONDS


def _costs(figures: Figures) -> str:
    return " | ".join(
        f"{figures.microseconds[name]:.1f}" if name in figures.microseconds else "" for name in _CONSUMERS
    )
