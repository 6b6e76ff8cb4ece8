"""The one tree of errors. Adapters translate into it at the edge; one place per transport translates out of it.

EarshotError
├── InvalidInputError        the caller's fault, will not get better           422
│   ├── BadRequestError      the same where the contract says 400              400
│   ├── TooLargeError        more than is taken at once                        413
│   ├── UnsupportedAudioError                                                  415
│   └── UnsupportedContentError                                                415
├── UnauthenticatedError     no token, or one that does not verify             401
│   └── TokenExpiredError    was valid once: refresh and come back             401
├── LockedError              there, but not paid for                           402
├── PermissionDeniedError    known, but not allowed                            403
├── NotFoundError            no such thing, or not yours                       404
├── ConflictError            the thing is in another state than you think      409
│   └── UnderWayError        the same request is being done: ask again soon    409
├── RateLimitedError         too often; says when to come back                 429
├── OutsideError             an address that an app named answered badly       502
│   └── AuthorizationWantedError   it wants to know on whose behalf it is asked  502
└── RetryableError           may work later, try again                         503
    ├── LeaseHeldError       somebody is working on exactly this right now
    ├── LeaseLostError       our claim expired and another took it over
    ├── OutdatedError        what was decided by has changed: decide again
    ├── PostponedError       it waits for something else to end, and has not failed
    ├── MisconfiguredError   a setting makes no sense: whoever runs this has to mend it
    └── ProviderError        a model or store answered badly or not at all
        ├── ProviderRefusedError     it will answer the same again: not retryable
        │   └── ProviderDeclinedError    a model does not want to speak of this
        └── ProviderExhaustedError   no credit, quota or valid key: leave it alone for a while
"""

from typing import ClassVar


class EarshotError(Exception):
    """Root of all errors we raise. The message is safe to show to the caller."""

    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    @property
    def headers(self) -> dict[str, str]:
        """What an answer over HTTP says besides."""
        return {"Retry-After": "1"} if self.retryable else {}


class InvalidInputError(EarshotError):
    """The input can never be accepted as it is."""

    status = 422


class BadRequestError(InvalidInputError):
    """The same, where clients expect 400."""

    status = 400


class TooLargeError(InvalidInputError):
    """More than is taken at once."""

    status = 413


class UnsupportedAudioError(InvalidInputError):
    """A codec, container or sample rate that cannot be decoded."""

    status = 415


class UnsupportedContentError(InvalidInputError):
    """A kind of content that nobody here can make anything of."""

    status = 415


class UnauthenticatedError(EarshotError):
    """No identity could be established."""

    status = 401

    @property
    def headers(self) -> dict[str, str]:
        """RFC 9110 section 15.5.2 asks for it."""
        return {"WWW-Authenticate": "Bearer"}


class TokenExpiredError(UnauthenticatedError):
    """The token was genuine but its time is over."""


class LockedError(EarshotError):
    """The thing was made while the user had no credit, and is not shown in full."""

    status = 402


class PermissionDeniedError(EarshotError):
    """The identity is known and may not do this."""

    status = 403


class NotFoundError(EarshotError):
    """The thing does not exist, or belongs to somebody else, which is told the same way."""

    status = 404


class ConflictError(EarshotError):
    """A transition was asked for from a state that does not allow it."""

    status = 409


class UnderWayError(ConflictError):
    """The same request is being done right now; its answer can be had soon."""

    @property
    def headers(self) -> dict[str, str]:
        """When to ask again."""
        return {"Retry-After": "1"}


class RateLimitedError(EarshotError):
    """Asked too often. `retry_after_s` is how many seconds to wait; `limit` is what was allowed."""

    status = 429

    def __init__(self, message: str, *, retry_after_s: int, limit: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.limit = limit

    @property
    def headers(self) -> dict[str, str]:
        """When to come back, and the names that clients of such limits know."""
        return {
            "Retry-After": str(self.retry_after_s),
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": str(self.retry_after_s),
        }


class OutsideError(EarshotError):
    """What an app named was not reached, or answered too much, too late or nonsense."""

    status = 502


class AuthorizationWantedError(OutsideError):
    """What an app named lets nobody in, or nobody any more, whom it does not know; `challenge` is how it says so."""

    def __init__(self, message: str, *, challenge: str = "") -> None:
        super().__init__(message)
        self.challenge = challenge


class RetryableError(EarshotError):
    """Not possible now; the same request may succeed later."""

    status = 503
    retryable = True


class LeaseHeldError(RetryableError):
    """Another worker holds the lease of this step."""


class LeaseLostError(RetryableError):
    """The lease of this step expired and was taken over; whatever this worker still does must not count."""


class OutdatedError(RetryableError):
    """What was decided by has changed since; it is to be read and decided again."""


class PostponedError(RetryableError):
    """It waits for something else to end: that is no failure of a step, and does not count as one of its attempts."""


class MisconfiguredError(RetryableError):
    """A setting makes no sense: nothing works until whoever runs this has mended it, and nothing is lost meanwhile."""


class ProviderError(RetryableError):
    """A model provider or store failed, was too slow or answered nonsense."""


class ProviderRefusedError(ProviderError):
    """The provider understood and declined; asking again would be declined again."""

    retryable = False


class UnreadableError(ProviderRefusedError):
    """A document is there and cannot be read: by a key, or by a version, that is not known here."""


class ProviderDeclinedError(ProviderRefusedError):
    """A model, or what guards it, does not want to speak of what it was asked about; another may."""


class ProviderExhaustedError(ProviderError):
    """The provider takes nothing from us for now: credit, quota or key.

    `pause_s` is how many real seconds to leave it alone, where it said so.
    """

    def __init__(self, message: str, *, pause_s: float | None = None) -> None:
        super().__init__(message)
        self.pause_s = pause_s
