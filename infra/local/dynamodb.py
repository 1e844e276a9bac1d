"""DynamoDB Local, AWS's own engine, for tests: fetched from the npm registry, run with Java, in memory."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import TracebackType

from infra.package import ROOT

PACKAGE = "amplify-dynamodb-simulator@2.9.30"  # carries DynamoDB Local 1.25.1 in its folder emulator/
INTEGRITY = "xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ=="
DIRECTORY = ROOT / ".local" / "dynamodb"
START_SECONDS = 60


class DynamoDBLocalError(RuntimeError):
    """DynamoDB Local cannot be fetched or started; the message says what to do."""


@dataclass
class DynamoDBLocal:
    """A DynamoDB Local of our own on 127.0.0.1:`port` (0 = any free one); a context manager."""

    port: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def endpoint_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Fetch it on first use, start it and wait until it answers."""
        java = _required("java", "default-jre-headless")
        emulator = fetch()
        self.port = self.port or _free_port()
        command = [java, "-Xmx1g", f"-Djava.library.path={emulator / 'DynamoDBLocal_lib'}"]
        command += [
            "-jar",
            str(emulator / "DynamoDBLocal.jar"),
            "-inMemory",
            "-sharedDb",
            "-port",
            str(self.port),
        ]
        with (DIRECTORY / f"{self.port}.log").open("wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=DIRECTORY,
                env={**os.environ, "DDB_LOCAL_TELEMETRY": "0"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._wait_until_ready(self._process)

    def stop(self) -> None:
        """Stop it; its tables are gone."""
        if self._process:
            self._process.terminate()
            self._process.wait(30)
            self._process = None
            (DIRECTORY / f"{self.port}.log").unlink(missing_ok=True)

    def __enter__(self) -> DynamoDBLocal:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise DynamoDBLocalError(f"DynamoDB Local stopped while starting: {self._last_words()}")
            try:
                with urllib.request.urlopen(self.endpoint_url, timeout=5):  # our own http  # nosec B310
                    return
            except urllib.error.HTTPError:
                return  # 400: it lacks a signature, but it answers
            except OSError:
                time.sleep(0.05)
        self.stop()
        raise DynamoDBLocalError(f"DynamoDB Local does not answer after {START_SECONDS} s")

    def _last_words(self) -> str:
        return (DIRECTORY / f"{self.port}.log").read_text(errors="replace")[-2000:]


def missing() -> str | None:
    """Say what this machine lacks to run DynamoDB Local, or return None."""
    try:
        _required("java", "default-jre-headless")
        if not _emulator().exists():
            _required("npm", "npm")
    except DynamoDBLocalError as error:
        return str(error)
    return None


def fetch() -> Path:
    """Return the engine's folder, fetched and verified on first use."""
    if not _emulator().exists():
        npm = _required("npm", "npm")
        DIRECTORY.mkdir(parents=True, exist_ok=True)
        with (DIRECTORY / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not _emulator().exists():
                _download(npm)
    return _emulator()


def _download(npm: str) -> None:
    with tempfile.TemporaryDirectory(dir=DIRECTORY) as scratch:
        command = [npm, "pack", PACKAGE, "--silent", "--pack-destination", scratch]
        done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, check=False)
        if done.returncode:
            raise DynamoDBLocalError(
                f"npm pack {PACKAGE} failed: {done.stderr.strip() or done.stdout.strip()}"
            )
        archive = next(Path(scratch).glob("*.tgz"))
        found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if found != INTEGRITY:
            raise DynamoDBLocalError(f"{PACKAGE} is not the file that was reviewed: its SHA-512 is {found}")
        _unpack(archive, Path(scratch) / "unpacked")
        (Path(scratch) / "unpacked").rename(_emulator())


def _unpack(archive: Path, target: Path) -> None:
    """Unpack the folder package/emulator of `archive`."""
    with tarfile.open(archive) as tar:
        for member in tar:
            path = PurePosixPath(member.name)
            content = tar.extractfile(member) if path.parts[:2] == ("package", "emulator") else None
            if content and ".." not in path.parts:
                file = target.joinpath(*path.parts[2:])
                file.parent.mkdir(parents=True, exist_ok=True)
                with file.open("wb") as out:
                    shutil.copyfileobj(content, out)


def _emulator() -> Path:
    return DIRECTORY / PACKAGE.replace("@", "-")


def _required(command: str, debian_package: str) -> str:
    """Return a command's path or say how to get it."""
    found = shutil.which(command)
    if not found:
        raise DynamoDBLocalError(
            f"DynamoDB Local needs {command}. On Debian and Ubuntu: apt-get install {debian_package}"
        )
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    """Run DynamoDB Local in the foreground: `python -m infra.local.dynamodb [port]`."""
    try:
        with DynamoDBLocal(int(sys.argv[1]) if len(sys.argv) > 1 else 8000) as engine:
            print(f"DynamoDB Local answers on {engine.endpoint_url}; Ctrl-C stops it", flush=True)
            while True:
                time.sleep(3600)
    except DynamoDBLocalError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
