"""Reading the detectors' catalog file; the detectors themselves read no files."""

from __future__ import annotations

from pathlib import Path

import detectors
from controller.core import yamlfile
from controller.core.errors import ConfigError
from detectors.catalog import Catalog, load

SHIPPED = Path(detectors.__file__).parent / "catalog.yaml"


def load_catalog(path: Path = SHIPPED) -> Catalog:
    """The catalog of a file; ConfigError says what is missing or wrong in it."""
    document = yamlfile.read(path)
    try:
        return load(document.data)
    except KeyError as error:
        raise ConfigError(f"lacks {error.args[0]}", where=str(path)) from None
    except (ValueError, TypeError, AttributeError) as error:
        raise ConfigError(str(error), where=str(path)) from None
