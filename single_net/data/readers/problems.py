"""One report of everything that is wrong with a data set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from encoded_text.common.errors import InputError
from single_net.common.notice import notice


class MissingSplit(InputError):
    """The data set has no such split: no list, file or row names one. Not for a split whose images cannot be used."""


class NoImages(InputError):
    """The captions of a split are there, and none of its images."""


class Problems:
    """Collects what cannot be used, and in the end raises one InputError or tells and counts what is left out.

    Args:
        where: name and split of the data set, the beginning of the message.
        skip_bad: leave out what cannot be used, instead of raising.
    """

    def __init__(self, where: str, skip_bad: bool):
        self._where, self._skip_bad = where, skip_bad
        self._first = ""
        self._counts: Counter[str] = Counter()
        self._first_harmless = ""
        self._harmless: Counter[str] = Counter()

    def add(self, reason: str, detail: str) -> None:
        """Note one case.

        Args:
            reason: the kind of problem, under which cases are counted.
            detail: the case as a sentence, with file and line. The first one is shown.
        """
        self._first = self._first or detail
        self._counts[reason] += 1

    def add_harmless(self, reason: str, detail: str) -> None:
        """Note a case that is left out in any case, reported and counted. Arguments as those of `add`."""
        self._first_harmless = self._first_harmless or detail
        self._harmless[reason] += 1

    def settle(self) -> dict[str, int]:
        """Report the problems: with `skip_bad`, and where they are harmless, by a notice.

        Returns:
            Number of cases by reason, all of which are left out; empty without problems.

        Raises:
            InputError: there are problems, and `skip_bad` is false.
        """
        if self._counts and not self._skip_bad:
            message = f"{self._where}: {self._first} (in all {listed(self._counts)})"
            raise InputError(f"{message}; mend it, or leave it out with --skip-bad")
        counts = dict(self._counts + self._harmless)
        if counts:
            notice(f"{self._where}: left out ({listed(counts)}), the first: {self._first or self._first_harmless}")
        return counts


def listed(counts: Mapping[str, int]) -> str:
    """Numbers of cases by reason, as printed: "missing image: 2, empty caption: 1"."""
    return ", ".join(f"{reason}: {number}" for reason, number in counts.items())
