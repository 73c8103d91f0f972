"""The command: what it writes, what it says, and how it ends."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

import wholefamily as wf
from wholefamily import command, output
from wholefamily.progress import Progress

SMALL = """
[evaluation]
title = "Referrals <script>alert(1)</script>"

[tables.referrals]
path = "referrals.csv"
dates = { columns = ["received"] }

[[measures]]
name = "share"
table = "referrals"
measure = "ReferralShare"
to = "hub"
by = ["locality"]

[[measures.compare]]
column = "locality"
group = "=HYPERLINK(1)"
reference = "Lanark, <b>north</b>"
"""
REFERRALS = (
    "received,team,locality\n"
    "2023-01-05,hub,=HYPERLINK(1)\n2023-01-06,local_office,=HYPERLINK(1)\n2023-02-30,hub,Hamilton\n"
    '2023-02-05,hub,"Lanark, <b>north</b>"\n2023-02-06,hub,"Lanark, <b>north</b>"\n'
    "2023-03-05,hub,<script>alert(2)</script>\n2023-03-06,hub,\n"
)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "referrals.csv").write_text(REFERRALS, encoding="utf-8")
    (tmp_path / "hubs.toml").write_text(SMALL, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "hubs.toml"


def listed(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def test_it_writes_the_page_the_results_and_the_provenance(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["evaluate", str(file)]) == 0
    out = file.parent / "hubs-results"
    assert capsys.readouterr().out.strip() == str(Path("hubs-results", "index.html"))
    files = listed(out)
    comparison = "share--HYPERLINK-1-vs-Lanark-b-north-b"
    names = ["share", "share--overall", comparison]
    assert set(files) == {
        "index.html",
        "provenance.json",
        "results/set-aside--referrals.csv",
        *(f"results/{name}.{kind}" for name in names for kind in ("csv", "parquet")),
    }
    assert {path.name for path in file.parent.iterdir()} == {
        "hubs.toml",
        "referrals.csv",
        "hubs-results",
    }
    provenance = json.loads(files["provenance.json"])
    assert provenance["tables"]["referrals"]["rows_set_aside"] == 1
    assert (
        provenance["tables"]["referrals"]["sha256"]
        == hashlib.sha256(REFERRALS.encode()).hexdigest()
    )
    assert provenance["evaluation_file"]["sha256"] == hashlib.sha256(SMALL.encode()).hexdigest()
    assert provenance["specification"]["measures"][0]["to"] == "hub"
    assert provenance["command"] == f"wholefamily evaluate {file}"
    for name, about in provenance["files"].items():
        assert about["sha256"] == hashlib.sha256(files[name]).hexdigest()
    parquet = pl.read_parquet(out / "results" / "share.parquet")
    assert "=HYPERLINK(1)" in parquet["locality"].to_list()


def test_names_neither_run_in_the_page_nor_in_a_spreadsheet(file: Path) -> None:
    out = file.parent / "out"
    assert command.main(["evaluate", str(file), "--out", str(out)]) == 0
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;alert(2)" in page
    assert "<b>north" not in page
    csv = (out / "results" / "share.csv").read_text(encoding="utf-8")
    assert "\n'=HYPERLINK(1),share" in csv.replace("referral_share", "share")
    assert '\n"Lanark, <b>north</b>",' in csv


def test_the_same_data_give_the_same_bytes(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    first, second = file.parent / "a", file.parent / "b"
    for out in (first, second):
        wf.evaluate(file, out, command="once")
    assert listed(first) == listed(second)
    assert json.loads((first / "provenance.json").read_bytes())["made"] == "2023-11-14T22:13:20Z"


def test_a_second_run_takes_the_place_of_the_first(file: Path) -> None:
    out = file.parent / "out"
    wf.evaluate(file, out)
    (out / "results" / "share.csv").write_text("edited", encoding="utf-8")
    file.write_text(SMALL.replace('name = "share"', 'name = "other"'), encoding="utf-8")
    wf.evaluate(file, out)
    assert "results/other.csv" in listed(out)
    assert "results/share.csv" not in listed(out)
    assert {path.name for path in file.parent.iterdir()} == {"hubs.toml", "referrals.csv", "out"}


@pytest.mark.parametrize("ours", [True, False])
def test_files_of_others_are_never_replaced(
    file: Path, capsys: pytest.CaptureFixture[str], *, ours: bool
) -> None:
    out = file.parent / "out"
    out.mkdir()
    if ours:
        wf.evaluate(file, out)
    (out / "notes.docx").write_text("mine", encoding="utf-8")
    before = listed(out)
    assert command.main(["evaluate", str(file), "--out", str(out)]) == 2
    told = capsys.readouterr().err
    assert "nothing was written" in told
    assert "Traceback" not in told
    assert listed(out) == before


def test_an_output_that_is_a_file_or_cannot_be_written_says_so(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["evaluate", str(file), "--out", str(file)]) == 2
    assert "is a file; name a directory" in capsys.readouterr().err
    assert command.main(["evaluate", str(file), "--out", str(file / "below")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_failed_write_leaves_the_old_results(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = file.parent / "out"
    wf.evaluate(file, out)
    before = listed(out)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(wf.SpecError, match="cannot be written: No space left"):
        wf.evaluate(file, out)
    assert listed(out) == before
    assert {path.name for path in file.parent.iterdir()} == {"hubs.toml", "referrals.csv", "out"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('to = "hub"', 'too = "hub"'), "did you mean 'to'"),
        (("referrals.csv", "gone.csv"), "no such file"),
        (('by = ["locality"]', 'by = ["localty"]'), "locality"),
        (('group = "=HYPERLINK(1)"', 'group = "Nowhere"'), "Nowhere"),
    ],
)
def test_bad_input_ends_with_2_and_a_message(
    file: Path, capsys: pytest.CaptureFixture[str], change: tuple[str, str], told: str
) -> None:
    file.write_text(SMALL.replace(*change), encoding="utf-8")
    assert command.main(["evaluate", str(file)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("wholefamily: ")
    assert told in said.err
    assert "Traceback" not in said.err
    assert not (file.parent / "hubs-results").exists()


def test_a_message_that_quotes_an_extract_does_not_steer_the_terminal(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    extract = file.parent / "referrals.csv"
    extract.write_text("\x1b[31mred,b\n1,2\n", encoding="utf-8")
    assert command.main(["evaluate", str(file)]) == 2
    told = capsys.readouterr().err
    assert "\\x1b[31mred" in told
    assert "\x1b" not in told


def test_a_place_that_cannot_hold_the_results_is_refused_before_the_work(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(SMALL.replace("referrals.csv", "gone.csv"), encoding="utf-8")
    assert command.main(["evaluate", str(file), "--out", "n" * 300]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_fault_of_ours_ends_with_1_and_a_traceback(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr(output, "write_directory", broken)
    assert command.main(["evaluate", str(file)]) == 1
    assert "RuntimeError: out of order" in capsys.readouterr().err


def test_an_interruption_ends_with_130_and_leaves_nothing(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    assert command.main(["evaluate", str(file)]) == 130
    assert "interrupted; nothing was written" in capsys.readouterr().err
    assert {path.name for path in file.parent.iterdir()} == {"hubs.toml", "referrals.csv"}


@pytest.mark.parametrize(
    "arguments", [[], ["evaluate"], ["evalute", "x"], ["evaluate", "x", "--ot"]]
)
def test_a_wrong_call_ends_with_2_and_the_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(arguments) == 2
    assert "usage: wholefamily" in capsys.readouterr().err


def test_it_also_runs_as_a_module(file: Path) -> None:
    ran = subprocess.run(
        [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "wholefamily",
            "evaluate",
            "hubs.toml",
            "--out",
            "out",
        ],
        cwd=file.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.strip() == str(Path("out", "index.html"))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_speaks_on_a_terminal_only_of_steps_that_take_long() -> None:
    terminal, pipe = Terminal(), io.StringIO()
    with Progress(terminal, patience=5).step("quick"):
        pass
    assert terminal.getvalue() == ""
    with Progress(pipe, patience=0).step("slow"):
        time.sleep(0.05)
    assert pipe.getvalue() == ""
    with Progress(terminal, patience=0.01).step("[bold]slow[/bold]"):
        time.sleep(0.3)
    assert "slow" in terminal.getvalue()


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe_and_numbers_do_not(
    start: str,
) -> None:
    frame = pl.DataFrame({start: [start, "a=1", None], "n": [-1.5, 2.0, None]})
    back = pl.read_csv(output.csv_bytes(frame), infer_schema=False)
    assert back.columns == [f"'{start}", "n"]
    assert back.rows() == [(f"'{start}", "-1.5"), ("a=1", "2.0"), (None, None)]
