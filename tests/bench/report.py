"""Print the bench's tables."""

from statistics import median

from tests.bench.rounds import Comparison
from tests.support.calls import Calls

Times = dict[str, list[float]]
WIDTH = 62


def print_times(times: Times, records: int) -> None:
    """Print every task's times; each handles `records` records."""
    print(f"\n{'':{WIDTH}}{'median':>10}{'best':>10}{'records/s':>12}")
    for name, taken in times.items():
        usual = median(taken)
        print(f"{name:{WIDTH}}{usual * 1000:7.0f} ms{min(taken) * 1000:7.0f} ms{records / usual:12,.0f}")


def print_ratios(comparisons: list[Comparison], times: Times) -> bool:
    """Print how tasks compare with bare calls; answers whether all targets are met."""
    met = True
    print(f"\n{'times as long as the bare calls':{WIDTH}}{'ratio':>10}{'target':>10}")
    for one in comparisons:
        ratio = _ratio(times[one.task], times[one.floor])
        missed = one.target is not None and ratio > one.target
        met = met and not missed
        target = f"<= {one.target}" if one.target else ""
        print(f"{one.task:{WIDTH}}{ratio:10.2f}{target:>10}{'   MISSED' if missed else ''}")
        print(f"    to {one.floor}")
    return met


def _ratio(own: list[float], floor: list[float]) -> float:
    """Compare within each round, so that a round slowed by the machine counts no more than any other."""
    return median(mine / least for mine, least in zip(own, floor, strict=True))


def print_costs(costs: list[tuple[str, int, Calls]]) -> None:
    """Print calls and units of each (name, records, calls)."""
    print(f"\n{'':{WIDTH}}{'calls':>7}{'write units':>13}{'read units':>12}{'per record':>20}")
    for name, records, calls in costs:
        each = f"{calls.write_units / records:.2f} w {calls.read_units / records:.2f} r"
        print(f"{name:{WIDTH}}{calls.total:7}{calls.write_units:13.0f}{calls.read_units:12.1f}{each:>20}")
