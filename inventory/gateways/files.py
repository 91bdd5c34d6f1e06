"""Files beside the database: whole or not at all, under names of ours."""

import os
import re
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

NAME: Final = re.compile(r"[0-9a-f]{40}\.(jpg|png|webp)", re.ASCII)


class FileStore:
    """A folder of files that are written once and never changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path_of(self, name: str) -> Path:
        """Where the file of that name is."""
        assert NAME.fullmatch(name), "names of files are ours"
        return self.folder / name[:2] / name

    def keep(self, name: str, data: bytes) -> None:
        """Write a file so that a power cut leaves all of it or nothing under its name."""
        path = self.path_of(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        with unfinished.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
        _sync_folder(path.parent)

    def names_before(self, moment: datetime) -> set[str]:
        """Names of the files that were written before the moment."""
        return {
            path.name
            for path in self.folder.glob("??/*")
            if NAME.fullmatch(path.name) and path.stat().st_mtime < moment.timestamp()
        }

    def discard(self, name: str) -> None:
        """Delete a file; one that is gone already is no matter."""
        with suppress(FileNotFoundError):
            self.path_of(name).unlink()


def _sync_folder(folder: Path) -> None:
    """Make a rename last: it stands in the folder, not in the file."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
