"""The section about the human study."""

from __future__ import annotations

from pydantic import Field, PositiveInt

from cross2stra.configuration.section import Section


class Ratings(Section):
    """Forms for raters, and what they saved (Table 4, Figure 8)."""

    transfer: str = Field("en-zh_aic", description="Transfer whose captions are rated, by models of the first seed.")
    pictures: PositiveInt = Field(100, description="Test pictures, drawn by evaluation.seed.")
    raters: PositiveInt = Field(10, description="Forms, each in an order of its own.")
    folder: str = Field(
        "",
        description="Folder of the CSV files that raters saved, and of their forms' key.csv; empty: no rating was collected.",
    )
