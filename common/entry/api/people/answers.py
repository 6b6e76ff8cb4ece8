"""Answers that the routes of this package share."""

from typing import Literal

from pydantic import BaseModel


class Done(BaseModel):
    """Done; the app compares the word, in this spelling."""

    status: Literal["ok"] = "ok"
