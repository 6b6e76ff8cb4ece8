"""HTTPS -> the REST surface of the app, one part per resource."""

from common.core.process import starting

with starting():
    from common.entry.api.app import create_app
    from common.entry.api.surface import PARTS

    app = create_app(PARTS)
