"""Payloads as devices send them, one a file, with what must come of each beside it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.clock import microseconds
from data.errors import BadInput
from data.feeds import batch, osmand, owntracks
from data.feeds.wire import Decoded, read_pairs
from data.model.fix import DeviceEvent, empty_fixes

SAMPLES = Path(__file__).parent / "samples"
PAYLOADS = sorted(
    path
    for path in SAMPLES.iterdir()
    if path.suffix in (".json", ".query") and not path.name.endswith(".expected.json")
)


def decode(path: Path, received_at: datetime) -> Decoded:
    """What the feed named first in the file's name makes of it."""
    body = path.read_bytes()
    if path.suffix == ".query":
        return osmand.decode_parameters(read_pairs(body, "query"), received_at)
    feeds = {"osmand": osmand.decode_json, "owntracks": owntracks.decode, "batch": batch.decode}
    return feeds[path.name.partition("_")[0]](body, received_at)


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.stem)
def test_a_payload_gives_what_stands_beside_it(path: Path) -> None:
    """Every field in its unit, everything not said unknown; or the field that is wrong, named."""
    expected: dict[str, Any] = json.loads(
        path.with_name(f"{path.stem}.expected.json").read_text(encoding="utf-8")
    )
    received_at = datetime.fromisoformat(expected["received_at"])
    if "error" in expected:
        with pytest.raises(BadInput) as caught:
            decode(path, received_at)
        assert caught.value.field == expected["error"]
        return
    decoded = decode(path, received_at)
    assert decoded.identity == expected.get("identity")
    assert decoded.ignored == expected.get("ignored")
    wanted = empty_fixes(len(expected["records"]))
    for place, values in enumerate(expected["records"]):
        for name, value in values.items():
            if name == "fixed_at":
                value = microseconds(datetime.fromisoformat(value))
            elif name == "events":
                value = sum(DeviceEvent[each] for each in value)
            wanted[name][place] = value
    for name in wanted.dtype.names:
        np.testing.assert_allclose(decoded.records[name], wanted[name], rtol=1e-6, err_msg=name)


def test_a_swapped_place_is_asked_about() -> None:
    """Where a latitude could only be a longitude, the sender is asked whether they are swapped."""
    path = SAMPLES / "osmand_refused_swapped.query"
    with pytest.raises(BadInput, match="are lat and lon swapped") as caught:
        decode(path, datetime.fromisoformat("2026-11-21T12:00:00Z"))
    assert "151" not in str(caught.value), "a message must not echo a place"
