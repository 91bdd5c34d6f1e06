"""How much is measured: all of it, a quick sample, or just enough to see that it runs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """Amounts of one run.

    items            in the two databases that differ in the length of their history
    few, many        movements in these
    more_items       in the third, with more_movements
    rounds           how often each thing is measured, in turn
    calls            requests or postings in a round
    seconds          a round of requests by several clients takes
    page             number of the late page
    import_rows      of the short file; the long one has ten times as many
    """

    items: int
    few: int
    many: int
    more_items: int
    more_movements: int
    rounds: int
    calls: int
    seconds: float
    page: int
    import_rows: int


FULL = Size(10_000, 100_000, 1_000_000, 100_000, 300_000, 5, 40, 1.0, 1_000, 10_000)
QUICK = Size(2_000, 10_000, 100_000, 20_000, 60_000, 5, 20, 0.4, 300, 1_000)
SMOKE = Size(120, 600, 1_200, 300, 900, 2, 2, 0.1, 3, 20)
