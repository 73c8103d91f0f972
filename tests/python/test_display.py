"""What a reader sees of a result: every number in words, nothing hidden, nothing that runs."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from html.parser import HTMLParser

import pyarrow as pa
import pytest

import fabricated
from wholefamily import display, wording


class Reader(HTMLParser):
    """Reads a fragment back: its tags, its cells' texts and its notes."""

    def __init__(self, fragment: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.scopes: list[str | None] = []
        self.rows: list[list[str]] = []
        self.notes: list[str] = []
        self.caption = ""
        self.muted: list[str] = []
        self._inside = ""
        self._is_muted = False
        self.feed(fragment)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag == "th":
            self.scopes.append(dict(attrs).get("scope"))
        if tag in ("th", "td"):
            self.rows[-1].append("")
        if tag == "li":
            self.notes.append("")
        self._is_muted = "wf-muted" in (dict(attrs).get("class") or "")
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside in ("th", "td"):
            self.rows[-1][-1] += data
            if self._is_muted:
                self.muted.append(data)
        elif self._inside in ("li", "strong"):
            self.notes[-1] += data
        elif self._inside in ("caption", "span"):
            self.caption += data


def test_a_share_is_a_percentage_with_its_interval_and_its_base() -> None:
    page = Reader(display.table_html(fabricated.share_by_locality()))
    assert page.caption == "Share of referrals answered by hub, by locality (95% interval)"
    assert page.rows[0] == ["Locality", "Share", "95% interval", "Base"]
    assert page.rows[1] == ["Cambuslang", "61.0%", "58.2% to 63.7%", "732 of 1,200"]
    assert page.scopes == ["col"] * 4 + ["row"] * 5


def test_an_undefined_value_is_its_reason_and_never_a_number() -> None:
    fragment = display.table_html(fabricated.share_by_locality())
    page = Reader(fragment)
    assert page.rows[5] == ["Rural", "no value", "no rows", "0 of 0"]
    assert page.muted == ["no value", "no rows"]
    assert "nan" not in fragment.lower()
    assert "None" not in fragment


def test_a_null_key_is_not_recorded_and_muted() -> None:
    page = Reader(display.table_html(fabricated.share_by_locality(last_is_null=True)))
    assert page.rows[4][0] == "not recorded"
    assert "not recorded" in page.muted


def test_the_notes_say_what_was_used_what_was_not_and_by_what() -> None:
    notes = Reader(display.table_html(fabricated.share_by_locality())).notes
    assert notes == [
        "95% interval; method: Wilson.",
        "Rows used: 1,599. Rows dropped: 3.",
        "3 rows in team: no team given.",
        "Read in two batches.",
        "wholefamily 0.1.0; fingerprint of the data 0123456789ab.",
    ]


def test_rows_that_lines_share_are_not_added_up() -> None:
    text = display.table_text(fabricated.survey())
    assert "Rows used: 8 on each line. Rows dropped: 0 on each line." in text


def test_a_column_is_named_as_it_is_where_a_note_begins_with_it() -> None:
    rows = [fabricated.row(0.5, 0.4, 0.6, (1, 2))]
    notes = ["previously_known: 2 of 2 strata hold one group only", "intervals are a rough guide"]
    result = fabricated.estimates({"previously_known": ["yes"]}, rows, notes=notes)
    assert "previously_known: 2 of 2 strata hold one group only." in display.sheet(result).notes
    assert "Intervals are a rough guide." in display.sheet(result).notes


def test_a_very_long_name_is_cut_and_says_so() -> None:
    assert wording.key("x" * 10_000) == f"{'x' * 199}… (10,000 characters)"
    assert wording.key("x" * 200) == "x" * 200


def test_what_is_no_character_is_shown_as_an_escape() -> None:
    assert (
        wording.printable("a\ufffe\uffff\ufdd0\x00\u202eb") == "a\\ufffe\\uffff\\ufdd0\\x00\\u202eb"
    )


def test_periods_are_named_by_their_kind() -> None:
    page = Reader(display.table_html(fabricated.share_by_locality_and_quarter()))
    assert page.rows[0][1] == "Quarter"
    assert page.rows[1][1] == "Q3 2022 (Jul–Sep)"


def test_a_count_has_no_interval_column_and_says_why_once() -> None:
    fragment = display.table_html(fabricated.looked_after())
    page = Reader(fragment)
    assert page.rows == [
        ["Date", "Children"],
        ["29 February 2016", "1,381"],
        ["29 February 2020", "988"],
        ["28 February 2022", "751"],
    ]
    assert fragment.count("omplete count has no sampling interval") == 1


def test_a_change_has_a_true_minus_and_both_counts() -> None:
    page = Reader(display.table_html(fabricated.looked_after_change()))
    assert page.rows[2][2:] == ["−45.6%", "−49.0% to −42.0%", "1,381 to 751"]


def test_a_comparison_names_both_groups_and_shows_both_bases() -> None:
    page = Reader(display.table_html(fabricated.comparison()))
    assert page.caption.endswith("alternative care: hub compared with local_office (95% interval)")
    assert page.rows[1] == [
        "Difference: hub minus local_office",
        "−58.0 percentage points",
        "−78.2 to −23.3",
        "3 of 25 against 7 of 10",
        "p = 0.002",
        "Newcombe",
    ]
    assert [row[1] for row in page.rows[2:]] == ["0.17", "0.058"]
    assert page.rows[2][0] == "Ratio: hub to local_office"


def test_strata_are_summed_in_the_base_of_the_reference() -> None:
    source = fabricated.estimates(
        {"team": ["hub", "office", "office"], "known": [True, False, True]},
        [
            fabricated.row(0.5, 0.1, 0.9, (1, 2)),
            fabricated.row(0.5, 0.1, 0.9, (3, 6)),
            fabricated.row(0.25, 0.1, 0.9, (1, 4)),
        ],
    )
    request = {"column": "team", "group": "hub", "reference": "office", "within": "known"}
    pooled = fabricated.row(0.2, 0, 0.4, (1, 2), unit="difference in share", p_value=None)
    contrast = fabricated.estimates(
        {"contrast": ["difference"]}, [pooled], comparison=request, compared=source
    )
    content = display.sheet(contrast)
    assert "1 of 2 against 4 of 10" in [cell.text for cell in content.rows[0]]
    assert ", within known" in content.caption


def test_a_single_number_still_has_a_row_header() -> None:
    page = Reader(display.table_html(fabricated.single()))
    assert page.rows[1] == ["All rows", "61.0%", "59.9% to 62.1%", "4,270 of 7,000"]
    assert page.scopes[-1] == "row"


def test_an_empty_result_says_so() -> None:
    assert "No rows to show." in display.table_html(fabricated.nothing())
    assert "No rows to show." in display.table_text(fabricated.nothing())


def test_a_long_table_is_cut_and_says_so_and_is_whole_on_request() -> None:
    many = fabricated.many(70)
    short, whole = (Reader(display.table_html(many, max_rows=n)) for n in (60, None))
    assert len(short.rows) == 61
    assert short.notes[0] == "The first 60 of 70 rows are shown."
    assert len(whole.rows) == 71
    assert "Rows used: 10,500. Rows dropped: 0." in short.notes


def test_a_hostile_name_is_only_a_name() -> None:
    hostile = fabricated.hostile()
    fragment = display.table_html(hostile)
    page = Reader(fragment)
    assert not {"script", "img", "i", "u", "b", "s"} & set(page.tags)
    assert fragment.count("<style>") == fragment.count("</style>") == 1
    assert [row[0] for row in page.rows[1:]] == [
        "<script>alert(1)</script>",
        "a.b[c]:d'e\"f\\g",
        "=cmd|' /C calc'!A0",
        "{{ 7*7 }} & <b>",
        "line\\nbreak\\x1b[31mred",
        "not recorded",
    ]
    assert "2 rows in <i>: <u>bad</u>." in page.notes
    text = display.table_text(hostile)
    assert "\x1b" not in text
    assert "line\\nbreak" in text


def test_a_hostile_title_is_only_a_title() -> None:
    fragment = display.table_html(fabricated.single(), title='"><script>x</script>')
    assert "<script>" not in fragment
    assert Reader(fragment).caption == '"><script>x</script>'


def test_the_style_can_be_given_once_for_a_page() -> None:
    single = fabricated.single()
    assert "<style>" not in display.table_html(single, style=False)
    style = display.table_style()
    assert style in display.table_html(single)
    assert all(
        line.startswith((".wf-estimates", "@media print { .wf-estimates"))
        for line in style.splitlines()
    )


def test_the_scrolling_part_can_be_reached_and_has_a_name() -> None:
    fragment = display.table_html(fabricated.single())
    assert 'role="group" tabindex="0" aria-label="Share of referrals answered by hub' in fragment


def test_text_columns_are_aligned() -> None:
    lines = display.table_text(fabricated.share_by_locality()).splitlines()
    assert lines[2:6] == [
        "Locality          Share     95% interval  Base",
        "─────────────  ────────  ───────────────  ────────────",
        "Cambuslang        61.0%   58.2% to 63.7%  732 of 1,200",
        "East Kilbride     50.0%   40.0% to 60.0%  45 of 90",
    ]


def test_wide_and_combining_letters_keep_their_columns() -> None:
    names = ["東京", "e\u0301", "ab"]
    rows = [fabricated.row(0.5, 0.4, 0.6, (1, 2))] * 3
    lines = display.table_text(fabricated.estimates({"k": names}, rows)).splitlines()[4:7]
    assert lines[0].startswith("東京  50.0%")
    assert lines[1].startswith("e\u0301     50.0%")
    assert lines[2].startswith("ab    50.0%")


def test_dates_beyond_the_calendar_are_shown_and_not_an_error() -> None:
    days = pa.array([4_000_000, -900_000, None], pa.int32()).cast(pa.date32())
    rows = [fabricated.row(1.0, unit="children", base=(1, None))] * 3
    result = fabricated.estimates({"date": days}, rows)
    names = [row[0].text for row in display.sheet(result).rows]
    assert names == ["+12921-08-18", "-0495-11-20", "not recorded"]


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0, "0.0%"),
        (1.0, "100.0%"),
        (0.61, "61.0%"),
        (0.0003, "0.03%"),
        (0.99996, "99.996%"),
        (-0.24, "−24.0%"),
        (-0.000001, "−0.0001%"),
    ],
)
def test_percentages_never_round_to_nought_or_all(share: float, words: str) -> None:
    assert wording.percentage(share) == words


