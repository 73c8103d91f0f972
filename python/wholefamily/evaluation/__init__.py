"""How does an evaluation file become results and a page? Read it, prepare its tables, ask its questions.

>>> import wholefamily as wf
>>> evaluation = wf.evaluate("examples/family_support_hubs/evaluation.toml")  # doctest: +SKIP
>>> evaluation.results["hub_share"].to_polars()  # doctest: +SKIP
>>> evaluation.write("hubs-results")  # doctest: +SKIP
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from wholefamily import output
from wholefamily.progress import Progress

from .histories import Lived
from .reading import read
from .run import Answer, Comparison, answer
from .specification import Specification
from .tables import Prepared, prepare

if TYPE_CHECKING:
    from wholefamily.result import Estimates

__all__ = ["Answer", "Comparison", "Evaluation", "Lived", "Prepared", "Specification", "evaluate"]


@dataclass(frozen=True)
class Evaluation:
    """The answers to an evaluation file, with the account of how they were made."""

    specification: Specification
    tables: dict[str, Prepared]
    answers: list[Answer]
    histories: dict[str, Lived] = field(default_factory=dict)

    @property
    def results(self) -> dict[str, Estimates]:
        """Every result table by its name: NAME, NAME--overall, NAME--GROUP-vs-REFERENCE."""
        return {name: table for one in self.answers for name, table in one.results().items()}

    @property
    def synthetic(self) -> bool:
        """Whether any table comes from a built-in, synthetic dataset."""
        return any(table.synthetic for table in self.tables.values())

    def write(self, out: str | Path, *, command: str | None = None) -> Path:
        """Write the page, the results and the provenance into a directory, whole or not at all.

        Parameters
        ----------
        out
            The directory. It may be absent, empty, or hold only what an earlier run wrote there.
        command
            What was typed, for the provenance.

        Returns
        -------
        Path
            The page, `index.html` in the directory.

        Raises
        ------
        SpecError
            The directory holds something that an evaluation did not write, or cannot be written.
        """
        from wholefamily import report

        return report.write(self, Path(out), command=command)

    def _repr_html_(self) -> str:
        from wholefamily import report

        return report.fragment(self)

    def __repr__(self) -> str:
        return f"<Evaluation {self.specification.heading.title!r}: {', '.join(self.results)}>"


def evaluate(
    path: str | Path,
    out: str | Path | None = None,
    *,
    progress: Progress | None = None,
    command: str | None = None,
) -> Evaluation:
    """Answer every question of an evaluation file.

    Parameters
    ----------
    path
        The evaluation file, TOML. Paths in it are relative to it.
    out
        A directory to write the page and the results into; by default nothing is written.
    progress
        Where to say what is being done; by default nowhere.
    command
        What was typed, for the provenance.

    Returns
    -------
    Evaluation
        With `results` by name, and `write`.

    Raises
    ------
    SpecError, ColumnError, TypeError_, DataError
        The message names the file, and the table or the measure, and the nearest right answer.

    Examples
    --------
    >>> import wholefamily as wf
    >>> wf.evaluate("examples/ssda903/evaluation.toml").results["stock"].to_polars()  # doctest: +SKIP
    """
    progress = progress or Progress(quiet=True)
    if out is not None:
        output.check_ours(Path(os.path.realpath(out)))
    with progress.step(f"Reading {path}"):
        checked = read(path)
    tables: dict[str, Prepared] = {}
    for name in checked.tables:
        with progress.step(f"Preparing table {name}"):
            prepare(checked, name, tables)
    for name in checked.histories:
        with progress.step(f"Running history {name}"):
            prepare(checked, name, tables)
    answers = []
    for number, question in enumerate(checked.questions, start=1):
        with progress.step(f"Answering {number} of {len(checked.questions)}: {question.name}"):
            answers.append(answer(checked, question, tables))
    read_from = {name: tables[name] for name in checked.tables}
    lived = {name: tables[name] for name in checked.histories}
    histories = {name: table for name, table in lived.items() if isinstance(table, Lived)}
    evaluation = Evaluation(checked, read_from, answers, histories)
    if out is not None:
        with progress.step("Writing the page and the results"):
            evaluation.write(out, command=command)
    return evaluation
