"""Looking through a file for speech, an hour of it at a time and in the memory of a minute."""

from typing import BinaryIO

from common.core.errors import InvalidInputError
from common.models.offline import OfflineFile
from common.speech.codecs import frame_decoder
from common.speech.framed import FrameReader
from common.speech.stretches import StretchFinder
from common.speech.whole_samples import whole_frames

WINDOW_S = 60.0
STEP_S = 3600.0
LONGEST_S = 7 * 24 * 3600.0
"""No battery lasts longer."""
_MARK_S = 1.0
_AT_ONCE = 100
"""Frames that are decoded together; in a damaged file they may be large."""

EMPTY = "the file is empty"
SILENT = "nothing is said in it"
IN_PLACES = "it is damaged in places; the rest is used"


def look_through(file: OfflineFile, stream: BinaryIO) -> OfflineFile:
    """The file after the next hour of it, or what there is, was looked through; its cursor says whether that is all.

    Args:
        file: with a cursor that says where to begin.
        stream: its bytes.

    Raises:
        InvalidInputError: there is something in it, and none of it can be read.
    """
    cursor = file.cursor.model_copy(deep=True)
    finder = StretchFinder(cursor)
    reader = FrameReader(stream, at=cursor.byte)
    decoder = frame_decoder(file.codec, file.sample_rate)
    second, byte, until = cursor.second, cursor.byte, cursor.second + STEP_S
    marks, pcm, frames = [(second, byte)], bytearray(), list[bytes]()
    for frame in whole_frames(file.codec, reader):
        if not (seconds := decoder.frame_seconds(frame.data)):
            continue
        frames.append(frame.data)
        if len(frames) == _AT_ONCE:
            pcm += decoder.decode_many(frames)
            frames.clear()
        second, byte = second + seconds, frame.end
        if second - marks[-1][0] >= _MARK_S:
            marks.append((second, byte))
        if second - marks[0][0] >= WINDOW_S:
            finder.window(bytes(pcm + decoder.decode_many(frames)), [*marks, (second, byte)])
            marks, pcm, frames = [(second, byte)], bytearray(), []
            if second >= until:
                break
    else:
        finder.window(bytes(pcm + decoder.decode_many(frames)), [*marks, (second, byte)])
        finder.finish()
    if second >= LONGEST_S and not cursor.done:
        reader.damage = "the file is longer than a week"
        finder.finish()
    if cursor.done and not second and reader.damage:
        raise InvalidInputError(f"{reader.damage}: no frame of it can be read")
    stretches = [*file.stretches, *finder.found]
    return file.model_copy(
        update={"cursor": cursor, "stretches": stretches, "reason": _reason(file, reader, second, bool(stretches))}
    )


def _reason(file: OfflineFile, reader: FrameReader, second: float, found: bool) -> str | None:  # noqa: FBT001
    """What is to be known about a file that was looked through."""
    if not second:
        return EMPTY
    reasons = [file.reason] if file.reason not in {None, SILENT} else []
    reasons += [f"{reader.damage}; what comes before is used"] if reader.damage else []
    reasons += [IN_PLACES] if reader.gaps else []
    return "; ".join(dict.fromkeys(filter(None, reasons))) or (None if found else SILENT)
