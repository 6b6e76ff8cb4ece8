"""The routers of this package, in the order in which paths are tried."""

from fastapi import APIRouter

from common.entry.api.people import media, people, speech_profile

ROUTERS: tuple[APIRouter, ...] = (media.router, people.router, speech_profile.router)
