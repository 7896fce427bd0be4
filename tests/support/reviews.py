"""What a page of reviews holds."""

import base64
import gzip
import json
import re
from typing import Any


def rows_of(page: str) -> list[dict[str, Any]]:
    packed = re.search(r'id="rows">([^<]*)<', page)[1]
    return json.loads(gzip.decompress(base64.b64decode(packed)))
