"""HTTPS -> the REST surface of the app, one router per resource."""

from common.entry.api.app import create_app

app = create_app()
