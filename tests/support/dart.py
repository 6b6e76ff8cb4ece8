"""What the app's two generations of readers demand of an answer, as rules that can be checked.

`wire` is the app of 2026 (generated readers): a required field that is missing or null, or a value of another type,
throws, and one bad element takes the whole list with it. `legacy` is the app of 2024 and 2025 (direct casts): a null
where none is expected throws, and so does an integer where a double is assigned.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_DATE = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d(:?\d\d)?)")
_SPEAKER = re.compile(r"\w+_\d+")

# model -> rule -> fields. must: present, not null. key: present. nn: not null where present. opt: typed where there.
# A field is name:type; types are str, int, num, double (written with a fraction), bool, date, object, [type], Model.
WIRE: dict[str, dict[str, str]] = {
    "Translation": {"must": "lang:str text:str"},
    "TranscriptSegment": {
        "must": "text:str start:num end:num is_user:bool",
        "nn": "speech_profile_processed:bool",
        "opt": "id:str person_id:str speaker:str speaker_id:int stt_provider:str translations:[Translation]",
    },
    "StructuredActionItem": {
        "must": "description:str",
        "nn": "completed:bool",
        "opt": "conversation_id:str created_at:date updated_at:date due_at:date completed_at:date",
    },
    "Event": {"must": "title:str start:date", "nn": "duration:int description:str created:bool"},
    "Structured": {
        "nn": "title:str overview:str emoji:str category:str",
        "opt": "action_items:[StructuredActionItem] events:[Event]",
    },
    "AppResult": {"must": "content:str", "key": "app_id:str"},
    "PluginResult": {"must": "content:str", "key": "plugin_id:str"},
    "Geolocation": {"must": "latitude:num longitude:num", "opt": "address:str google_place_id:str location_type:str"},
    "Photo": {"must": "base64:str", "nn": "discarded:bool", "opt": "id:str description:str created_at:date"},
    "AudioFile": {
        "must": "id:str uid:str conversation_id:str chunk_timestamps:[num] duration:num",
        "nn": "provider:str",
        "opt": "started_at:date",
    },
    "Conversation": {
        "must": "id:str created_at:date structured:Structured",
        "key": "started_at:date finished_at:date",
        "nn": "transcript_segments:[TranscriptSegment] apps_results:[AppResult] plugins_results:[PluginResult] "
        "photos:[Photo] audio_files:[AudioFile] suggested_summarization_apps:[str] discarded:bool is_locked:bool "
        "starred:bool deferred:bool private_cloud_sync_enabled:bool visibility:str",
        "opt": "status:str source:str language:str folder_id:str app_id:str call_id:str geolocation:Geolocation "
        "external_data:object updated_at:date transcript_segments_compressed:bool data_protection_level:str "
        "client_device_id:str client_platform:str processing_conversation_id:str processing_memory_id:str deleted:bool",
    },
    "SearchPage": {"must": "items:[Conversation] current_page:int per_page:int total_pages:int"},
    "Memory": {
        "must": "id:str uid:str content:str created_at:date updated_at:date",
        "nn": "category:str tags:[str] reviewed:bool manually_added:bool edited:bool is_locked:bool kg_extracted:bool",
        "opt": "visibility:str user_review:bool conversation_id:str memory_id:str app_id:str scoring:str "
        "invalid_at:date superseded_by:str data_protection_level:str deleted:bool is_baseline:bool",
    },
    "MessageStructured": {"must": "title:str emoji:str"},
    "MessageConversation": {"must": "id:str created_at:date structured:MessageStructured"},
    "MessageFile": {
        "must": "id:str openai_file_id:str name:str mime_type:str created_at:date",
        "opt": "thumbnail:str thumb_name:str",
    },
    "Message": {
        "must": "id:str created_at:date text:str sender:str type:str",
        "nn": "from_external_integration:bool memories:[MessageConversation] memories_id:[str] files:[MessageFile] "
        "files_id:[str] reported:bool",
        "opt": "plugin_id:str app_id:str from_integration:bool ask_for_nps:bool rating:int report_reason:str "
        "chat_session_id:str chart_data:object metadata:str data_protection_level:str langsmith_run_id:str",
    },
    "Person": {
        "must": "id:str name:str created_at:date updated_at:date",
        "nn": "speech_samples:[str] speech_samples_version:int",
        "opt": "speech_sample_transcripts:[str] color_idx:int",
    },
    "ActionItem": {
        "must": "id:str description:str completed:bool",
        "nn": "is_locked:bool exported:bool sort_order:int indent_level:int owner:str source:str status:str",
        "opt": "created_at:date updated_at:date due_at:date completed_at:date conversation_id:str export_date:date "
        "export_platform:str apple_reminder_id:str",
    },
    "ActionItems": {"must": "action_items:[ActionItem]", "nn": "has_more:bool"},
    "Folder": {
        "must": "id:str name:str created_at:date updated_at:date",
        "nn": "color:str icon:str conversation_count:int is_default:bool is_system:bool order:int",
        "opt": "description:str category_mapping:str",
    },
    "Goal": {
        "opt": "title:str goal_type:str target_value:num current_value:num min_value:num max_value:num unit:str "
        "is_active:bool created_at:date updated_at:date"
    },
    "AppReview": {"must": "uid:str rated_at:date score:num review:str", "opt": "response:str username:str"},
    "App": {
        "must": "id:str name:str author:str description:str image:str category:str capabilities:[str]",
        "nn": "approved:bool enabled:bool private:bool status:str installs:int rating_count:int",
        "opt": "rating_avg:num price:num is_paid:bool is_user_paid:bool uid:str email:str chat_prompt:str "
        "memory_prompt:str external_integration:object reviews:[AppReview] user_review:AppReview "
        "proactive_notification:object created_at:date thumbnails:[str] thumbnail_urls:[str] usage_count:int "
        "money_made:num username:str",
    },
    "Titled": {"must": "id:str title:str"},
    "Capability": {"must": "id:str title:str", "opt": "triggers:[Titled] scopes:[Titled] actions:[Titled]"},
    "AppGroup": {"opt": "data:[App] capability:object category:object pagination:object"},
    "AppsPage": {"opt": "groups:[AppGroup]"},
    "HasSpeechProfile": {"must": "has_profile:bool"},
    "SpeechProfile": {"opt": "url:str"},
    "Language": {"opt": "language:str"},
    "RecordingPermission": {"must": "store_recording_permission:bool"},
    "CloudSync": {"must": "private_cloud_sync_enabled:bool"},
    "TranscriptionPreferences": {
        "nn": "single_language_mode:bool language:str uses_custom_stt:bool",
        "opt": "vocabulary:[str] custom_stt_since:date",
    },
    "Onboarding": {"nn": "completed:bool", "opt": "acquisition_source:str device_onboarding_completed:bool"},
    "DailySummarySettings": {"must": "enabled:bool hour:int"},
    "Mentor": {"must": "frequency:int"},
    "Webhooks": {"must": "audio_bytes:bool memory_created:bool realtime_transcript:bool day_summary:bool"},
    "TrainingData": {"must": "opted_in:bool", "opt": "status:str"},
}

LEGACY: dict[str, dict[str, str]] = WIRE | {
    "TranscriptSegment": {
        "must": "text:str",
        "opt": "speaker:speaker id:str is_user:bool person_id:str start:num end:num translations:[Translation] "
        "speech_profile_processed:bool",
    },
    "Event": {"must": "title:str start:date duration:int", "opt": "description:str created:bool"},
    "Structured": {
        "must": "title:str overview:str emoji:str category:str",
        "opt": "action_items:[StructuredActionItem] events:[Event]",
    },
    "Geolocation": {"opt": "latitude:double longitude:double address:str"},
    "MessageFile": {"must": "openai_file_id:str name:str mime_type:str thumbnail:str"},
    "ActionItems": {"must": "action_items:[ActionItem] has_more:bool"},
    "AppReview": {"must": "uid:str rated_at:date score:double review:str", "opt": "response:str username:str"},
    "App": {
        "must": "id:str name:str author:str description:str image:str",
        "opt": "category:str capabilities:[str] approved:bool status:str enabled:bool deleted:bool private:bool "
        "installs:int rating_count:int rating_avg:double uid:str email:str",
    },
}


def complaints(value: Any, kind: str, *, models: Mapping[str, Mapping[str, str]], at: str = "$") -> list[str]:
    """What a reader would throw at; nothing where it is content. `value` is decoded JSON, numbers as written."""
    if kind.startswith("["):
        if not isinstance(value, list):
            return [f"{at}: no list"]
        inner = kind[1:-1]
        return [
            each for n, item in enumerate(value) for each in complaints(item, inner, models=models, at=f"{at}[{n}]")
        ]
    if kind not in models:
        return [] if _is(value, kind) else [f"{at}: {value!r} is no {kind}"]
    if not isinstance(value, dict):
        return [f"{at}: no object"]
    found: list[str] = []
    for rule, fields in models[kind].items():
        for name, wanted in (each.split(":") for each in fields.split()):
            if name not in value:
                found += [f"{at}.{name}: missing"] if rule in {"must", "key"} else []
            elif value[name] is None:
                found += [f"{at}.{name}: null"] if rule in {"must", "nn"} else []
            else:
                found += complaints(value[name], wanted, models=models, at=f"{at}.{name}")
    return found


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "bool"
    if isinstance(value, str):
        patterns = {"date": _DATE, "speaker": _SPEAKER}
        return kind == "str" or (kind in patterns and patterns[kind].fullmatch(value) is not None)
    kinds = {"int": int, "num": int | float, "double": float, "object": dict}
    return kind in kinds and isinstance(value, kinds[kind])
