"""Files that are made while somebody waits for them, and handed out at once."""

from .files import TEXT, Files


class Downloads:
    """Small files for people; the bucket's lifecycle deletes them a day later."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def offer(self, name: str, filename: str, content: bytes, content_type: str = TEXT) -> str:
        """Store a file and mint its link, which saves under `filename`."""
        place = f"downloads/{name}"
        self._files.put(place, content, content_type)
        return self._files.link(place, filename)
