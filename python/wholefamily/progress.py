"""What is it doing just now? Said on a terminal, and only when a step takes more than a second."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

PATIENCE_SECONDS = 1.0


class Progress:
    """Tells a person at a terminal which step is under way; silent anywhere else.

    Parameters
    ----------
    stream
        Where to write; by default standard error.
    quiet
        Never write.
    patience
        Seconds that a step may take before it is named.
    """

    def __init__(
        self,
        stream: TextIO | None = None,
        *,
        quiet: bool = False,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self.stream = sys.stderr if stream is None else stream
        self.quiet = quiet or not self.stream.isatty()
        self.patience = patience

    @contextmanager
    def step(self, words: str) -> Iterator[None]:
        """Name a step while it runs, once it has run for longer than the patience."""
        if self.quiet:
            yield
            return
        from rich.console import Console
        from rich.markup import escape

        status = Console(file=self.stream).status(f"{escape(words)} …")
        timer = threading.Timer(self.patience, status.start)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()
            status.stop()
