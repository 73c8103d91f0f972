"""Histories in an evaluation file: any that there is, every word checked, every problem told."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import wholefamily as wf
from wholefamily import histories
from wholefamily.evaluation.histories import known_histories
from wholefamily.evaluation.reading import read
from wholefamily.evaluation.specification import History

EXAMPLES = Path(__file__).parents[2] / "examples"

BABIES = """child_id,born,team
Ann,2023-01-01,hub
Bea,2023-03-01,hub
Cal,2023-11-01,local
Dot,,local
"""
CARE = """child_id,start,end,placement
Bea,2023-03-31,2023-05-01,foster
Bea,2023-05-01,,kinship
Cal,2023-12-01,2023-11-15,foster
Zed,2023-04-01,,foster
"""
MOVES = "child_id,left\nAnn,2023-06-30\nBea,2022-01-01\n"

TABLES = """
[evaluation]
title = "Babies"
[tables.babies]
path = "babies.csv"
dates = { columns = ["born"] }
[tables.care]
path = "care.csv"
dates = { columns = ["start", "end"] }
[tables.moves]
path = "moves.csv"
dates = { columns = ["start"] }
columns = { left = "start" }
derive = { placement = "'moved_away'" }
"""
MEASURE = """
[[measures]]
name = "m"
table = "babies"
measure = "Share"
outcome = "team"
equals = "hub"
"""
FOLLOWED = """
[histories.followed]
history = "follow_up"
cohort = "babies"
events = ["care", "moves"]
person = "child_id"
origin = "born"
event_date = "start"
event = "placement"
competing = "moved_away"
until = 2024-03-01
"""
SPELLS = '[histories.spells]\nhistory = "spells"\ntable = "care"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in (("babies", BABIES), ("care", CARE), ("moves", MOVES)):
        (tmp_path / f"{name}.csv").write_text(content, encoding="utf-8")
    return tmp_path


def write(folder: Path, *parts: str) -> Path:
    path = folder / "evaluation.toml"
    path.write_text(TABLES + "".join(parts) + MEASURE, encoding="utf-8")
    return path


def evaluated(folder: Path, *parts: str) -> wf.Evaluation:
    return wf.evaluate(write(folder, *parts))


# ── What a history gives ──────────────────────────────────────────────────────────────


def test_spells_are_those_of_the_function(folder: Path) -> None:
    evaluation = evaluated(folder, SPELLS, 'keep = "placement"\nas_of = 2024-03-01\n')
    lived = evaluation.histories["spells"]
    own = wf.spells(evaluation.tables["care"].data(), keep="placement", as_of="2024-03-01")
    assert lived.data().equals(own.to_polars())
    assert lived.rows_in == {"care": 4}
    assert lived.rows_out == 2
    assert lived.rows.to_list() == [1, 2]
    assert lived.used == own.specification
    assert lived.source == "spells of care"
    assert lived.grouped.rows() == [("care", "end", "end before start", "row set aside", 1)]
    assert lived.problems.select("table", "row").rows() == [("care", 3)]


def test_a_cohort_is_followed_through_several_tables_put_one_under_another(folder: Path) -> None:
    lived = evaluated(folder, FOLLOWED).histories["followed"]
    assert lived.data().select("child_id", "time", "event", "competing").rows() == [
        ("Ann", 180, "moved_away", True),
        ("Bea", 30, "foster", False),
        ("Cal", 30, "foster", False),
        ("Dot", None, None, None),
    ]
    assert lived.rows_in == {"babies": 4, "care": 4, "moves": 2}
    assert lived.rows.to_list() == [1, 2, 3, 4]
    found = lived.problems.select("table", "row", "problem").rows()
    assert ("babies", 4, "no plausible origin") in found
    assert ("moves", 2, "before every origin of the person") in found


def test_rows_of_a_filtered_table_keep_their_number_in_the_source(folder: Path) -> None:
    text = TABLES.replace('[tables.care]\npath = "care.csv"', CARE_WITHOUT_BEA)
    (folder / "evaluation.toml").write_text(text + SPELLS + MEASURE, encoding="utf-8")
    lived = wf.evaluate(folder / "evaluation.toml").histories["spells"]
    assert lived.problems.select("table", "row").rows() == [("care", 3)]


CARE_WITHOUT_BEA = '[tables.care]\npath = "care.csv"\nwhere = "child_id <> \'Bea\'"'


def test_a_history_is_joined_then_derived_then_filtered_and_feeds_others(folder: Path) -> None:
    shaped = (
        'join = { table = "babies", on = "child_id", columns = ["born", "team"] }\n'
        'derive = { age = "start - born", young = "age < 28" }\nwhere = "age IS NOT NULL"\n'
    )
    again = '[histories.again]\nhistory = "repeats"\ntable = "spells"\nperson = "child_id"\ndate = "start"\n'
    asked = '[[measures]]\nname = "young"\ntable = "again"\nmeasure = "Share"\noutcome = "young"\n'
    # again stands before spells: the order of the file is not that of the work
    evaluation = evaluated(folder, again, SPELLS, shaped, asked)
    spells = evaluation.histories["spells"]
    assert spells.data().select("child_id", "age", "young").rows() == [("Bea", 30, False)]
    assert spells.filtered is not None
    assert (spells.filtered.kept, spells.filtered.left_out) == (1, 1)
    assert spells.derived == {"age": "start - born", "young": "age < 28"}
    assert evaluation.histories["again"].rows.to_list() == [1]
    assert evaluation.histories["again"].rows_in == {"spells": 1}
    assert evaluation.results["young"].to_polars()["value"].to_list() == [0.0]


def test_tables_may_join_a_history(folder: Path) -> None:
    text = TABLES.replace(
        "[tables.care]",
        'join = { table = "followed", on = "child_id", columns = ["time"] }\n[tables.care]',
    )
    joined = FOLLOWED.replace('cohort = "babies"', 'cohort = "others"')
    others = '[tables.others]\npath = "babies.csv"\ndates = { columns = ["born"] }\n'
    (folder / "evaluation.toml").write_text(text + others + joined + MEASURE, encoding="utf-8")
    evaluation = wf.evaluate(folder / "evaluation.toml")
    assert evaluation.tables["babies"].data()["time"].to_list() == [180, 30, 30, None]


def test_rules_by_name_are_changed_by_what_else_is_said(folder: Path) -> None:
    lines = 'rules = "scotland"\nas_of = 2024-03-01\nleave_out = { placement = ["kinship"] }\n'
    lived = evaluated(folder, SPELLS, lines).histories["spells"]
    rules = wf.SpellRules.named("scotland", as_of="2024-03-01", leave_out={"placement": "kinship"})
    own = wf.spells(pl.read_csv(folder / "care.csv", try_parse_dates=True), rules=rules)
    assert lived.data().equals(own.to_polars())
    assert lived.used["gap_days"] == 0


def test_every_history_of_the_package_can_be_named() -> None:
    known = known_histories()
    assert {"spells", "repeats", "follow_up"} <= set(known) <= set(histories.__all__)
    ours = set(History.__struct_fields__) - {"tables", "arguments"}
    for each in known.values():
        assert each.tables, f"{each.name} reads no table"
        assert not ours & set(each.keys), f"{each.name} has a key that means something else here"
    assert list(known["follow_up"].tables) == ["cohort", "events"]
    assert list(known["spells"].tables) == ["table"]
    assert known["follow_up"].required == [
        "cohort",
        "events",
        "person",
        "origin",
        "event_date",
        "until",
    ]


def test_an_optional_table_is_a_table_too(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    def plants(beds: Data, *, soil: Data | None = None, deep: int = 1) -> histories.History:  # type: ignore[name-defined]  # noqa: F821
        del soil, deep
        return wf.spells(beds)

    monkeypatch.setattr(histories, "plants", plants, raising=False)
    monkeypatch.setattr(histories, "__all__", [*histories.__all__, "plants"])
    known = known_histories()["plants"]
    assert list(known.tables) == ["table", "soil"]
    assert known.required == ["table"]
    lines = '[histories.p]\nhistory = "plants"\ntable = "care"\nsoil = "moves"\ndeep = 2\n'
    assert evaluated(folder, lines).histories["p"].rows_in == {"care": 4, "moves": 2}


def test_a_table_may_take_the_rows_of_another_or_of_a_history(folder: Path) -> None:
    foster = '[tables.foster]\nof = "care"\nwhere = "kind = \'foster\'"\ncolumns = { placement = "kind" }\n'
    second = '[tables.long]\nof = "spells"\nwhere = "days IS NULL"\n'
    evaluation = evaluated(folder, SPELLS, foster, second)
    assert evaluation.tables["foster"].data()["kind"].to_list() == ["foster"] * 3
    assert evaluation.tables["foster"].rows.to_list() == [1, 3, 4]
    assert evaluation.tables["foster"].source == "rows of care"
    assert evaluation.tables["foster"].rows_read == 4
    assert evaluation.tables["long"].data()["child_id"].to_list() == ["Bea", "Zed"]
    assert "rows of care" in evaluation.write(folder / "out").read_text(encoding="utf-8")
    with pytest.raises(wf.SpecError, match="of = 'cars' is not known; did you mean 'care'"):
        evaluated(folder, '[tables.foster]\nof = "cars"\n')
    with pytest.raises(wf.SpecError, match="give either path or dataset or of"):
        evaluated(folder, '[tables.foster]\nof = "care"\npath = "care.csv"\n')
    with pytest.raises(wf.SpecError, match="needs itself by way of foster → foster"):
        evaluated(folder, '[tables.foster]\nof = "foster"\n')


# ── What is refused ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('history = "spels"', r"no history 'spels'; did you mean 'spells'"),
        ('table = "care"', r"the key 'history' is missing; known here: .*follow_up.*spells"),
        ("history = 3", r"history: expected text"),
        ('history = "spells"', r"the key 'table' is missing; spells needs it"),
        ('history = "spells"\ntable = "cars"', r"table = 'cars' is not known; did you mean 'care'"),
        (
            'history = "spells"\nepisodes = "care"',
            r"write table = \"…\" for the table that it reads",
        ),
        ('history = "spells"\ntable = 3', r"table should be the name of a table"),
        ('history = "spells"\ntable = []', r"table should be the name of a table"),
        ('history = "spells"\ntable = ["care", "care"]', r"names a table twice: care, care"),
        ('history = "spells"\ntable = ["care", "h"]', r"needs itself by way of h → h"),
        (
            'history = "spells"\ntable = "care"\ngap_day = 3',
            r"unknown key 'gap_day'; did you mean 'gap_days'",
        ),
        (
            'history = "spells"\ntable = "care"\ngap_days = "3"',
            r"gap_days is '3'; expected a whole",
        ),
        (
            'history = "spells"\ntable = "care"\nstart = 3',
            r"start is 3; expected the name of a column",
        ),
        ('history = "spells"\ntable = "care"\nstart = "begin"', r"begin"),
        ('history = "spells"\ntable = "care"\nas_of = "soon"', r"as_of"),
        (
            'history = "spells"\ntable = "care"\nrules = "wales"',
            r"unknown rules 'wales'; known are",
        ),
        ('history = "spells"\ntable = "care"\nrules = 3', r"rules = 3 should be the name of rules"),
        (
            'history = "spells"\ntable = "care"\nwhere = "spel > 1"',
            r"where: .*did you mean 'spell'",
        ),
        (
            'history = "spells"\ntable = "care"\nderive = { days = "1" }',
            r"derive: days: the table has",
        ),
        ('history = "spells"\ntable = "care"\nderive = { a = 1 }', r"derive.*expected text"),
        (
            'history = "spells"\ntable = "care"\njoin = { table = "babes", on = "child_id", columns = [] }',
            r"table = 'babes' is not known; did you mean 'babies'",
        ),
        ('history = "repeats"\ntable = "care"\nperson = "child_id"', r"the key 'date' is missing"),
        (
            'history = "repeats"\ntable = ["care", "babies"]\nperson = "child_id"\ndate = "start"',
            r"problem",
        ),
    ],
)
def test_a_word_that_does_not_fit_names_the_file_the_history_and_the_key(
    folder: Path, lines: str, told: str
) -> None:
    if told == "problem":  # rows of babies have no start: not refused, but every one is told
        found = evaluated(folder, "[histories.h]\n", lines, "\n").histories["h"].problems
        assert found.filter(pl.col("table") == "babies").height == 4
        return
    with pytest.raises(wf.Error, match=told) as caught:
        evaluated(folder, "[histories.h]\n", lines, "\n")
    assert str(caught.value).startswith(f"{folder / 'evaluation.toml'}: [histories.h")


def test_histories_that_need_each_other_are_refused(folder: Path) -> None:
    one = '[histories.a]\nhistory = "spells"\ntable = "b"\n'
    other = '[histories.b]\nhistory = "spells"\ntable = "a"\n'
    with pytest.raises(wf.SpecError, match=r"\[histories\.a\]: needs itself by way of a → b → a"):
        evaluated(folder, one, other)


def test_a_history_is_not_called_like_a_table(folder: Path) -> None:
    with pytest.raises(wf.SpecError, match=r"\[histories\.care\]: a table has this name"):
        evaluated(folder, SPELLS.replace("histories.spells", "histories.care"))


@pytest.mark.parametrize("written", ["histories = 3\n", "[[histories]]\n", "[histories]\nh = 3\n"])
def test_histories_that_are_no_tables_are_refused(folder: Path, written: str) -> None:
    path = folder / "evaluation.toml"
    text = written + TABLES if written.startswith("histories") else TABLES + written
    path.write_text(text + MEASURE, encoding="utf-8")
    with pytest.raises(wf.SpecError, match="should"):
        read(path)


def test_stacked_tables_whose_columns_differ_in_kind_are_refused(folder: Path) -> None:
    text = TABLES.replace('dates = { columns = ["start"] }', "") + FOLLOWED + MEASURE
    (folder / "evaluation.toml").write_text(text, encoding="utf-8")
    told = "events: 'start' holds dates in table 'care' and text in table 'moves'"
    with pytest.raises(wf.SpecError, match=told):
        wf.evaluate(folder / "evaluation.toml")


def test_text_where_dates_belong_is_explained(folder: Path) -> None:
    text = TABLES.replace('dates = { columns = ["start", "end"] }', "")
    (folder / "evaluation.toml").write_text(text + SPELLS + MEASURE, encoding="utf-8")
    with pytest.raises(wf.Error, match=r"text until dates.* of \[tables\.care\] name them"):
        wf.evaluate(folder / "evaluation.toml")


VALUES = [
    "3",
    "1.5",
    "true",
    '"x"',
    "[]",
    "[3]",
    "{}",
    "{ a = 3 }",
    "2023-01-01",
    "2023-01-01T10:00:00",
    "10:00:00",
]


@pytest.mark.parametrize("name", sorted(known_histories()))
def test_no_value_of_any_argument_is_a_crash(folder: Path, name: str) -> None:
    """Whatever a key is given, the answer is a history or an error that names the file."""
    known = known_histories()[name]
    columns = {
        "person": '"child_id"',
        "origin": '"born"',
        "date": '"start"',
        "event_date": '"start"',
    }
    base = {key: '"care"' for key in known.tables if key in known.required}
    base |= {key: columns.get(key, '"start"') for key in known.arguments if key in known.required}
    base |= {"cohort": '"babies"'} if "cohort" in known.tables else {}
    base |= {"until": "2024-01-01"} if "until" in known.arguments else {}
    for key in known.arguments:
        for value in VALUES:
            lines = "".join(f"{k} = {v}\n" for k, v in (base | {key: value}).items())
            try:
                evaluated(folder, f'[histories.h]\nhistory = "{name}"\n{lines}')
            except wf.Error as error:
                assert "[histories.h]" in str(error), f"{name}: {key} = {value}: {error}"  # noqa: PT017


# ── Derived columns ───────────────────────────────────────────────────────────────────


def derived(folder: Path, expression: str, name: str = "new") -> list[Any]:
    text = TABLES.replace(
        "[tables.care]", f"derive = {{ {name} = '''{expression}''' }}\n[tables.care]"
    )
    (folder / "evaluation.toml").write_text(text + MEASURE, encoding="utf-8")
    return wf.evaluate(folder / "evaluation.toml").tables["babies"].data()[name].to_list()


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("born - DATE '2023-01-01'", [0, 59, 304, None]),
        ("EXTRACT(YEAR FROM born)", [2023, 2023, 2023, None]),
        ("born IS NULL", [False, False, False, True]),
        ("born >= DATE '2023-03-01'", [False, True, True, None]),
        ("CASE WHEN team = 'hub' THEN 1 ELSE 0 END", [1, 1, 0, 0]),
        ("'x'", ["x"] * 4),
        (
            "born + INTERVAL '1 day'",
            [dt.date(2023, 1, 2), dt.date(2023, 3, 2), dt.date(2023, 11, 2), None],
        ),
        ("COALESCE(team, 'none')", ["hub", "hub", "local", "local"]),
    ],
)
def test_a_column_may_be_derived(folder: Path, expression: str, values: list[Any]) -> None:
    assert derived(folder, expression) == values


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("bron IS NULL", "no column 'bron'; did you mean 'born'"),
        ("born -", "SQL|sql|expression"),
        ("CAST(born AS TIMESTAMP) - CAST('2023-01-01 10:30:00' AS TIMESTAMP)", "parts of days"),
        ("end - born", "stands in double quotes"),
    ],
)
def test_an_expression_that_cannot_be_is_refused(folder: Path, expression: str, told: str) -> None:
    with pytest.raises(wf.Error, match=rf"\[tables\.babies\]: derive: new: (.|\n)*({told})"):
        derived(folder, expression)


# ── What is told ──────────────────────────────────────────────────────────────────────


def test_the_page_and_the_provenance_say_what_each_history_did(folder: Path) -> None:
    evaluation = evaluated(folder, SPELLS, 'text = "Spells <b>."\n', FOLLOWED)
    page = evaluation.write(folder / "out")
    told = " ".join(page.read_text(encoding="utf-8").split())
    assert "Follow up of babies, care and moves, with" in told
    for words in (
        "<h3>Histories</h3>",
        "<p>Spells &lt;b&gt;.</p>",
        "end before start",
        "row set aside",
        "results/problems--spells.csv",
        "before every origin of the person",
        "Events of people who are not in the cohort: 1.",
    ):
        assert words in told, words
    written = pl.read_csv(folder / "out" / "results" / "problems--spells.csv")
    assert written.select("table", "row", "problem").rows() == [("care", 3, "end before start")]
    account = json.loads((folder / "out" / "provenance.json").read_text(encoding="utf-8"))
    spells = account["histories"]["spells"]
    assert (spells["history"], spells["rows_in"], spells["rows_out"]) == ("spells", {"care": 4}, 2)
    assert spells["problems"] == evaluation.histories["spells"].grouped.to_dicts()
    assert account["tables"]["moves"]["derived"] == {"placement": "'moved_away'"}


def test_names_that_would_be_markup_stay_names(folder: Path) -> None:
    name = "<script>alert(1)</script>, a & b"
    lines = SPELLS.replace("[histories.spells]", f'[histories."{name}"]')
    page = evaluated(folder, lines).write(folder / "out")
    assert "<script" not in page.read_text(encoding="utf-8")
    assert [path.name for path in (folder / "out" / "results").glob("problems*")] == [
        "problems---script-alert-1-script-a-b.csv"
    ]


def test_a_table_without_rows_has_a_history_without_rows(folder: Path) -> None:
    (folder / "care.csv").write_text("child_id,start,end,placement\n", encoding="utf-8")
    lived = evaluated(folder, SPELLS).histories["spells"]
    assert (lived.rows_out, lived.problems.height) == (0, 0)
    assert lived.grouped.is_empty()
