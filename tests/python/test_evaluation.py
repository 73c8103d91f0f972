"""The evaluation file: every word checked, every row accounted for."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

import wholefamily as wf
from wholefamily.evaluation.reading import read
from wholefamily.evaluation.tables import Prepared, prepare

EXAMPLES = Path(__file__).parents[2] / "examples"

SMALLEST = """
[evaluation]
title = "Referrals"

[tables.referrals]
path = "referrals.csv"
dates = { columns = ["received"] }

[[measures]]
name = "share"
table = "referrals"
measure = "ReferralShare"
to = "hub"
"""

REFERRALS = (
    "received,team\n2023-01-05,hub\n2023-02-05,hub\n2023-05-05,local_office\n2023-06-05,hub\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "referrals.csv").write_text(REFERRALS, encoding="utf-8")
    return tmp_path


def write(folder: Path, text: str) -> Path:
    path = folder / "evaluation.toml"
    path.write_text(text, encoding="utf-8")
    return path


def table(folder: Path, csv: bytes | str, lines: str = "") -> Prepared:
    """Prepare one table from a CSV and the lines of its [tables.t]."""
    content = csv.encode() if isinstance(csv, str) else csv
    (folder / "t.csv").write_bytes(content)
    text = (
        f'[evaluation]\ntitle = "t"\n[tables.t]\npath = "t.csv"\n{lines}\n'
        '[[measures]]\nname = "m"\ntable = "t"\nmeasure = "Share"\noutcome = "x"\n'
    )
    return prepare(read(write(folder, text)), "t", {})


# ── The file ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("title =", "titel ="), ["[evaluation]: unknown key 'titel'", "did you mean 'title'"]),
        (("path =", "paht ="), ["[tables.referrals]: unknown key 'paht'", "did you mean 'path'"]),
        (
            ("columns = [", "colums = ["),
            ["[tables.referrals]", "unknown key 'colums'", "did you mean 'columns'"],
        ),
        (("to =", "too ="), ["'share': unknown key 'too'", "did you mean 'to'"]),
        (
            ('"ReferralShare"', '"ReferalShare"'),
            ["no measure 'ReferalShare'", "did you mean 'ReferralShare'"],
        ),
        (
            ('table = "referrals"', 'table = "referals"'),
            ["table = 'referals' is not known", "did you mean 'referrals'"],
        ),
        (('to = "hub"', ""), ["ReferralShare needs 'to'"]),
        (
            ('to = "hub"', 'to = "hub"\nevery = "quartr"'),
            ["every = 'quartr'", "did you mean 'quarter'"],
        ),
        (('to = "hub"', 'to = "hub"\nlevel = 95'), ["level = 95", "write 0.95"]),
        (('name = "share"', 'name = "../share"'), ["this name cannot be a file name"]),
        (("[[measures]]", "[[measure]]"), ["unknown table [measure]", "did you mean 'measures'"]),
        (('title = "Referrals"', "title = Referrals"), ["not valid TOML", "line 3"]),
        (
            ('title = "Referrals"', "title = 3"),
            ['[evaluation]: title: expected text "…", got a whole number'],
        ),
        (
            ('path = "referrals.csv"', 'path = "referrals.csv"\ncodes.team = { a = 1 }'),
            ["codes.team: a = 1 should be text in quotes"],
        ),
        (
            ('path = "referrals.csv"', 'path = "referrals.csv"\nunmapped = "fail"'),
            ["unmapped = 'fail'", "keep, error"],
        ),
        (('measure = "ReferralShare"\n', ""), ["the key 'measure' is missing", "ReferralShare"]),
        (('to = "hub"', 'to = "hub"\nplot = "no"'), ["plot: expected true or false"]),
        (
            ('path = "referrals.csv"', 'path = "referrals.xlsx"'),
            ["should end in .csv or .parquet or .arrow"],
        ),
    ],
)
def test_a_wrong_word_is_refused_with_its_place_and_the_nearest_right_one(
    folder: Path, change: tuple[str, str], told: list[str]
) -> None:
    path = write(folder, SMALLEST.replace(*change, 1))
    with pytest.raises(wf.SpecError) as caught:
        wf.evaluate(path)
    for words in (str(path), *told):
        assert words in str(caught.value)


def test_two_measures_of_one_name_are_refused(folder: Path) -> None:
    block = SMALLEST[SMALLEST.index("[[measures]]") :]
    with pytest.raises(wf.SpecError, match=r"two .* have the name 'share'"):
        read(write(folder, SMALLEST + block))


def test_a_comparison_needs_its_column_in_by(folder: Path) -> None:
    text = (
        SMALLEST
        + 'by = ["team"]\n[[measures.compare]]\ncolumn = "tem"\ngroup = "a"\nreference = "b"\n'
    )
    with pytest.raises(wf.SpecError, match="column = 'tem' is not in by; did you mean 'team'"):
        read(write(folder, text))


def test_a_missing_evaluation_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(wf.SpecError, match=r"nowhere\.toml: no such file"):
        wf.evaluate(tmp_path / "nowhere.toml")


def test_an_evaluation_file_that_is_not_utf8_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "evaluation.toml"
    path.write_bytes(b'[evaluation]\ntitle = "caf\xe9"\n')
    with pytest.raises(wf.SpecError, match="line 2: not UTF-8"):
        read(path)


# ── Reading ───────────────────────────────────────────────────────────────────────────


def test_a_missing_extract_says_where_paths_start(folder: Path) -> None:
    with pytest.raises(
        wf.DataError, match="no such file; a path is relative to the evaluation file"
    ):
        wf.evaluate(write(folder, SMALLEST.replace("referrals.csv", "gone.csv")))


def test_an_empty_csv_is_refused(tmp_path: Path) -> None:
    with pytest.raises(wf.DataError, match=r"t\.csv: empty: expected a first line"):
        table(tmp_path, "")


def test_a_csv_with_a_header_only_is_a_table_without_rows(tmp_path: Path) -> None:
    prepared = table(tmp_path, "a,b\n", 'dates = { columns = ["a"] }\nwhere = "b = \'x\'"')
    assert prepared.rows_read == 0
    assert prepared.data().schema == {"a": pl.Date, "b": pl.String}


@pytest.mark.parametrize("before", [0, 3, 200_000])
def test_a_csv_that_is_not_utf8_names_the_line(tmp_path: Path, before: int) -> None:
    with pytest.raises(wf.DataError, match=rf"t\.csv: line {before + 2}: byte 0xE9 is not UTF-8"):
        table(tmp_path, b"a,b\n" + b"x\xc3\xa9,2\n" * before + b"caf\xe9,2\n")


@pytest.mark.parametrize(
    ("csv", "told"),
    [
        ("a,a\n1,2\n", "two columns are called 'a'"),
        ("a,\n1,2\n", "column 2 has no name"),
        ("a;b\n1;2\n", "separated by semicolons"),
        ("a\tb\n1\t2\n", "separated by tabs"),
        ("a,b\r1,2\r", "lines end in a carriage return alone"),
        ("a,b,c\n1,2,3\n4,5\n", "line 3: 2 values where the header has 3"),
        ("a,b\n1,2,3\n", "cannot be read"),
        ('a,b\n"1,2\n', "cannot be read"),
    ],
)
def test_a_csv_that_is_no_table_is_refused(tmp_path: Path, csv: str, told: str) -> None:
    with pytest.raises(wf.DataError, match=told):
        table(tmp_path, csv)


def test_a_csv_is_text_until_told_otherwise(tmp_path: Path) -> None:
    prepared = table(tmp_path, '\ufeffid,when,note\n007,2023-01-01,\n\n008,2023-01-02,"a, b"\n')
    assert prepared.data().rows() == [("007", "2023-01-01", None), ("008", "2023-01-02", "a, b")]
    assert prepared.notes == ["1 blank line was passed over."]


@pytest.mark.parametrize("ending", ["parquet", "arrow", "stream.arrow"])
def test_parquet_and_arrow_keep_their_types(tmp_path: Path, ending: str) -> None:
    frame = pl.DataFrame({"team": ["hub", None], "received": [dt.date(2023, 1, 1)] * 2})
    path = tmp_path / f"r.{ending}"
    if ending == "parquet":
        frame.write_parquet(path)
    elif ending == "arrow":
        frame.write_ipc(path)
    else:
        frame.write_ipc_stream(path)
    text = SMALLEST.replace("referrals.csv", path.name).replace(
        'dates = { columns = ["received"] }', ""
    )
    assert prepare(read(write(tmp_path, text)), "referrals", {}).data().equals(frame)


def test_a_broken_parquet_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r.parquet").write_bytes(b"not parquet at all")
    text = SMALLEST.replace("referrals.csv", "r.parquet")
    with pytest.raises(wf.DataError, match=r"\[tables.referrals\].*r\.parquet: cannot be read"):
        prepare(read(write(tmp_path, text)), "referrals", {})


# ── Mapping ───────────────────────────────────────────────────────────────────────────


def test_values_that_are_no_date_set_their_row_aside_and_are_listed(tmp_path: Path) -> None:
    csv = "CHILD,DECOM\na,31/12/2017\nb,2017-12-31\nc,31/02/2017\nd,\ne,1/2/17\nf,01/02/2017\n"
    lines = 'columns = { CHILD = "child_id", DECOM = "start" }\ndates = { format = "%d/%m/%Y", columns = ["start"] }'
    prepared = table(tmp_path, csv, lines)
    assert prepared.data().rows() == [
        ("a", dt.date(2017, 12, 31)),
        ("d", None),
        ("f", dt.date(2017, 2, 1)),
    ]
    assert prepared.rows.to_list() == [1, 4, 6]
    assert prepared.set_aside.select("row", "column", "value").rows() == [
        (2, "start", "2017-12-31"),
        (3, "start", "31/02/2017"),
        (5, "start", "1/2/17"),
    ]


def test_one_row_with_two_bad_values_is_one_row_set_aside(tmp_path: Path) -> None:
    lines = 'numbers = ["n"]\nbooleans = { columns = ["yes"], true = ["Y"], false = ["N"] }'
    prepared = table(tmp_path, "n,yes\n1.5,Y\nmany,perhaps\n-2,N\nnan,Y\n", lines)
    assert prepared.data().rows() == [(1.5, True), (-2.0, False)]
    assert prepared.rows_set_aside == 2
    assert prepared.set_aside.height == 3


@pytest.mark.parametrize("written", ["%d/%m", "%q", "", "no date"])
def test_a_format_without_a_whole_date_is_refused(tmp_path: Path, written: str) -> None:
    with pytest.raises(wf.SpecError, match="should hold day, month and year"):
        table(tmp_path, "a\n1\n", f'dates = {{ format = "{written}", columns = ["a"] }}')


def test_codes_are_mapped_and_those_without_a_mapping_are_told(tmp_path: Path) -> None:
    csv = "PLACE,n\nU1,1\nK2,1\nQ9,1\nQ9,1\nfoster,1\n,1\n"
    lines = (
        'columns = { PLACE = "placement" }\ncodes.placement = { U1 = "foster", K2 = "residential" }'
    )
    prepared = table(tmp_path, csv + "X1,1\n", lines)
    assert prepared.data()["placement"].to_list() == [
        "foster",
        "residential",
        "Q9",
        "Q9",
        "foster",
        None,
        "X1",
    ]
    assert prepared.notes == [
        "Codes of placement without a mapping were kept as they are: Q9 (2), X1 (1)."
    ]
    with pytest.raises(wf.DataError, match=r"codes.placement: no mapping for Q9 \(2\), X1 \(1\)"):
        table(tmp_path, csv + "X1,1\n", lines + '\nunmapped = "error"')


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('columns = { CHLD = "child_id" }', "columns: no column 'CHLD'; did you mean"),
        ('columns = { CHILD = "LS" }', "two columns would be called 'LS'"),
        (
            'columns = { CHILD = "child_id" }\nnumbers = ["CHILD"]',
            "renamed it to 'child_id'; use that name",
        ),
        ('numbers = ["LS", "LS"]', "already read as a number"),
        ("where = \"CHLID = 'a'\"", "where: .*no column 'CHLID'; did you mean 'CHILD'"),
        ('where = "LS NOT IN ("', "not a whole SQL expression"),
        ('where = "LS = V3"', "no column 'V3'.*text stands in single quotes"),
        ('where = "LS > 3"', "a column of a CSV is text until"),
        ('where = "LS"', "gives text, not true or false"),
        ('where = "day > \'2017-01-01\'"\ndates = { columns = ["day"] }', "write a date as DATE"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(tmp_path: Path, lines: str, told: str) -> None:
    with pytest.raises((wf.SpecError, wf.ColumnError), match=rf"\[tables\.t\].*({told})"):
        table(tmp_path, "CHILD,LS,day\na,V3,2017-01-01\n", lines)


def test_a_filter_counts_what_it_kept_left_out_and_could_not_decide(tmp_path: Path) -> None:
    prepared = table(
        tmp_path, "LS,n\nV3,1\nC2,2\n,3\nV4,4\nC2,5\n", "where = \"LS NOT IN ('V3', 'V4')\""
    )
    counts = prepared.filtered
    assert counts is not None
    assert (counts.kept, counts.left_out, counts.undecided) == (2, 2, 1)
    assert prepared.rows.to_list() == [2, 5]


def test_a_join_is_many_to_one_and_counts_the_unmatched(tmp_path: Path) -> None:
    (tmp_path / "children.csv").write_text("child_id,sex\na,f\nb,m\n,x\n", encoding="utf-8")
    lines = (
        '[tables.t.join]\ntable = "children"\non = "child_id"\ncolumns = ["sex"]\n'
        '[tables.children]\npath = "children.csv"'
    )
    prepared = table(tmp_path, "child_id,n\nb,1\na,2\nc,3\n,4\nb,5\n", lines)
    assert prepared.data()["sex"].to_list() == ["m", "f", None, None, "m"]
    assert prepared.notes[-1] == (
        "Joined from children on child_id: sex; 3 rows matched, 2 did not and hold nulls there."
    )
    (tmp_path / "children.csv").write_text("child_id,sex\na,f\na,m\n", encoding="utf-8")
    with pytest.raises(wf.DataError, match=r"'child_id' = 'a' on more than one row \(1 such"):
        table(tmp_path, "child_id,n\nb,1\n", lines)


def test_tables_that_join_each_other_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "u.csv").write_text("k,v\n1,2\n", encoding="utf-8")
    lines = (
        '[tables.t.join]\ntable = "u"\non = "k"\ncolumns = ["v"]\n'
        '[tables.u]\npath = "u.csv"\n[tables.u.join]\ntable = "t"\non = "k"\ncolumns = ["w"]'
    )
    with pytest.raises(wf.SpecError, match="joins itself by way of t → u → t"):
        table(tmp_path, "k,w\n1,2\n", lines)


# ── Answers ───────────────────────────────────────────────────────────────────────────


def test_the_smallest_evaluation_gives_its_result(folder: Path) -> None:
    evaluation = wf.evaluate(write(folder, SMALLEST))
    assert list(evaluation.results) == ["share"]
    row = evaluation.results["share"].to_polars().row(0, named=True)
    assert (row["value"], row["numerator"], row["denominator"]) == (0.75, 3, 4.0)
    assert "75.0%" in evaluation._repr_html_()


def test_groups_have_an_overall_result_and_filters_count(folder: Path) -> None:
    text = SMALLEST + 'every = "quarter"\nwhere = "received < DATE \'2023-06-01\'"\n'
    evaluation = wf.evaluate(write(folder, text))
    assert list(evaluation.results) == ["share", "share--overall"]
    assert evaluation.results["share"].to_polars()["value"].to_list() == [1.0, 0.0]
    assert evaluation.results["share--overall"].to_polars()["value"].to_list() == [2 / 3]
    counts = evaluation.answers[0].filtered
    assert counts is not None
    assert (counts.kept, counts.left_out) == (3, 1)


def test_an_error_of_a_measure_names_the_file_and_the_measure(folder: Path) -> None:
    path = write(folder, SMALLEST + 'team = "tem"\n')
    with pytest.raises(wf.ColumnError) as caught:
        wf.evaluate(path)
    assert str(caught.value).startswith(f"{path}: [[measures]] 'share': ")
    assert "team" in str(caught.value)


def test_dates_left_as_text_are_explained(folder: Path) -> None:
    text = SMALLEST.replace('dates = { columns = ["received"] }', "") + 'every = "month"\n'
    with pytest.raises(
        wf.Error, match="columns of a CSV are text until dates, numbers or booleans"
    ):
        wf.evaluate(write(folder, text))


def test_rows_set_aside_by_a_measure_are_numbered_as_in_the_source(tmp_path: Path) -> None:
    csv = "child_id,start,end,kind\na,2020-01-01,,x\nb,2020-01-01,,y\nc,2020-03-01,2020-02-01,x\n"
    (tmp_path / "episodes.csv").write_text(csv, encoding="utf-8")
    text = (
        '[evaluation]\ntitle = "t"\n[tables.episodes]\npath = "episodes.csv"\n'
        'dates = { columns = ["start", "end"] }\nwhere = "kind = \'x\'"\n'
        '[[measures]]\nname = "stock"\ntable = "episodes"\nmeasure = "LookedAfter"\nat = [2020-06-01]\n'
    )
    answer = wf.evaluate(write(tmp_path, text)).answers[0]
    assert answer.set_aside["row"].to_list() == [3]
    assert answer.estimates.to_polars()["value"].to_list() == [1.0]


def test_the_hubs_example_gives_what_was_published() -> None:
    results = wf.evaluate(EXAMPLES / "family_support_hubs" / "evaluation.toml").results
    frames = {name: result.to_polars() for name, result in results.items()}
    assert frames["hub_share"]["value"].to_list() == [0.61]
    by_year = frames["local_office_allocations"]["numerator"].to_list()
    assert 6750 <= by_year[0] - by_year[2] < 6800
    assert frames["pre_birth_outcomes"].select("team", "numerator", "denominator").rows() == [
        ("hub", 3, 25.0),
        ("local_office", 7, 10.0),
    ]
    within = frames["pre_birth_outcomes_by_history--hub-vs-local_office-within-previously_known"]
    assert within["value"].null_count() == within.height > 0
    assert all("stratum" in reason for reason in within["reason"])
    assert frames["escalation"].select("numerator", "denominator").rows() == [(4, 15.0)]
    assert frames["looked_after"]["value"].to_list() == [1381.0, 988.0, 751.0]
    assert round(frames["change_since_2020"]["value"][0], 2) == -0.24
    assert round(frames["change_since_2016"]["value"][0], 2) == -0.46
    yes = frames["survey"].filter(pl.col("answer") == "yes")["value"]
    assert sorted(set(yes)) == [0.6, 0.7, 0.75, 0.8, 0.9, 1.0]
    assert sorted(set(frames["survey_choices"]["value"])) == [0.6, 0.625, 0.8, 1.0]


def test_the_return_example_agrees_with_a_plain_count() -> None:
    evaluation = wf.evaluate(EXAMPLES / "ssda903" / "evaluation.toml")
    stock = evaluation.results["stock"].to_polars()
    episodes = pl.read_csv(
        EXAMPLES / "ssda903" / "data" / "episodes.csv", infer_schema=False
    ).filter(~pl.col("LS").is_in(["V3", "V4"]))
    start, end = (pl.col(name).str.to_date("%d/%m/%Y") for name in ("DECOM", "DEC"))
    for day, value in stock.select("date", "value").iter_rows():
        here = episodes.filter(
            (start <= day) & (end.is_null() | (end > day)) & (end.is_null() | (end >= start))
        )
        assert value == here["CHILD"].n_unique()
    flows = evaluation.results["flows"].to_polars().filter(pl.col("period") == dt.date(2017, 4, 1))
    net = dict(flows.select("flow", "value").iter_rows())
    assert net["net"] == net["starts"] - net["ends"] == stock["value"][3] - stock["value"][2]
    counts = evaluation.tables["episodes"].filtered
    assert counts is not None
    assert (counts.kept, counts.left_out, counts.undecided) == (4247, 803, 0)
