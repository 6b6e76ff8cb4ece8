"""Whether somebody speaks in a recording for so long that a word was to be expected."""

from itertools import groupby

from common.speech.activity import SOMEBODY_S, may_hold_words
from common.speech.gate import AROUND_S, Passage, new_gate
from common.speech.transcriber import BYTES_PER_SECOND


def somebody_speaks(pcm: bytes) -> bool:
    """Judged by the voice model, which is loaded only where there is something loud enough to be a voice.

    Args:
        pcm: 16 kHz, 16 bit, mono.
    """
    if not may_hold_words(pcm):
        return False
    gate = new_gate()
    pieces = [
        piece
        for at in range(0, len(pcm), BYTES_PER_SECOND)
        for piece in gate.feed(at / BYTES_PER_SECOND, pcm[at : at + BYTES_PER_SECOND])
    ]
    voiced = 0.0
    for passes, together in groupby([*pieces, *gate.flush()], key=lambda piece: isinstance(piece, Passage)):
        if passes:
            whole = list(together)
            voiced += max(0.0, whole[-1].end - whole[0].begin - AROUND_S)
    return voiced >= SOMEBODY_S
