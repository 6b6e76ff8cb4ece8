"""Without a key of ours, addresses are Cloud Storage's own (V4), signed with what credentials there are."""

from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from google.cloud.storage import Client
from google.oauth2 import service_account

from common.core.settings import Settings
from common.database import media, signed_urls
from common.database.media import Store


def test_a_service_account_with_a_key_signs_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    pem = rsa.generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    info = {
        "client_email": "api@earshot.iam.gserviceaccount.com",
        "private_key": pem.decode(),
        "token_uri": "https://oauth2.googleapis.com/token",
    }
    credentials = service_account.Credentials.from_service_account_info(info)  # type: ignore[no-untyped-call]  # the library's
    monkeypatch.delenv("STORAGE_EMULATOR_HOST", raising=False)
    client = Client(project="earshot", credentials=credentials)
    without = Settings(url_signing_key=None)
    for module in (media, signed_urls):
        monkeypatch.setattr(module, "storage_client", lambda: client)
        monkeypatch.setattr(module, "settings", lambda: without)
    url = urlsplit(signed_urls.sign("ann/speech_profile.wav", store=Store.MEDIA, base_url="https://ignored/"))
    query = parse_qs(url.query)
    assert url.netloc == "storage.googleapis.com"
    assert url.path == "/earshot-media/ann/speech_profile.wav"
    assert query["X-Goog-Algorithm"] == ["GOOG4-RSA-SHA256"]
    assert query["X-Goog-Expires"] == ["3600"]
    assert query["X-Goog-Signature"]
