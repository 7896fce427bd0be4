"""A model as a file and as a hash, both decided by the model alone."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras

_EARLIEST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def weights_sha256(model: keras.Model) -> str:
    """SHA-256 of all weights in the model's order, as little-endian float32: 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for weight in model.weights:
        digest.update(np.ascontiguousarray(weight.numpy(), dtype="<f4").tobytes())
    return digest.hexdigest()


def save_model(model: keras.Model, path: Path) -> None:
    """Save as Keras does, less dates and memory addresses: equal models give equal files.

    The file appears whole or not at all.
    """
    as_keras_writes = path.with_name(f"dated-{path.name}")  # Keras takes no other suffix
    undated = path.with_name(f"undated-{path.name}")
    model.save(as_keras_writes)
    with zipfile.ZipFile(as_keras_writes) as source, zipfile.ZipFile(undated, "w") as target:
        for name in sorted(source.namelist()):
            content = source.read(name)
            target.writestr(
                zipfile.ZipInfo(name, _EARLIEST_ZIP_DATE), _undated(content) if name.endswith(".json") else content
            )
    as_keras_writes.unlink()
    undated.replace(path)


def _undated(content: bytes) -> bytes:
    addresses: dict[int, int] = {}

    def mend(fields: dict[str, Any]) -> dict[str, Any]:
        fields.pop("date_saved", None)
        if "shared_object_id" in fields:  # an address in memory; only equality counts
            fields["shared_object_id"] = addresses.setdefault(fields["shared_object_id"], len(addresses))
        return fields

    return json.dumps(json.loads(content, object_hook=mend)).encode()
