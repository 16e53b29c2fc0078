"""The service: what `workloadmanager serve` runs, from its configuration file to its clean stop.

``docs/operating.md`` describes it. It needs the extra ``gedis``; the command line is not needed.
"""

from ._check import Checked, check
from ._configuration import ADDRESS, Configuration, read_configuration
from ._logs import FORMATS, LEVELS, JsonLines, TextLines, logging_to
from ._notify import notify
from ._run import Ready, serve
from ._secrets import SecretsFile, new_secret, read_secrets, require_role

__all__ = [
    "ADDRESS",
    "FORMATS",
    "LEVELS",
    "Checked",
    "Configuration",
    "JsonLines",
    "Ready",
    "SecretsFile",
    "TextLines",
    "check",
    "logging_to",
    "new_secret",
    "notify",
    "read_configuration",
    "read_secrets",
    "require_role",
    "serve",
]
