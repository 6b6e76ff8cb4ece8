"""Runs mcp-server-omi, in its own environment, against another address than the one it has built in.

    python mcp_server.py http://127.0.0.1:8080/v1/mcp/ omi_mcp_…

0.1.5 names its user in a header `uid` and nothing else; the key that today's backends want is added here.
"""

import sys

import mcp_server_omi
import requests
from mcp_server_omi import server

_address, _key = sys.argv[1:3]
_request = requests.Session.request


def _with_key(session, method, url, **options):
    options["headers"] = {**(options.get("headers") or {}), "Authorization": f"Bearer {_key}"}
    return _request(session, method, url, **options)


server.base_url = _address
requests.Session.request = _with_key
sys.argv[1:] = []
mcp_server_omi.main()
