"""Settings: one frozen model, read from the environment once. Nothing else reads the environment."""

import os
from functools import cache
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from common.core.errors import MisconfiguredError


def _split(value: object) -> object:
    return tuple(name for part in value.split(",") if (name := part.strip())) if isinstance(value, str) else value


_LISTED = (BeforeValidator(_split), Field(min_length=1))
StreamingProviders = Annotated[tuple[Literal["deepgram", "soniox", "speechmatics", "google", "local"], ...], *_LISTED]
Redacted = Annotated[tuple[Literal["language_model", "embedding", "apps", "developers", "nobody"], ...], *_LISTED]
BatchProviders = Annotated[tuple[Literal["deepgram", "google", "local"], ...], *_LISTED]


class Settings(BaseModel):
    """Every knob of the deployed code. Durations are nominal seconds (see core.clock) unless they say otherwise."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    # Where we are
    google_cloud_project: str = "earshot-local"
    region: str = "us-central1"

    port: int = 8080
    """Where a service that serves itself listens; set by the platform."""
    k_service: str = "earshot"
    """What this function is called; set by the platform."""

    # Identity: who signs the users' tokens. Firebase by default.
    token_issuer: str = ""
    """Expected `iss`; empty means https://securetoken.google.com/{project}."""
    token_audience: str = ""
    """Expected `aud`; empty means the project."""
    token_keys_url: str = "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com"  # noqa: S105 - an address, not a secret

    admin_key: SecretStr | None = None
    """What administrators send as `secret-key`; without it nobody is one."""

    # How often a program may ask (CONTRACT section 4.1)
    key_requests_per_minute: int = Field(100, ge=1)
    user_requests_per_day: int = Field(10_000, ge=1)

    # Stores
    audio_bucket: str = "earshot-audio"
    understood_audio_s: float = Field(86_400.0, ge=0)
    """How long the audio of a conversation stays once it is understood, where its owner keeps no recordings."""
    media_bucket: str = "earshot-media"
    uploads_bucket: str = "earshot-uploads"
    pinecone_host: str = ""
    """Data plane address of the dense index."""
    pinecone_sparse_host: str = ""
    """The same of the sparse index; without it, what is found is found by its meaning alone."""
    pinecone_api_key: SecretStr | None = None
    search_patience_s: float = Field(5.0, gt=0)
    """Real seconds that a search waits for Pinecone, however often that is asked meanwhile."""
    index_patience_s: float = Field(20.0, gt=0)
    """The same for whoever writes into it, which is work that is done again."""
    redis_url: str = ""
    """Empty: no cache, which is slower, and limits on how often something may be done count per process."""

    # What places are called
    geocoder: Literal["off", "google", "nominatim"] = "off"
    """Who is told where conversations took place, and answers what is there."""
    geocoder_url: str = ""
    """Where it is, without a path; empty means Google's, or OpenStreetMap's own, which allows one request a second."""
    geocoder_key: SecretStr | None = None
    """Google's."""

    # Services where users keep tasks; each wants an OAuth client of one's own, whose redirect address is
    # {PUBLIC_URL}/v1/task-integrations/oauth/callback
    todoist_client_id: str = ""
    todoist_client_secret: SecretStr | None = None
    asana_client_id: str = ""
    asana_client_secret: SecretStr | None = None
    google_tasks_client_id: str = ""
    google_tasks_client_secret: SecretStr | None = None
    clickup_client_id: str = ""
    clickup_client_secret: SecretStr | None = None
    task_apps_address: str = ""
    """Reaches all of them in place of https:/ (a proxy, or a test's server, at …/{host}/{path}); empty: directly."""

    # Users whose words are sealed at rest (docs/decisions/0026)
    kms_key: str = ""
    """The key of Cloud KMS that wraps users' data keys: projects/…/locations/…/keyRings/…/cryptoKeys/…"""
    kms_endpoint: str = ""
    """host:port of a KMS server without TLS; empty means Google's."""
    data_key_secret: SecretStr | None = None
    """Wraps them where `kms_key` is not set; whoever loses both loses what is sealed."""
    former_data_key_secret: SecretStr | None = None
    """The one before it, while some are wrapped by it still."""

    # Addresses of stored files
    url_signing_key: SecretStr | None = None
    """Signs addresses that lead to our own /v1/media; without it Cloud Storage's own are handed out."""
    public_url: str = ""
    """Where clients reach the API, if that is not what they call it by (behind a proxy, say)."""

    # What apps name: webhooks, manifests, pages of setup
    outside_may_be_here: bool = False
    """Whether an app's address may lead to this machine (127.0.0.1), which is for development alone."""

    conversation_summarized_app_ids: Annotated[tuple[str, ...], BeforeValidator(_split)] = ()
    """Apps that summarise conversations of everybody, with commas between them, besides those that a user turns on."""

    # Cloud Tasks
    tasks_endpoint: str = ""
    """host:port of a Cloud Tasks server without TLS; empty means Google's."""
    tasks_queue: str = "conversations"
    """Of the steps of the chain."""
    transcription_queue: str = "transcription"
    """Of stored audio that is to be understood, which after an outage may be days of it: no timer waits behind that."""
    evenings_queue: str = "evenings"
    """Of days that are summed up: those of a whole zone end in the same minute, and no timer waits behind them."""
    webhooks_queue: str = "webhooks"
    """Of what apps and users' own addresses are told, so that slow ones hold nothing up."""
    webhooks_at_once: int = Field(50, ge=1)
    """How many deliveries to one host, or about one user, are under way: a quarter of those that the queue lets be."""
    tasks_identity: str = ""
    """Service account whose OIDC token a task carries."""
    # Where each function that is called by a task is.
    finalize_conversation_url: str = ""
    transcribe_span_url: str = ""
    merge_conversations_url: str = ""
    learn_voice_url: str = ""
    forget_person_url: str = ""
    ingest_offline_url: str = ""
    describe_photo_url: str = ""
    delete_account_url: str = ""
    protect_user_url: str = ""
    deliver_webhook_url: str = ""
    summarize_day_url: str = ""
    apply_app_url: str = ""
    refresh_persona_url: str = ""
    finish_answer_url: str = ""

    # Models
    local_models_url: str = ""
    """The server of the offline models (local/models): recogniser and sentence encoder."""
    streaming_transcribers: StreamingProviders = ("local",)
    """Providers of live recognition, best first, with commas between them; of those that understand the language the
    next takes over where one fails."""
    batch_transcribers: BatchProviders = ("local",)
    """The same for what is recorded."""
    deepgram_api_key: SecretStr | None = None
    """Without it Deepgram is passed over; so are the next two without theirs."""
    deepgram_url: str = "https://api.deepgram.com"
    """Another address for its software on one's own machines, or for another region; so are those of the next two."""
    deepgram_model: str = "nova-3"
    """For streams and recordings."""
    soniox_api_key: SecretStr | None = None
    """As above."""
    soniox_url: str = "wss://stt-rt.soniox.com"
    """As above."""
    soniox_model: str = "stt-rt-v5"
    """A real-time one."""
    speechmatics_api_key: SecretStr | None = None
    """As above."""
    speechmatics_url: str = "wss://eu.rt.speechmatics.com"
    """As above."""
    speechmatics_model: str = "enhanced"
    """An operating point, `enhanced` or `standard`."""
    google_speech_location: str = "us-central1"
    """Where Google recognises; the models differ by location."""
    google_speech_model: str = "chirp_2"
    """`chirp_3` tells speakers of recordings apart."""
    google_speech_address: str = ""
    """host:port of a Speech server without TLS; empty means Google's."""
    language_model: Literal["extractive", "openai", "vertex"] = "extractive"
    language_model_sees: bool = True
    """Whether it can be shown pictures, which a small one of one's own may not; else these stay undescribed."""
    embedding: Literal["local", "openai", "vertex"] = "local"
    embedding_dimension: int = Field(384, ge=1)
    openai_base_url: str = "https://api.openai.com/v1"
    openai_api_key: SecretStr | None = None
    openai_model: str = "gpt-4.1-mini"
    openai_image_model: str = ""
    """Draws icons of apps, at the same server ("gpt-image-1", say); empty means that nobody does."""
    openai_embedding_model: str = "text-embedding-3-small"
    vertex_location: str = "us"
    """Where the language model works: `us`, `eu` or `global`; today's are offered in no single region."""
    vertex_model: str = "gemini-3.5-flash-lite"
    """Google ends each of them, a year after it came or later (docs/decisions/0070)."""
    vertex_embedding_location: str = "us-central1"
    """Where the embedder works, which is offered in regions."""
    vertex_embedding_model: str = "gemini-embedding-001"
    vertex_base_url: str = ""
    """Another address than Google's, for a proxy or a test server."""
    model_timeout_s: float = 60.0
    """Real seconds after which a model, or a recogniser, that does not answer has failed."""
    language_tokens_per_user_day: int = Field(0, ge=0)
    """Tokens of language models, in both directions, after which a user goes on without one until the next day (UTC)
    begins; 0 is no limit."""
    web_search: Literal["off", "brave", "perplexity"] = "off"
    """The protocol of the service by which the chat searches the web."""
    web_search_url: str = ""
    """Where it is; empty means where the one of that name is."""
    web_search_api_key: SecretStr | None = None
    """What it wants."""
    chat_tokens: int = Field(500_000, ge=2000)
    """Of what was asked, looked up and said that the chat's model is shown; a small model of one's own takes less."""
    structuring_tokens: int = Field(24_000, ge=1000)
    """Of transcript that the language model is shown at once; what is longer is understood part by part."""
    structuring_parallel: int = Field(4, ge=1, le=32)
    """How many parts of one conversation it is asked about at a time."""
    structuring_patience_s: float = Field(180.0, gt=0)
    """Real seconds for all the parts together."""
    redact: Redacted = ("language_model", "embedding", "apps")
    """Third parties that are not told numbers of cards and identities, passwords, keys and codes, with commas between
    them; `nobody` for none. Models on machines of one's own are none, `developers` are users' own addresses."""
    post_processing: bool = False
    """Whether finished conversations are heard a second time, more carefully, by WhisperX; needs the next."""
    fal_key: SecretStr | None = None
    """Of fal.ai, where WhisperX runs."""
    fal_url: str = "https://queue.fal.run"
    fal_whisperx: str = "fal-ai/whisper"
    """The model there: owner, application and perhaps an endpoint."""
    post_processing_patience_s: float = Field(1800.0, gt=0)
    """Real seconds after which whoever is asked for a transcript or for emotions has failed."""
    post_processing_longest_s: float = Field(7200.0, gt=0)
    """Seconds of audio; longer conversations stay as they were heard at first."""
    post_processing_s_per_user_day: float = Field(14400.0, ge=0)
    """Seconds of audio that are heard a second time per user and day (UTC)."""
    hume_api_key: SecretStr | None = None
    """With it, the emotions of those who want that are measured by Hume."""
    hume_api: Literal["upload", "batch"] = "upload"
    """What is spoken: Hume's present API, or the batch one that it has ended and others may serve."""
    hume_upload_url: str = "https://api.cloud.hume.ai"
    hume_url: str = "https://api.hume.ai"
    """Of the batch API."""
    advance_postprocessing_url: str = ""
    voice_embedding_url: str = ""
    """A service that embeds voices (common/speech/voice_service); empty means statistics in this process."""
    voice_embedding_model: str = "wespeaker-voxceleb-resnet34-LM"
    """The model behind it: voices that another one has embedded are not compared."""
    voice_embedding_distance: float = Field(0.45, gt=0, le=2)
    """Cosine distance of its embeddings up to which two voices may be one."""
    voice_embedding_timeout_s: float = Field(10.0, gt=0)
    """Real seconds for one clip."""

    # Telling users' devices
    push: Literal["fcm", "off"] = "fcm"
    """Whether notifications leave for Firebase Cloud Messaging; without that they are kept, and reach no device."""
    fcm_url: str = ""
    """Another address than Google's, for a server of one's own, which is asked without credentials."""
    push_timeout_s: float = Field(20.0, gt=0)
    """Real seconds for one message to one device, retries included."""

    # Following a conversation (docs/observing.md)
    tracing: Literal["off", "cloud", "otlp"] = "off"
    """Whether spans are kept, by Cloud Trace or any collector of OpenTelemetry; log lines carry trace ids anyway."""
    tracing_url: str = "http://127.0.0.1:4318/v1/traces"
    """Where that collector takes spans, by OTLP over HTTP."""
    tracing_ratio: float = Field(1.0, ge=0, le=1)
    """Of how many of all traces they are kept; the same in all functions, or traces have holes."""
    tracing_patience_s: float = Field(2.0, gt=0)
    """Real seconds for which an answer waits at most until its spans have left."""

    # Live capture
    block_seconds: float = Field(5.0, gt=0)
    """Audio is stored at least this often; what a kill can lose."""
    conversation_timeout_s: int = Field(120, ge=1)
    """Silence after which a conversation is closed, when the client asks for nothing else."""
    voice_gate: bool = True
    """Whether silence is kept from the recogniser, where the client does not say."""
    silence_notice_s: int = Field(900, ge=0)
    """Silence on a live connection after which its user is told, once a day at most; 0 tells nobody."""
    longest_connection_s: float = Field(3300.0, gt=0)
    """Real seconds after which a client is asked to connect again; the platform ends a connection after 3600."""
    connections_per_user: int = Field(32, ge=1)
    """Live ones at one instance; of more than that the oldest is let go, which in a bad network nobody has any more."""
    drain_seconds: float = 10.0
    """Real seconds for which `listen` waits for the last words of a socket that is closed.

    Whoever puts a conversation together waits longer, for a connection that is alive."""

    # The chain
    photo_patience_s: float = 30.0
    """How long structuring waits for the descriptions of pictures, in real seconds."""
    answer_wait_s: float = 25.0
    """How long POST /v1/conversations waits for the terminal state, in real seconds."""
    lease_seconds: float = 120.0
    """After this a worker that has not renewed its lease counts as dead."""
    longest_work_s: float = 540.0
    """After this a worker that still renews its lease counts as hanging."""
    span_patience_s: float = 1800.0
    """How long a conversation waits for the next of its spans before those still missing are given up for now."""
    max_attempts: int = Field(8, ge=1)
    """Deliveries of one step before it is parked."""
    max_event_age_s: float = 20 * 3600.0
    """Age of an event at which a step is parked even with attempts left; the platform gives up after 24 h."""


@cache
def settings() -> Settings:
    """The process's settings, read on first use: of each field what the variable of its name says, if anything.

    Raises:
        MisconfiguredError: one says what makes no sense; which, and what would, but not what it says.
    """
    said = {name: os.environ.get(name.upper()) for name in Settings.model_fields}
    try:
        return Settings.model_validate({name: value for name, value in said.items() if value})
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False, include_context=False)
        told = {f"{str(each['loc'][0]).upper()}: {each['msg']}" for each in wrong}
        raise MisconfiguredError("; ".join(sorted(told))) from None
