"""Speechmatics' Realtime API."""

import json
from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request

from tests.support.speech_servers.ears import Part, Spoken
from tests.support.speech_servers.serving import Fault, Session, SpeechServer, ViolationError

_KNOWN = {
    "language", "operating_point", "diarization", "enable_partials", "max_delay", "conversation_config",
    "additional_vocab",
}  # fmt: skip
_LANGUAGES = {"en", "de", "fr", "ja", "cmn"}
_SOON_S = 0.5
_LONGEST_DELAY_S, _SHORTEST_DELAY_S = 4, 0.7


class SpeechmaticsServer(SpeechServer):
    """Speechmatics."""

    def admit(self, request: Request) -> HTTPStatus | None:
        if request.path != "/v2":
            return HTTPStatus.NOT_FOUND
        known = request.headers.get("Authorization") == f"Bearer {self.key}"
        return None if known else HTTPStatus.UNAUTHORIZED

    def session(self, connection: ServerConnection, fault: Fault | None) -> Session:
        return _SpeechmaticsSession(connection, self.ear(), fault)


class _SpeechmaticsSession(Session):
    def __init__(self, *options: Any) -> None:
        super().__init__(*options)
        self.config: dict[str, Any] | None = None
        self._late: list[dict[str, Any]] = []

    async def opened(self) -> None:
        info = {
            "type": "recognition_quality",
            "reason": "Running recognition on a broadcast model.",
            "quality": "broadcast",
        }
        await self.say({"message": "Info", **info})

    async def added(self, pcm: bytes) -> None:
        if self.config is None:
            raise ViolationError("AddAudio before StartRecognition")
        if self.ended:
            raise ViolationError("AddAudio after EndOfStream")
        if not pcm:
            raise ViolationError("an empty AddAudio")
        if self.has("forgets"):
            return
        await self.say({"message": "AudioAdded", "seq_no": self.pieces})

    async def told(self, text: str) -> None:
        match json.loads(text):
            case {"message": "StartRecognition", "audio_format": audio, "transcription_config": config}:
                await self._start(audio, config)
            case {"message": "EndOfStream", "last_seq_no": last}:
                if last != self.pieces:
                    raise ViolationError(f"EndOfStream after {last} of {self.pieces} pieces")
                self.ended = True
                await self._finish()
            case {"message": "ForceEndOfUtterance"}:
                await self.say(self.final(self.listener.flush()))
                await self._end_utterance()
            case _:
                raise ViolationError("an unknown message")

    async def _start(self, audio: Any, config: dict[str, Any]) -> None:
        if audio != {"type": "raw", "encoding": "pcm_s16le", "sample_rate": 16_000}:
            raise ViolationError("another audio format")
        if unknown := config.keys() - _KNOWN:
            raise ViolationError(f"unknown configuration {unknown}")
        if not _SHORTEST_DELAY_S <= config["max_delay"] <= _LONGEST_DELAY_S:
            raise ViolationError("max_delay")
        if not all(isinstance(word.get("content"), str) and word["content"] for word in config["additional_vocab"]):
            raise ViolationError("additional_vocab")
        if config["language"] not in _LANGUAGES:
            await self.err("invalid_model")
            await self.hang_up(4004)
            return
        self.config = config
        pack = {
            "language_description": "English",
            "word_delimiter": " ",
            "writing_direction": "left-to-right",
            "itn": True,
        }
        await self.say({"message": "RecognitionStarted", "id": "s", "language_pack_info": pack})

    async def _finish(self) -> None:
        if self.has("unending"):
            return
        if not self.has("swallows"):
            await self.say(self.final(self.forgotten or self.listener.flush()))
            if self._late:
                await self.say(self.final(Part(self.listener.final_s, self.listener.final_s, ())))
        await self.say({"message": "EndOfTranscript"})
        await self.hang_up(1000)

    def final(self, part: Part) -> dict[str, Any]:
        """Punctuation comes with the words after it, if these come soon: what is certain first is the word."""
        results, self._late = [*self._late, *_results(part)], []
        if part.words and part.end - part.words[-1].end < _SOON_S and results[-1]["type"] == "punctuation":
            self._late.append(results.pop())
        return _transcript("AddTranscript", part, results)

    async def tell(self, part: Part) -> None:
        await super().tell(part)
        if part.words and part.end - part.words[-1].end >= 0.8:
            await self._end_utterance()

    async def suppose(self, part: Part) -> None:
        await self.say(_transcript("AddPartialTranscript", part, _results(part)))

    async def _end_utterance(self) -> None:
        if self._late:
            await self.say(self.final(Part(self.listener.final_s, self.listener.final_s, ())))
        metadata = {"start_time": self.listener.final_s, "end_time": self.listener.final_s}
        await self.say({"message": "EndOfUtterance", "metadata": metadata})

    async def err(self, error: str) -> None:
        await self.say({"message": "Error", "type": error, "reason": "none of your business", "code": 4000})

    async def protest(self, reason: str) -> None:
        await self.err("idle_timeout" if reason == "idle" else "protocol_error")
        await self.hang_up(1008)


def _transcript(message: str, part: Part, results: list[dict[str, Any]]) -> dict[str, Any]:
    text = " ".join(word.text for word in part.words)
    metadata = {"start_time": part.start, "end_time": part.end, "transcript": text}
    return {"message": message, "format": "2.9", "metadata": metadata, "results": results}


def _results(part: Part) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = []
    for word in part.words:
        text = word.text.rstrip(".")
        results.append(
            {"type": "word", "start_time": word.start, "end_time": word.end, "alternatives": _best(text, word)}
        )
        if text != word.text:
            mark = {"type": "punctuation", "start_time": word.end, "end_time": word.end, "attaches_to": "previous"}
            results.append({**mark, "is_eos": True, "alternatives": _best(".", word)})
    return results


def _best(content: str, word: Spoken) -> list[dict[str, Any]]:
    return [{"content": content, "confidence": 0.9, "language": "en", "speaker": f"S{word.speaker + 1}"}]
