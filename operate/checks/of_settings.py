"""Settings that do not fit together, or name somebody whose key is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.core.settings import settings
from common.llm.providers import LOCAL_DIMENSION
from local.manifest import load
from operate.checks import mending
from operate.checks.finding import Finding, fine, note, wrong
from operate.place import is_local

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEYED = {"deepgram", "soniox", "speechmatics"}


def check() -> list[Finding]:
    """All of them."""
    return [*_addresses(), *_speech(), *_models(), *_extras(), *_keys()]


def _addresses() -> Iterator[Finding]:
    known = settings()
    tasked = [name for name, function in load().functions.items() if function.trigger.task]
    missing = [f"{name}_url".upper() for name in tasked if not getattr(known, f"{name}_url")]
    if missing:
        yield wrong("tasks", f"nobody knows where these are: {', '.join(missing)}", mending.deployment())
    else:
        yield fine("tasks", f"{len(tasked)} functions have an address")
    if not known.public_url and not is_local():
        yield wrong("public address", "PUBLIC_URL is not set", mending.deployment())
    if known.outside_may_be_here and not is_local():
        yield wrong(
            "apps' addresses",
            "OUTSIDE_MAY_BE_HERE lets apps reach into the machines that serve them",
            mending.setting("OUTSIDE_MAY_BE_HERE", "false"),
        )


def _speech() -> Iterator[Finding]:
    known = settings()
    for name, chosen in (("live", known.streaming_transcribers), ("recorded", known.batch_transcribers)):
        bare = [each for each in chosen if each in _KEYED and not getattr(known, f"{each}_api_key")]
        for each in bare:
            yield wrong(f"speech, {name}", f"{each} has no key", mending.given_secret(f"{each.upper()}_API_KEY"))
        if "local" in chosen and not known.local_models_url:
            setting = "STREAMING_TRANSCRIBERS" if name == "live" else "BATCH_TRANSCRIBERS"
            yield wrong(f"speech, {name}", "LOCAL_MODELS_URL is not set", mending.setting(setting, "google"))
        elif not bare:
            yield fine(f"speech, {name}", ", ".join(chosen))


def _models() -> Iterator[Finding]:
    known = settings()
    if "openai" in {known.language_model, known.embedding} and not known.openai_api_key:
        yield wrong("models", "openai has no key", mending.given_secret("OPENAI_API_KEY"))
    if known.language_model == "extractive":
        yield note(
            "language model",
            "none: titles and answers are quoted, not written",
            mending.language_model(),
        )
    else:
        yield fine("language model", known.language_model)
    if known.embedding != "local":
        yield fine("embedding", f"{known.embedding}, {known.embedding_dimension} numbers")
    elif not known.local_models_url:
        yield wrong("embedding", "LOCAL_MODELS_URL is not set", mending.setting("EMBEDDING", "vertex"))
    elif known.embedding_dimension != LOCAL_DIMENSION:
        yield wrong(
            "embedding",
            f"the local one makes {LOCAL_DIMENSION} numbers, EMBEDDING_DIMENSION says {known.embedding_dimension}",
            mending.setting("EMBEDDING_DIMENSION", str(LOCAL_DIMENSION)),
        )
    else:
        yield fine("embedding", f"local, {LOCAL_DIMENSION} numbers")


def _extras() -> Iterator[Finding]:
    known = settings()
    if known.post_processing and not known.fal_key:
        yield wrong("second hearing", "POST_PROCESSING is on, FAL_KEY is not set", mending.given_secret("FAL_KEY"))
    if known.web_search != "off" and not known.web_search_api_key:
        yield wrong("web search", f"{known.web_search} has no key", mending.given_secret("WEB_SEARCH_API_KEY"))
    if known.push == "off":
        yield note("push", "off: notifications are kept and reach no device", mending.setting("PUSH", "fcm"))


def _keys() -> Iterator[Finding]:
    known = settings()
    if not known.pinecone_api_key:
        yield wrong("Pinecone's key", "PINECONE_API_KEY is not set", mending.given_secret("PINECONE_API_KEY"))
    if not known.admin_key:
        yield note("administrators", "ADMIN_KEY is not set: nobody approves apps", mending.random_secret("ADMIN_KEY"))
    if not known.url_signing_key:
        yield note(
            "recordings' addresses",
            "URL_SIGNING_KEY is not set: Cloud Storage's own are handed out",
            mending.random_secret("URL_SIGNING_KEY"),
        )
    if not known.kms_key and not known.data_key_secret:
        yield note("sealing", "neither KMS_KEY nor DATA_KEY_SECRET: nobody can have their words sealed")
