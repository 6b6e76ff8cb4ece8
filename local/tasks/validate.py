"""What Cloud Tasks accepts as a task and as a queue, and the defaults it fills in."""

from datetime import UTC, timedelta
from typing import Any
from urllib.parse import urlsplit

from google.cloud import tasks_v2

from common.core import clock
from local.rpc import invalid

MAX_TASK_BYTES = 100 * 1024
MAX_URL_CHARACTERS = 2083
MAX_SCHEDULE_S = 30 * 24 * 3600.0
DISPATCH_DEADLINE_S = (15.0, 600.0, 1800.0)  # least, default, most
_BODY_METHODS = (tasks_v2.HttpMethod.POST, tasks_v2.HttpMethod.PUT, tasks_v2.HttpMethod.PATCH)
_MAX_CONCURRENT_DISPATCHES = 5000
_MAX_DISPATCHES_PER_SECOND = 500


def complete_task(task: Any) -> None:
    """Check a task to be created and fill in its defaults, in place; raises INVALID_ARGUMENT."""
    if task.HasField("app_engine_http_request"):
        raise invalid("App Engine tasks are not supported here; set http_request.")
    if not task.HasField("http_request"):
        raise invalid("Task.message_type must be set.")
    if task.HasField("retry_config"):
        raise invalid("Task.retry_config is not supported here; set the queue's.")
    _check_request(task.http_request)
    if not task.http_request.http_method:
        task.http_request.http_method = tasks_v2.HttpMethod.POST
    task.http_request.headers["User-Agent"] = "Google-Cloud-Tasks"
    _complete_times(task)
    if task.ByteSize() > MAX_TASK_BYTES:
        raise invalid(f"Task size too large: {task.ByteSize()} bytes, at most {MAX_TASK_BYTES} are allowed.")


def _check_request(request: Any) -> None:
    try:
        url = urlsplit(request.url)
        usable = url.scheme in {"http", "https"} and bool(url.hostname)
    except ValueError:
        usable = False
    if not usable or len(request.url) > MAX_URL_CHARACTERS:
        raise invalid('HttpRequest.url must be an absolute URL that starts with "http://" or "https://".')
    if request.body and request.http_method not in (0, *_BODY_METHODS):
        raise invalid("HTTP request body is only allowed for POST, PUT and PATCH.")
    if request.HasField("oidc_token") and not request.oidc_token.service_account_email:
        raise invalid("HttpRequest.oidc_token.service_account_email must be set.")
    if request.HasField("oauth_token") and not request.oauth_token.service_account_email:
        raise invalid("HttpRequest.oauth_token.service_account_email must be set.")


def _complete_times(task: Any) -> None:
    now = clock.now()
    task.create_time.FromDatetime(now.replace(microsecond=0))
    if not task.HasField("schedule_time"):
        task.schedule_time.FromDatetime(now)
    elif task.schedule_time.ToDatetime(tzinfo=UTC) > now + clock.duration(MAX_SCHEDULE_S):
        raise invalid("The Task.scheduleTime is too far in the future: at most 30 days are allowed.")
    least, default, most = DISPATCH_DEADLINE_S
    if not task.HasField("dispatch_deadline"):
        task.dispatch_deadline.FromTimedelta(timedelta(seconds=default))
    elif not least <= task.dispatch_deadline.ToTimedelta().total_seconds() <= most:
        raise invalid("The Task.dispatchDeadline must be between [15s, 30m].")


def complete_queue(queue: Any) -> None:
    """Check a queue's configuration and fill in Google's defaults, in place; raises INVALID_ARGUMENT."""
    if queue.HasField("app_engine_routing_override"):
        raise invalid("App Engine routing is not supported here.")
    if queue.HasField("http_target"):
        raise invalid("A queue-level http_target is not supported here; set the tasks' http_request.")
    limits, retry = queue.rate_limits, queue.retry_config
    limits.max_dispatches_per_second = limits.max_dispatches_per_second or _MAX_DISPATCHES_PER_SECOND
    limits.max_burst_size = limits.max_burst_size or 100
    limits.max_concurrent_dispatches = limits.max_concurrent_dispatches or 1000
    if not 0 < limits.max_dispatches_per_second <= _MAX_DISPATCHES_PER_SECOND:
        raise invalid("RateLimits.max_dispatches_per_second must be in (0, 500].")
    if not 0 < limits.max_concurrent_dispatches <= _MAX_CONCURRENT_DISPATCHES:
        raise invalid("RateLimits.max_concurrent_dispatches must be in [1, 5000].")
    retry.max_attempts = retry.max_attempts or 100
    if retry.max_attempts < -1:
        raise invalid("RetryConfig.max_attempts must be at least -1, which is unlimited.")
    if not retry.HasField("min_backoff"):
        retry.min_backoff.FromMilliseconds(100)
    if not retry.HasField("max_backoff"):
        retry.max_backoff.FromSeconds(3600)
    retry.max_doublings = retry.max_doublings or 16
    if not timedelta(0) <= retry.min_backoff.ToTimedelta() <= retry.max_backoff.ToTimedelta():
        raise invalid("RetryConfig.min_backoff must be positive and not above max_backoff.")
