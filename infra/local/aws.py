"""Start, stop and wipe the local AWS (ministack): one process, its state below one directory."""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.package import ROOT

PORT = 4566
REGION = "sa-east-1"
PYTHON = ROOT / ".local" / "aws-venv" / "bin" / "python"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}  # any do  # nosec B105
START_SECONDS = 60
STOP_SECONDS = 120
# Files of kept state that hold queue URLs.
NAMING_QUEUES = ("cloudformation", "lambda", "sqs")


class LocalAwsError(RuntimeError):
    """The local AWS cannot start or stop; the message says what to do."""


@dataclass(frozen=True)
class LocalAws:
    """A local AWS that keeps everything below `directory` and listens on 127.0.0.1:`port`.

    The process inherits an open, locked file. While that lock is held it lives, and the process id written in
    the file is its own: a number that was reused by another program is never taken for it.
    """

    directory: Path = ROOT / ".local"
    port: int = PORT

    @property
    def endpoint_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables that point boto3 at this local AWS."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            **CREDENTIALS,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
        }

    def start(self) -> bool:
        """Start it, unless it runs already, and wait until it is healthy; tell whether it was started now."""
        self.directory.mkdir(parents=True, exist_ok=True)
        running = self.running()
        if running:
            self._check_same_port(running)
            self._wait_until_healthy()
            return False
        if _is_taken(self.port):
            raise LocalAwsError(
                f"Port {self.port} is in use by another program. "
                f"Stop it, or pick another port: make run PORT={self.port + 100}"
            )
        self._spawn()
        self._wait_until_healthy()
        return True

    def stop(self) -> bool:
        """Stop it, let it save its state first; tell whether it was running."""
        running = self.running()
        if not running:
            return False
        os.kill(running["pid"], signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while self.running():
            if time.monotonic() > deadline:
                raise LocalAwsError(
                    f"The local AWS (process {running['pid']}) is still saving its data after "
                    f"{STOP_SECONDS} s. Look at {self._log}"
                )
            time.sleep(0.05)
        return True

    def wipe(self) -> None:
        """Stop it and delete its data. Packages and downloaded tools stay."""
        self.stop()
        for name in ("state", "s3", "tmp"):
            shutil.rmtree(self.directory / name, ignore_errors=True)
        for name in ("aws.lock", "aws.log", "stack.json", "demo.json"):
            (self.directory / name).unlink(missing_ok=True)

    def running(self) -> dict[str, int] | None:
        """Return `pid` and `port` of the running process, or None."""
        try:
            with self._lock.open() as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return None
        except BlockingIOError:
            found = json.loads(self._lock.read_text())
            return {"pid": int(found["pid"]), "port": int(found["port"])}
        return None

    @property
    def _lock(self) -> Path:
        return self.directory / "aws.lock"

    @property
    def _log(self) -> Path:
        return self.directory / "aws.log"

    def _check_same_port(self, running: dict[str, int]) -> None:
        if running["port"] != self.port:
            raise LocalAwsError(
                f"The local AWS runs on port {running['port']} already. "
                "Use that port, or stop it first: make stop"
            )

    def _spawn(self) -> None:
        if not PYTHON.exists():
            raise LocalAwsError("The local AWS is not installed. Install it: make environments")
        for name in ("state", "s3", "tmp"):
            (self.directory / name).mkdir(exist_ok=True)
        self._follow_port()
        with self._lock.open("w") as lock, self._log.open("a") as log:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            process = subprocess.Popen(
                [str(PYTHON), str(Path(__file__).with_name("ministack_without_pause.py"))],
                cwd=self.directory,
                env=self._server_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[lock.fileno()],
                start_new_session=True,  # Ctrl-C during `make run` must not stop it
            )
            lock.write(json.dumps({"pid": process.pid, "port": self.port}))

    def _follow_port(self) -> None:
        """Give kept queues the addresses of the new port: ministack finds a queue by its whole URL."""
        kept = self.directory / "state" / "port"
        before = kept.read_text() if kept.exists() else str(self.port)
        if before != str(self.port):
            for file in (self.directory / "state").glob("*.json"):
                if file.stem in NAMING_QUEUES:
                    moved = file.read_text().replace(f"//localhost:{before}/", f"//localhost:{self.port}/")
                    file.write_text(moved)
        kept.write_text(str(self.port))

    def _server_environment(self) -> dict[str, str]:
        """Return ministack's settings; the functions inherit them, so none of the caller's get in."""
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "LC_ALL") if key in os.environ}
        return {
            **kept,
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            **CREDENTIALS,
            "AWS_DEFAULT_REGION": REGION,
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self.directory / "state"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self.directory / "s3"),
            "TMPDIR": str(self.directory / "tmp"),
            "LAMBDA_EXECUTOR": "local",
            # Listeners that nobody here needs, on fixed ports that a second local AWS could not have.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
        }

    def _wait_until_healthy(self) -> None:
        health, deadline = f"{self.endpoint_url}/_ministack/health", time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if not self.running():
                raise LocalAwsError(f"The local AWS stopped while starting. Look at {self._log}")
            try:
                with urllib.request.urlopen(health, timeout=5):  # our own http  # nosec B310
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise LocalAwsError(f"The local AWS is not healthy after {START_SECONDS} s. Look at {self._log}")


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def directory() -> Path:
    """Tell where the data lies: .local, unless LOCAL_DIRECTORY names another place."""
    return Path(os.environ.get("LOCAL_DIRECTORY") or ROOT / ".local").resolve()


def main(argv: Sequence[str] | None = None) -> int:
    """Run `python -m infra.local.aws start|stop|wipe|status [--port N]`."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.aws", description=__doc__)
    parser.add_argument("command", choices=["start", "stop", "wipe", "status"])
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--directory", type=Path, default=directory())
    arguments = parser.parse_args(argv)
    local = LocalAws(arguments.directory.resolve(), arguments.port)
    try:
        if arguments.command == "start":
            print(f"{local.endpoint_url} {'started' if local.start() else 'is running already'}")
        elif arguments.command == "stop":
            print("stopped, the data is kept" if local.stop() else "it was not running")
        elif arguments.command == "wipe":
            local.wipe()
            print("wiped")
        else:
            found = local.running()
            print(f"process {found['pid']} on port {found['port']}" if found else "it is not running")
    except LocalAwsError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
