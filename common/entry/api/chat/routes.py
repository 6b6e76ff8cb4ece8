"""The routers of this package, in the order in which paths are tried."""

from fastapi import APIRouter

ROUTERS: tuple[APIRouter, ...] = ()
