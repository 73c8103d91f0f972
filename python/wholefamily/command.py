"""`wholefamily evaluate FILE.toml [--out DIR]`: from extracts to a page, in one command."""

from __future__ import annotations

import argparse
import shlex
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WELL, FAULT, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv
        The arguments after the program's name; by default those of this process.

    Returns
    -------
    int
        0 done; 2 the file or the data cannot be used, as the message says; 130 interrupted; 1 a fault of ours.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = _parser()
    try:
        chosen = parser.parse_args(arguments)
    except SystemExit as leaving:
        return int(leaving.code or 0)
    from wholefamily.errors import Error, InternalError, StateError

    try:
        return _evaluate(chosen, arguments)
    except KeyboardInterrupt:
        _say("\nwholefamily: interrupted; nothing was written")
        return INTERRUPTED
    except (InternalError, StateError):
        traceback.print_exc()
        return FAULT
    except Error as error:
        _say(f"wholefamily: {_harmless(error)}")
        return BAD_INPUT
    except Exception:  # noqa: BLE001 - the last resort of a program: show all of it
        traceback.print_exc()
        return FAULT


def _evaluate(chosen: argparse.Namespace, arguments: Sequence[str]) -> int:
    from wholefamily.evaluation import evaluate
    from wholefamily.progress import Progress

    path = Path(chosen.file)
    out = Path(chosen.out) if chosen.out else Path(f"{_stem(path)}-results")
    evaluate(path, out, progress=Progress(), command=shlex.join(["wholefamily", *arguments]))
    _tell(out / "index.html")
    return WELL


def _stem(path: Path) -> str:
    """Name the results after the file, or after its folder where the file is just evaluation.toml."""
    if path.stem == "evaluation" and path.resolve().parent.name:
        return path.resolve().parent.name
    return path.stem


def _harmless(error: Exception) -> str:
    """Give a message that may quote an extract, without what could steer a terminal."""
    from wholefamily import wording

    return "\n".join(map(wording.printable, str(error).split("\n")))


def _tell(words: object) -> None:
    """Give what was asked for, on standard output."""
    sys.stdout.write(f"{words}\n")


def _say(words: str) -> None:
    """Say what went wrong, on standard error."""
    sys.stderr.write(f"{words}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="wholefamily",
        description="Numbers on support to children and families: of whom, how many, compared with what, how sure.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and leave")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    evaluate = commands.add_parser(
        "evaluate",
        help="answer the questions of an evaluation file and write a page",
        description="Read the tables that FILE names, answer its questions, and write index.html, "
        "results/ (Parquet and CSV) and provenance.json into DIR, whole or not at all.",
    )
    evaluate.add_argument("file", metavar="FILE", help="the evaluation file, TOML")
    evaluate.add_argument(
        "--out",
        metavar="DIR",
        help="where to write; a directory that is absent, empty or from an earlier run "
        "(by default FILE's name, or its folder's where it is evaluation.toml, with -results)",
    )
    return parser


class _Version(argparse.Action):
    """Look the version up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> None:
        import wholefamily

        _tell(f"wholefamily {wholefamily.__version__}")
        parser.exit()


if __name__ == "__main__":
    sys.exit(main())
