"""Where the command works: the local cloud or a project of Google's, by the variables that lead any client there."""

import json
import os
from pathlib import Path

from common.core.errors import EarshotError
from common.core.settings import Settings, settings
from common.database import probes

_LOCAL = "FIRESTORE_EMULATOR_HOST"


class NowhereError(EarshotError):
    """It cannot be said, or was not said, which project is meant."""


def enter(environment: Path | None) -> None:
    """Take the variables of a file, which is one JSON object, in place of this process's own.

    Raises:
        NowhereError: there is no such file, or no project is named.
    """
    if environment is not None:
        try:
            told = json.loads(environment.read_text(encoding="utf-8"))
            os.environ.update({name: value for name, value in told.items() if isinstance(value, str)})
        except (OSError, ValueError, AttributeError) as error:
            raise NowhereError(f"{environment} cannot be read, or is no JSON object of variables") from error
    if not is_local() and settings().google_cloud_project == Settings.model_fields["google_cloud_project"].default:
        raise NowhereError(
            "No project is named: `--environment .data/environment.json` is the local cloud's,"
            " `terraform output -json environment` prints a project's (docs/operate.md)"
        )


def is_local() -> bool:
    """Whether what is asked leads to the local cloud."""
    return bool(os.environ.get(_LOCAL))


def described() -> str:
    """Where it is, for the eyes of whoever is about to change it."""
    where = f"the local cloud, Firestore at {os.environ[_LOCAL]}" if is_local() else "Google Cloud"
    return f"{settings().google_cloud_project} ({where})"


def reach() -> None:
    """Make sure that the store answers before anything is begun: the libraries would try for minutes.

    Raises:
        EarshotError: it does not.
    """
    probes.firestore()
