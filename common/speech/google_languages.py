"""The languages of Google's models, and how Google writes them."""

from common.core.languages import primary_subtag
from common.speech.tags import MULTI, listed

_AUTO = "auto"
_CHIRP = "chirp"
_IN_STREAMS_TOO = (
    "en-US en-AU en-GB en-IN cmn-Hans-CN cmn-Hant-TW yue-Hant-HK fr-FR fr-CA de-DE it-IT ja-JP ko-KR pt-BR es-US es-ES"
)
"""Chirp 2 knows more in recordings than in streams. Of several regions the first stands for the language."""
_KNOWN = (
    f"{_IN_STREAMS_TOO} af-ZA am-ET ar-EG ar-AE ar-SA az-AZ be-BY bg-BG bn-BD bn-IN bs-BA ca-ES cs-CZ cy-GB da-DK "
    "el-GR et-EE eu-ES fa-IR fi-FI fil-PH gl-ES gu-IN hi-IN hr-HR hu-HU hy-AM id-ID is-IS iw-IL jv-ID ka-GE kk-KZ "
    "km-KH kn-IN lo-LA lt-LT lv-LV mk-MK ml-IN mn-MN mr-IN ms-MY my-MM ne-NP nl-NL no-NO pa-Guru-IN pl-PL pt-PT ro-RO "
    "ru-RU si-LK sk-SK sl-SI sq-AL sr-RS sv-SE sw-KE ta-IN te-IN th-TH tr-TR uk-UA ur-PK uz-UZ vi-VN zu-ZA"
)
_BY_LANGUAGE = {
    "zh": "cmn-Hans-CN",
    "zh-cn": "cmn-Hans-CN",
    "zh-hans": "cmn-Hans-CN",
    "zh-tw": "cmn-Hant-TW",
    "zh-hant": "cmn-Hant-TW",
    "zh-hk": "yue-Hant-HK",
    "yue": "yue-Hant-HK",
    "he": "iw-IL",
    "nb": "no-NO",
    "nn": "no-NO",
    "tl": "fil-PH",
}


def spoken_tag(language: str, *, model: str, streaming: bool) -> str | None:
    """How Google writes `language` (a BCP-47 tag, or `multi`) for `model`; None if it does not know it."""
    if language == MULTI:
        return _AUTO if model.startswith(_CHIRP) else None
    known = (_IN_STREAMS_TOO if streaming and not model.startswith("chirp_3") else _KNOWN).split()
    by_language: dict[str, str] = {}
    for tag in known:
        by_language.setdefault(primary_subtag(tag), tag)
        by_language[tag] = tag
    by_language |= {name: tag for name, tag in _BY_LANGUAGE.items() if tag in known}
    found = listed(language, by_language)
    return by_language[found] if found else None