@pytest.mark.parametrize(
    ("number", "unit", "words"),
    [
        (1234567.0, "children", "1,234,567"),
        (-12.0, "children", "−12"),
        (14.23, "per 1,000", "14.2 per 1,000"),
        (0.00021, "per 1,000", "0.00021 per 1,000"),
        (123456.7, "per 1,000", "123,457 per 1,000"),
        (0.17142, "ratio", "0.17"),
        (0.05, "proportional change", "+5.0%"),
        (-0.58, "difference in share", "−58.0 percentage points"),
        (0.1, "difference in share", "+10.0 percentage points"),
        (0.0, "difference in share", "0.0 percentage points"),
        (float("nan"), "share", "no value"),
        (None, "share", "no value"),
        (float("inf"), "ratio", "infinity"),
    ],
)
def test_values_are_written_in_the_form_of_their_unit(
    number: float | None, unit: str, words: str
) -> None:
    assert wording.value(number, unit) == words


@pytest.mark.parametrize(
    ("every", "start", "words"),
    [
        ("day", dt.date(2016, 2, 29), "29 February 2016"),
        ("week", dt.date(2022, 9, 5), "week of 5 September 2022"),
        ("month", dt.date(2022, 9, 1), "Sep 2022"),
        ("quarter", dt.date(2022, 10, 1), "Q4 2022 (Oct–Dec)"),
        ("year", dt.date(2022, 1, 1), "2022"),
        ("financial_year", dt.date(2022, 4, 1), "2022/23"),
        ("school_year", dt.date(1999, 8, 1), "1999/00"),
        ("month", None, "not recorded"),
    ],
)
def test_periods_in_words(every: str, start: dt.date | None, words: str) -> None:
    assert wording.period(start, every) == words


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (0.0018, "p = 0.002"),
        (0.00099, "p < 0.001"),
        (0.049, "p = 0.049"),
        (0.31, "p = 0.31"),
        (1.0, "p = 1"),
        (None, ""),
    ],
)
def test_p_values_in_words(p: float | None, words: str) -> None:
    assert wording.p_value(p) == words


def test_an_unlisted_measure_is_named_by_its_tag() -> None:
    assert wording.quantity("waiting_time", {}) == "Waiting time"
    assert wording.quantity("referral_share", {}) == "Referral share"


def test_methods_are_written_as_their_authors_are() -> None:
    names = ("wilson", "clopper-pearson", "mid-p", "phe", "mantel-haenszel", "overlap-log", None)
    written = ["Wilson", "Clopper–Pearson", "mid-p", "PHE", "Mantel–Haenszel", "overlap-log", ""]
    assert [wording.method(name) for name in names] == written


def test_display_loads_nothing_heavy() -> None:
    code = (
        "import sys, wholefamily.display, wholefamily.plot; "
        "print([m for m in ('polars', 'altair', 'jinja2', 'pyarrow', 'rich') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
