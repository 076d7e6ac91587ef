"""Cells of CSV files: text that a spreadsheet would calculate."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from zimg_kernel.experiments.csv_cells import cell


@pytest.mark.parametrize("value", ["=1+1", "+1", "-a", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_formula_is_text(value: str) -> None:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([cell(value)])
    assert next(csv.reader(io.StringIO(buffer.getvalue(), newline=""))) == [f"'{value}"]


@pytest.mark.parametrize("value", ["a red circle", "", -1, -1.5, None, True, "1=1"])
def test_all_else_stays_as_it_is(value: Any) -> None:
    assert cell(value) is value
