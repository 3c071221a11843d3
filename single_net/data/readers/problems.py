"""One report of everything that is wrong with a data set."""

from __future__ import annotations

from collections import Counter

from encoded_text.common.errors import InputError


class Problems:
    """Collects what cannot be used, and in the end raises one InputError or counts what is left out.

    Args:
        where: name and split of the data set, the beginning of the message.
        skip_bad: leave out what cannot be used, instead of raising.
    """

    def __init__(self, where: str, skip_bad: bool):
        self._where, self._skip_bad = where, skip_bad
        self._first = ""
        self._counts: Counter[str] = Counter()

    def add(self, reason: str, detail: str) -> None:
        """Note one case.

        Args:
            reason: the kind of problem, under which cases are counted.
            detail: the case as a sentence, with file and line. The first one is shown.
        """
        self._first = self._first or detail
        self._counts[reason] += 1

    def settle(self) -> dict[str, int]:
        """Report the problems.

        Returns:
            Number of cases by reason, all of which are left out; empty without problems.

        Raises:
            InputError: there are problems, and `skip_bad` is false.
        """
        if self._counts and not self._skip_bad:
            counts = ", ".join(f"{reason}: {number}" for reason, number in self._counts.items())
            message = f"{self._where}: {self._first} (in all {counts}); mend it, or leave it out with --skip-bad"
            raise InputError(message)
        return dict(self._counts)
