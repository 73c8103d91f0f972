"""The page: self-contained, escaped, in order, and in plain words."""

from __future__ import annotations

import importlib.util
import itertools
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import fabricated
from wholefamily import headline, report
from wholefamily.evaluation import Answer, Comparison, Evaluation, Prepared
from wholefamily.evaluation.filters import ROW, Filtered
from wholefamily.evaluation.specification import (
    Compare,
    Heading,
    Question,
    Specification,
    Table,
)
from wholefamily.result import Estimates

VOID = {"meta", "link", "br", "img", "hr", "input"}
HOSTILE = "<script>alert('x')</script> & \"quoted\""


def answer(estimates: Estimates, name: str = "m", **fields: Any) -> Answer:
    overall = fields.pop("overall", None)
    comparisons = fields.pop("comparisons", [])
    question = Question(name=name, table="referrals", measure="ReferralShare", **fields)
    return Answer(question, estimates, 10, overall=overall, comparisons=comparisons)


def evaluation(*answers: Answer, **heading: Any) -> Evaluation:
    frame = pl.DataFrame({ROW: [1, 2]}, schema={ROW: pl.UInt32})
    aside = pl.DataFrame(
        {"row": [3], "column": ["start"], "value": [HOSTILE], "expected": ["a date"]}
    )
    prepared = Prepared(
        "referrals",
        HOSTILE,
        frame,
        3,
        sha256="ab" * 32,
        filtered=Filtered("x < '<b>'", 2, 1, 0),
        notes=[f"Note {HOSTILE}"],
        set_aside=aside,
    )
    questions = [each.question for each in answers]
    heading = {"title": f"Title {HOSTILE}"} | heading
    specification = Specification(
        Path("evaluation.toml"),
        HOSTILE,
        "cd" * 32,
        Heading(**heading),
        {"referrals": Table(path="r.csv")},
        questions,
        {},
    )
    return Evaluation(specification, {"referrals": prepared}, list(answers))


