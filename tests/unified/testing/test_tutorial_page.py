from __future__ import annotations

from pathlib import Path

from unified.testing.tutorial_page import files, with_files

PAGE = """# A page

<!-- file: a/b.py -->

```python
old = 1
```

```python
no_file = 1
```
"""


def test_marked_blocks_are_files_and_others_are_not() -> None:
    assert files(PAGE) == {"a/b.py": "old = 1\n"}


def test_blocks_are_filled_with_the_files(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.py").write_text("new = 2\n")
    filled = with_files(PAGE, tmp_path)
    assert files(filled) == {"a/b.py": "new = 2\n"}
    assert "no_file = 1" in filled
    assert with_files(filled, tmp_path) == filled
