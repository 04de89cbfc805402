"""What became of the rows of an import, counted."""

from collections import Counter
from collections.abc import Iterable

from guanxi.platform.transfer.blocks import Judged
from guanxi.platform.transfer.rows import ALIKE, Problem

MOST_PROBLEMS = 200


class Tally:
    """Counts of rows by outcome, and of their problems by column, kind and words."""

    def __init__(self) -> None:
        self.rows = 0
        self.counts: Counter[str] = Counter()
        self.problems: Counter[tuple[int, str, str, bool]] = Counter()

    def add(self, rows: Iterable[Judged]) -> None:
        """Count the rows of a block."""
        for item in rows:
            self.rows += 1
            self.counts[item.outcome] += 1
            self.counts[ALIKE] += any(problem.code == ALIKE for problem in item.row.problems)
            for problem in item.row.problems:
                self._note(problem)

    def _note(self, problem: Problem) -> None:
        text = problem.text[:80] if problem.code != ALIKE else ""
        mark = (problem.column, problem.code, text, problem.is_doubt)
        if mark not in self.problems and len(self.problems) >= 20 * MOST_PROBLEMS:
            mark = (problem.column, problem.code, "", problem.is_doubt)
        self.problems[mark] += 1

    def listed(self) -> list[dict[str, object]]:
        """The most frequent problems."""
        return [
            {
                "column": mark[0],
                "code": mark[1],
                "text": mark[2],
                "is_doubt": mark[3],
                "rows": count,
            }
            for mark, count in self.problems.most_common(MOST_PROBLEMS)
        ]
