"""HTTPS -> the REST surface of the app, one router per resource."""

from common.core.process import settle
from common.entry.api.app import create_app
from common.entry.api.surface import ROUTERS

app = create_app(ROUTERS)
settle()
