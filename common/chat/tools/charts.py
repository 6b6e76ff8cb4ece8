"""A tool that draws: the client does, from what is put onto the message."""

from typing import Literal

from pydantic import Field, FiniteFloat, model_validator

from common.chat.tools.base import Arguments, Output, Scope, tool


class _Series(Arguments):
    name: str = Field(max_length=100)
    values: list[FiniteFloat] = Field(min_length=1, max_length=200)


class _Chart(Arguments):
    type: Literal["bar", "line", "pie"]
    title: str = Field(max_length=200)
    labels: list[str] = Field(min_length=1, max_length=200, description="One per value")
    series: list[_Series] = Field(min_length=1, max_length=10)

    @model_validator(mode="after")
    def _fits(self) -> "_Chart":
        if any(len(each.values) != len(self.labels) for each in self.series):
            raise ValueError("every series has one value per label")
        return self


@tool(_Chart, doing="Drawing a chart")
def create_chart_tool(scope: Scope, asked: _Chart, key: str) -> Output:
    """Show a chart with the answer, of numbers that you have; say in words what it shows, too."""
    del scope, key
    return Output("The chart is shown with your answer.", chart=asked.model_dump())
