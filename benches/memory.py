"""Peak memory of one question beyond its input, in a process of its own.

    python benches/memory.py CASE TABLE.arrow LIBRARY FORM

The table is read into memory, the code is warmed on its first thousand rows, the kernel's
high-water mark is set back, and the question is asked once. Prints the difference in bytes.
Linux only, since it reads /proc.
"""

from __future__ import annotations

import ctypes
import gc
import subprocess
import sys
from pathlib import Path

import polars as pl

from cases import CASES

STATUS = Path("/proc/self/status")
RESET = Path("/proc/self/clear_refs")


def _status(field: str) -> int:
    """A memory field of this process in bytes."""
    for line in STATUS.read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    message = f"{STATUS} has no field {field}"
    raise RuntimeError(message)


def _give_back_freed() -> None:
    """Return freed memory to the system, or the run could use it unseen."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def beyond_input(case: str, table: Path, library: str, form: str) -> int:
    """Bytes above the resident input at the highest point of one run."""
    only_ours = library == "wholefamily"
    frame = pl.read_ipc(table.read_bytes()).rechunk()
    CASES[case].forms(frame.head(1000), only_ours=only_ours)[library, form]()
    run = CASES[case].forms(frame, only_ours=only_ours)[library, form]
    _give_back_freed()
    RESET.write_text("5")
    before = _status("VmRSS")
    run()
    return max(0, _status("VmHWM") - before)


def measure(case: str, table: Path, library: str, form: str) -> int | None:
    """The same in a fresh process; None where the system cannot tell."""
    if not RESET.exists():
        return None
    command = [sys.executable, __file__, case, str(table), library, form]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout)


if __name__ == "__main__":
    print(beyond_input(sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4]))
