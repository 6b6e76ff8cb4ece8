"""What a place is called, asked of whoever is set up to know: nobody, unless `GEOCODER` says so.

Google's Geocoding API: https://developers.google.com/maps/documentation/geocoding; Nominatim's (OpenStreetMap):
https://nominatim.org/release-docs/latest/api/Reverse/.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from common.core.errors import ProviderError
from common.core.logs import get_logger
from common.core.settings import settings
from common.speech.posting import accepted, send

if TYPE_CHECKING:
    from common.models.attachments import Geolocation

_WITHIN_S = 5.0
_LONGEST = 500
_USER_AGENT = "earshot"
"""Nominatim answers nobody who does not say who asks."""


def addressed(place: Geolocation) -> Geolocation:
    """The place with its address, unless it has one, nobody knows it, or whoever does is not reached in time."""
    if settings().geocoder == "off" or place.address:
        return place
    try:
        found = _google(place) if settings().geocoder == "google" else _nominatim(place)
    except ProviderError as error:
        get_logger().warning("place_not_named", error=type(error).__name__)
        return place
    known = {name: value[:_LONGEST] for name, value in found.items() if isinstance(value, str) and value}
    return place.model_copy(update=known) if "address" in known else place


def _google(place: Geolocation) -> dict[str, Any]:
    key = settings().geocoder_key
    where = {"latlng": f"{place.latitude},{place.longitude}", "key": key.get_secret_value() if key else ""}
    said = _asked(f"{settings().geocoder_url or 'https://maps.googleapis.com'}/maps/api/geocode/json", where)
    if said.get("status") not in ("OK", "ZERO_RESULTS"):
        raise ProviderError("The geocoder refuses")
    results = said.get("results")
    first = results[0] if isinstance(results, list) and results else None
    if not isinstance(first, dict):
        return {}
    kinds = first.get("types")
    return {
        "address": first.get("formatted_address"),
        "google_place_id": first.get("place_id"),
        "location_type": kinds[0] if isinstance(kinds, list) and kinds else None,
    }


def _nominatim(place: Geolocation) -> dict[str, Any]:
    where = {"lat": f"{place.latitude}", "lon": f"{place.longitude}", "format": "jsonv2"}
    said = _asked(f"{settings().geocoder_url or 'https://nominatim.openstreetmap.org'}/reverse", where)
    return {"address": said.get("display_name"), "location_type": said.get("type")}


def _asked(url: str, where: dict[str, str]) -> dict[str, Any]:
    answer = send(
        "GET", url, provider="The geocoder", within_s=_WITHIN_S, params=where, headers={"User-Agent": _USER_AGENT}
    )
    try:
        said = json.loads(accepted(answer, provider="The geocoder").body)
    except (ValueError, RecursionError):
        raise ProviderError("The geocoder answers nonsense") from None
    if not isinstance(said, dict):
        raise ProviderError("The geocoder answers nonsense")
    return said
