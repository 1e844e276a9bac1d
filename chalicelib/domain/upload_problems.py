"""What can be wrong with an uploaded file as a whole: it ends the upload before any record is touched."""


class FileRefused(Exception):
    """The file cannot be imported: a code of the catalogue, and its parameters."""

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params = {name: str(value) for name, value in params.items()}
        super().__init__(code, self.params)


class BrokenGzip(Exception):
    """The gzip stream is damaged, or ends too early; `plain` bytes of it could be read."""

    def __init__(self, plain: int, *, ended: bool) -> None:
        super().__init__(plain)
        self.plain, self.ended = plain, ended
