"""What the plan takes for the names of settings, and of those that hold a secret, is what the settings say."""

import re

from common.core.settings import Settings
from local.manifest import ROOT


def test_the_plan_knows_every_setting_and_which_of_them_are_secrets() -> None:
    plan = (ROOT / "terraform" / "main.tf").read_text(encoding="utf-8")
    (pattern,) = re.findall(r'regexall\("(.+?)", file\(".*/common/core/settings\.py"\)\)', plan)
    found = re.findall(pattern, (ROOT / "common" / "core" / "settings.py").read_text(encoding="utf-8"))

    secret = {name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)}
    assert {name for name, _ in found} == Settings.model_fields.keys()
    assert {name for name, kind in found if kind} == secret
    assert len(secret) > 10
