"""DynamoDB Local, AWS's own engine, for tests: fetched from the npm registry, run with Java, in memory."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import TracebackType

from infra.npm import PackageError, download, unpack
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
        _required("npm", "npm")
        DIRECTORY.mkdir(parents=True, exist_ok=True)
        with (DIRECTORY / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not _emulator().exists():
                _download()
    return _emulator()


def _download() -> None:
    with tempfile.TemporaryDirectory(dir=DIRECTORY) as scratch:
        unpacked = Path(scratch) / "unpacked"
        try:
            unpack(download(PACKAGE, INTEGRITY, Path(scratch)), unpacked, _in_emulator)
        except PackageError as error:
            raise DynamoDBLocalError(str(error)) from error
        unpacked.rename(_emulator())


def _in_emulator(path: PurePosixPath) -> PurePosixPath | None:
    return path.relative_to("emulator") if path.parts[0] == "emulator" else None


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
