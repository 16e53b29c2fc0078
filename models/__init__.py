"""The models: TOML files, one per family of documents. They are data; ``schema`` reads them.

`FOLDER` is the folder they are in, for `workloadmanager.schema.Registry.add_folder`.
"""

from importlib.resources import files
from importlib.resources.abc import Traversable

__all__ = ["FOLDER"]

FOLDER: Traversable = files(__name__)
"""The folder of the model files, wherever the package is installed."""
