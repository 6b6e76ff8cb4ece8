"""What a prompt makes of a dialogue that is too long for one question: of its parts, then of what that came to."""

from dataclasses import replace

from common.llm.parts import DEFAULT_LIMITS, Limits, parts_of, together
from common.llm.ports import Dialogue, Summarizer, Turn
from common.llm.summarizing import ExtractiveSummarizer


def summarize_whole(summarizer: Summarizer, dialogue: Dialogue, *, prompt: str, limits: Limits = DEFAULT_LIMITS) -> str:
    """As the summarizer does, however long the dialogue is.

    Raises:
        ProviderError: the model did not answer, or not in time.
    """
    parts = [] if isinstance(summarizer, ExtractiveSummarizer) else parts_of(dialogue, limits.tokens)
    if len(parts) <= 1:
        return summarizer.summarize(dialogue, prompt=prompt)
    with together(limits) as work:
        notes = work.each(lambda part: summarizer.summarize(part, prompt=prompt), parts)
    turns = [
        Turn(speaker=f"Part {number}", text=note, start=part.turns[0].start, end=part.turns[-1].end)
        for number, (part, note) in enumerate(zip(parts, notes, strict=True), start=1)
    ]
    return summarizer.summarize(replace(dialogue, turns=tuple(turns)), prompt=prompt)
