"""The product's bucket, in memory."""

from dataclasses import dataclass, field


@dataclass
class FakeBodies:
    """Keeps objects by name; like S3, it answers no name that was not stored."""

    objects: dict[str, bytes] = field(default_factory=dict)

    def put(self, name: str, content: bytes) -> None:
        self.objects[name] = content

    def get(self, name: str) -> bytes:
        return self.objects[name]

    def link(self, name: str, filename: str, seconds: int) -> str:
        return f"https://bucket.example/{name}?filename={filename}&expires={seconds}"
