"""A tool for what stands in the files of the chat."""

from pydantic import Field

from common.chat.reading import text_in
from common.chat.tools.base import Arguments, Output, Scope, tool
from common.llm.words import content_words

NONE_FOUND = "Nothing about that stands in the files."
_PASSAGE = 1200
"""Characters."""


class _Search(Arguments):
    query: str = Field(min_length=1, max_length=2000, pattern=r"\S", description="What to look for, in plain words")
    limit: int = Field(5, ge=1, le=20)


@tool(_Search, doing="Reading your files")
def search_files_tool(scope: Scope, asked: _Search, key: str) -> Output:
    """Find passages about something in the files that the user has sent into this chat."""
    del key
    wanted = set(content_words(asked.query))
    ranked = []
    for file in scope.files:
        text = text_in(file, uid=scope.uid) or ""
        for at in range(0, len(text), _PASSAGE):
            passage = text[at : at + _PASSAGE + 200]
            if (shared := len(wanted & set(content_words(passage)))) > 0:
                ranked.append((-shared, file.name, passage))
    ranked.sort(key=lambda each: each[0])
    return Output("\n\n".join(f"{name}:\n{passage}" for _, name, passage in ranked[: asked.limit]) or NONE_FOUND)
