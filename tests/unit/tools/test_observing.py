"""What the dashboard counts is logged, and where alerts say that something is written, it is."""

import re

from local.manifest import ROOT

PLATFORM = ROOT / "terraform" / "modules" / "platform"
COUNTED = (PLATFORM / "dashboards.tf").read_text()
PAGE = (ROOT / "docs" / "observing.md").read_text()


def test_every_line_that_is_counted_is_logged() -> None:
    counted = set(re.findall(r'jsonPayload\.message=\\"(\w+)\\"', COUNTED))
    assert len(counted) > 5
    assert counted <= _logged()


def test_alerts_lead_to_what_is_written_about_them() -> None:
    headings = {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)}
    alerts = (PLATFORM / "alerts.tf").read_text()
    told = set(re.findall(r"\$\{local\.what_to_do\}([a-z-]+)", alerts))
    assert len(told) == alerts.count('resource "google_monitoring_alert_policy"')
    assert told <= headings


def _logged() -> set[str]:
    """The names of all events that deployed code logs."""
    calls = re.compile(r'get_logger\(\)\.(?:info|warning|error)\(\s*"(\w+)"')
    return {name for path in (ROOT / "common").rglob("*.py") for name in calls.findall(path.read_text())}
