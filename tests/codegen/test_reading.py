"""Reading of regular files."""

from __future__ import annotations

from pathlib import Path

import pytest

from declarant_codegen.reading import read_regular

ENDLESS = Path("/proc/self/status")


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 4097, 100_000])
@pytest.mark.parametrize("limit", [-1, 0, 1, 4096, 1_000_000])
def test_all_is_read_up_to_a_limit(tmp_path: Path, size: int, limit: int) -> None:
    """Files of every size are read whole, or as far as is wanted."""
    data = bytes(number % 251 for number in range(size))
    path = tmp_path / "file"
    path.write_bytes(data)

    assert read_regular(str(path), limit) == (data if limit < 0 else data[:limit])


@pytest.mark.skipif(not ENDLESS.is_file(), reason="needs /proc, whose files tell no size")
def test_a_file_whose_size_is_not_told_is_read_whole() -> None:
    """Some regular files have size 0 and hold something."""
    assert ENDLESS.stat().st_size == 0

    assert read_regular(str(ENDLESS)).startswith(b"Name:")