class Outline(HTMLParser):
    """Reads a page the way a browser would, and complains of tags that do not close."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, *names: str) -> list[tuple[str, dict[str, str | None]]]:
        return [(tag, attributes) for tag, attributes in self.tags if tag in names]


@pytest.fixture
def full() -> str:
    compare = Compare(column="team", group="hub", reference="local_office")
    comparison = Comparison("m--hub", compare, fabricated.comparison())
    return report.page(
        evaluation(
            answer(fabricated.share_by_locality(), "a", text="One.\n\nTwo.", published="61%"),
            answer(fabricated.share_by_locality_and_quarter(), "b", overall=fabricated.single()),
            answer(fabricated.hostile(), "c", title=HOSTILE, comparisons=[comparison]),
            answer(fabricated.nothing(), "d", plot=True),
            answer(fabricated.looked_after(), "e"),
            answer(fabricated.survey(), "f"),
            notice="Mind <this>.",
            description="First.\n\nSecond.",
        )
    )


def test_nothing_is_fetched_and_nothing_runs(full: str) -> None:
    outline = Outline(full)
    assert not outline.all("script", "link", "img", "iframe", "object", "embed", "base", "form")
    for _, attributes in outline.tags:
        assert not any(name.startswith("on") for name in attributes)
        for name in ("src", "href", "xlink:href", "action"):
            target = attributes.get(name) or "#"
            assert target.startswith(("#", "results/", "provenance.json")), target
    assert not re.search(r"@import|url\((?!#)", full)


def test_every_name_is_only_a_name(full: str) -> None:
    assert "<script" not in full
    assert "&lt;script&gt;" in full
    assert "<b>" not in full
    assert "\x1b" not in full


def test_nothing_on_the_page_hides_or_turns_direction() -> None:
    whole = report.page(evaluation(title="T \u202e \x07", description="\u2066 first"))
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08]", whole)
    assert "T \\u202e \\x07" in whole


def test_it_can_be_read_without_eyes_and_without_a_mouse(full: str) -> None:
    outline = Outline(full)
    assert outline.all("html")[0][1]["lang"] == "en-GB"
    assert len(outline.all("h1")) == 1
    levels = [int(tag[1]) for tag, _ in outline.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    for landmark in ("header", "main", "nav", "footer"):
        assert outline.all(landmark)
    ids = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in outline.tags:
        for name in ("href", "aria-labelledby"):
            target = attributes.get(name)
            if target and (name == "aria-labelledby" or target.startswith("#")):
                assert target.lstrip("#") in ids
    drawings = [attributes for tag, attributes in outline.tags if tag == "svg"]
    assert drawings
    assert all(each["role"] == "img" and each["aria-label"] for each in drawings)
    assert len(outline.all("table")) == len(outline.all("caption"))
    assert all(attributes.get("scope") for _, attributes in outline.all("th"))
    regions = [attributes for _, attributes in outline.tags if attributes.get("role") == "region"]
    assert all(each["tabindex"] == "0" and each["aria-label"] for each in regions)


def test_the_notices_stand_on_its_face(full: str) -> None:
    face = full[: full.index("<main")]
    assert "Mind &lt;this&gt;." in face
    assert "not for publication" in face
    assert "ynthetic" not in face
    made = evaluation(answer(fabricated.single()))
    made.tables["referrals"].synthetic = True
    assert "Synthetic" in report.page(made).partition("<main")[0]


def test_what_was_left_out_is_listed(full: str) -> None:
    made = full[full.index('id="made"') :]
    assert "1 row was set aside" in made
    assert "results/set-aside--referrals.csv" in made
    assert "2 of 3 rows kept by" in made
    assert "ab" * 32 in made
    assert "cd" * 32 in made


def test_the_page_is_the_same_each_time() -> None:
    made = evaluation(answer(fabricated.share_by_locality()))
    assert report.page(made) == report.page(made)


def test_an_empty_result_has_a_page() -> None:
    page = report.page(evaluation(answer(fabricated.nothing(), plot=True)))
    assert "There are no rows to answer from." in page
    assert "There is nothing to draw." in page


def test_without_the_plotting_packages_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec",
        lambda name, *other: None if name in ("altair", "vl_convert") else found(name, *other),
    )
    page = report.page(evaluation(answer(fabricated.share_by_locality())))
    assert "charts need altair" in page
    assert "<svg" not in page


def test_a_long_result_shows_its_first_rows_and_says_so() -> None:
    page = report.page(evaluation(answer(fabricated.many(500))))
    assert page.count("<tr>") < 250
    assert "Show the table, 500 rows" in page
    assert "<svg" not in page


def test_the_epoch_sets_the_time_and_a_wrong_one_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = evaluation(answer(fabricated.single()))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert report.provenance(made, None)["made"] == "1970-01-01T00:00:00Z"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(ValueError, match="whole number of seconds"):
        report.provenance(made, None)


# ── Headlines ─────────────────────────────────────────────────────────────────────────


def test_one_share_is_one_sentence() -> None:
    lines = headline.of_answer(answer(fabricated.single()))
    assert lines == ["61.0% (95% interval 59.9% to 62.1%; 4,270 of 7,000 referrals)"]


def test_few_groups_are_each_said_and_then_all_together() -> None:
    lines = headline.of_answer(answer(fabricated.share_by_locality(), overall=fabricated.single()))
    assert lines[0] == "Cambuslang: 61.0% (95% interval 58.2% to 63.7%; 732 of 1,200 referrals)"
    assert lines[4] == "Rural: no value: no rows"
    assert lines[5].startswith("Overall: 61.0%")


def test_many_groups_are_said_by_their_range() -> None:
    lines = headline.of_answer(
        answer(fabricated.share_by_locality_and_quarter(), overall=fabricated.single())
    )
    assert len(lines) == 2
    assert re.fullmatch(
        r"By locality and quarter: from \S+% \(.+, Q\d 202\d\) to \S+% \(.+, Q\d 202\d\)\.",
        lines[1],
    )


def test_counts_of_children_have_no_interval() -> None:
    assert headline.of_answer(answer(fabricated.looked_after())) == [
        "29 February 2016: 1,381 children",
        "29 February 2020: 988 children",
        "28 February 2022: 751 children",
    ]


def test_a_survey_says_the_most_frequent_answer() -> None:
    lines = headline.of_answer(answer(fabricated.survey()))
    assert lines[0].startswith(
        "How do you feel about the help that your family had?: better, 62.5% (95% interval"
    )


def test_a_comparison_says_each_contrast_or_why_there_is_none() -> None:
    compare = Compare(column="team", group="hub", reference="local_office")
    lines = headline.of_comparison(Comparison("m", compare, fabricated.comparison()))
    assert "−58.0 percentage points (95% interval" in lines[0]
    assert "p = 0.002" in lines[0]
    none = fabricated.row(None, reason="no stratum holds both groups", p_value=None)
    empty = fabricated.estimates(
        {"contrast": ["difference", "ratio"]},
        [none, none],
        comparison={"group": "hub", "reference": "local"},
    )
    assert headline.of_comparison(Comparison("m", compare, empty)) == [
        "No comparison can be made: no stratum holds both groups."
    ]
