"""Whose a deficit is: the issues that went short of a pool, the oldest first.

All that a pool ever went short lies on a line, issue after issue; receipts pay it from the
front. So a payment belongs to the issues it covers, each by its share.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple


class Share(NamedTuple):
    """A part of a payment that settles one issue: from here to there, of all that is paid."""

    sequence: int
    start: int
    end: int


class _Debt(NamedTuple):
    sequence: int | None  # none: of an issue before the run
    quantity: int


@dataclass(slots=True)
class Deficit:
    """What a pool is short of, by issue."""

    debts: deque[_Debt] = field(default_factory=deque)

    @classmethod
    def of(cls, quantity: int) -> "Deficit":
        """A deficit of which nobody asks any more whose it was.

        quantity  on hand: below zero where something is owed
        """
        return cls(deque([_Debt(None, -quantity)] if quantity < 0 else []))

    @property
    def quantity(self) -> int:
        """All that is owed."""
        return sum(debt.quantity for debt in self.debts)

    def owe(self, sequence: int, quantity: int) -> None:
        """Add what an issue went short; nothing is none."""
        if quantity:
            self.debts.append(_Debt(sequence, quantity))

    def pay(self, quantity: int) -> Iterator[Share]:
        """Take a payment off the front and tell the issues it settles."""
        start = 0
        while start < quantity:
            debt = self.debts.popleft()
            end = min(start + debt.quantity, quantity)
            left = debt.quantity - (end - start)
            if left:
                self.debts.appendleft(_Debt(debt.sequence, left))
            if debt.sequence is not None:
                yield Share(debt.sequence, start, end)
            start = end
