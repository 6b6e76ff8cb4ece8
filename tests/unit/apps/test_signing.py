"""What a receiver can verify."""

import base64
from datetime import UTC, datetime

from common.apps.signing import as_secret, signed_headers

AT = datetime.fromtimestamp(1614265330, UTC)


def test_a_signature_is_what_the_specification_computes() -> None:
    # The example of the reference implementations (standard-webhooks/libraries).
    headers = signed_headers(
        b'{"test": 2432232314}',
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        at=AT,
        secrets=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_every_secret_signs_while_there_is_more_than_one() -> None:
    old, new = as_secret(b"o" * 32), as_secret(b"n" * 32)

    def signature(*secrets: str) -> str:
        return signed_headers(b"\0\xff", message_id="m", at=AT, secrets=secrets)["webhook-signature"]

    assert signature(new, old).split(" ") == [signature(new), signature(old)]
    assert signature(new) != signature(old)


def test_a_secret_is_written_as_receivers_expect_it() -> None:
    written = as_secret(b"k" * 32)
    assert written.startswith("whsec_")
    assert base64.b64decode(written.removeprefix("whsec_")) == b"k" * 32
