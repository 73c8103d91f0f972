"""Bank holidays of Scotland and of England and Wales, by the PyPI package `holidays`.

    pip install holidays==0.109
    python make_holidays.py

Weekdays only: where a holiday falls on a weekend, its substitute day is in the list.
"""

import csv
from pathlib import Path

import holidays

NATIONS = {"scotland": "SCT", "england": "ENG"}
BY = f"holidays {holidays.__version__}: country_holidays('GB', observed=True)"

with (Path(__file__).parent / "returns" / "holidays.csv").open("w", newline="") as file:
    table = csv.writer(file, lineterminator="\n")
    table.writerow(["nation", "date", "name", "computed_by"])
    for nation, subdivision in NATIONS.items():
        days = holidays.country_holidays("GB", subdiv=subdivision, years=range(2000, 2036))
        for date, name in sorted(days.items()):
            if date.year in range(2000, 2036) and date.weekday() < 5:
                table.writerow([nation, date, name, BY])
