"""Real database servers on 127.0.0.1, whose views are read: PostgreSQL and MariaDB, from Debian's packages.

Each has a certificate of an authority of our own, a database in UTF-8, an owner and a user who may only read.
They can be killed and started again on the same data.
"""

import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from tests.support.certificates import Authority
from tests.support.ports import free_port

OWNER, READER, PASSWORD = "owner", "reader", "p@ss/wörd #1?"
START_SECONDS = 60


def missing(name: str) -> str | None:
    """Tell what has to be installed for a server's tests; None when it is there."""
    wanted, package = {
        "postgresql": ("initdb", "postgresql"),
        "mysql": ("mariadb-install-db", "mariadb-server-core and mariadb-client-core"),
    }[name]
    return None if program(wanted) else f"{name}: install {package} to run these tests"


def program(name: str) -> str | None:
    """Find a server's program; Debian keeps PostgreSQL's beside the path."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin") or (
        str(found[-1]) if found else None
    )


@dataclass
class Server:
    """A server of our own; `engine` names it as sources do."""

    engine: str
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="views-")))
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """The reader's connection string."""
        return self.address_of(READER, PASSWORD)

    def address_of(self, user: str, password: str, database: str = "erp", host: str = "127.0.0.1") -> str:
        """Write a connection string."""
        return f"{self.engine}://{user}:{quote(password, safe='')}@{host}:{self.port}/{database}"

    @property
    def verified(self) -> str:
        """The reader's connection as JSON, with the authority that signed the server's certificate."""
        return json.dumps(
            {
                "engine": self.engine,
                "host": "localhost",
                "port": self.port,
                "dbname": "erp",
                "username": READER,
                "password": PASSWORD,
                "ca_certificate": (self.folder / "ca.pem").read_text(),
            }
        )

    def owner(self, database: str = "erp", **options: Any) -> sa.Engine:
        """Connect as the owner, to build tables and views."""
        drivers = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}
        url = sa.URL.create(drivers[self.engine], OWNER, PASSWORD, "127.0.0.1", self.port, database)
        arguments = {"password": PASSWORD.encode()} if self.engine == "mysql" else {}
        return sa.create_engine(url, poolclass=NullPool, connect_args=arguments, **options)

    def execute(self, *statements: str) -> None:
        """Run statements as the owner."""
        with self.owner().begin() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))

    def make(self) -> None:
        """Prepare data and certificate, start, and make the database and its users."""
        authority = Authority.new()
        (self.folder / "ca.pem").write_bytes(authority.certificate)
        certificate, key = authority.issue("localhost", "127.0.0.1")
        (self.folder / "server.pem").write_bytes(certificate)
        (self.folder / "server.key").write_bytes(key)
        (self.folder / "server.key").chmod(0o600)
        self._give(self.folder)
        self._run(*self._initialise())
        self.start()
        self._users()

    def start(self) -> None:
        """Start, and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self._serve(), stdout=log, stderr=log, start_new_session=True, **_user()
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise AssertionError((self.folder / "log").read_text()[-2_000:])
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process is not None, "it was started"
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End it and forget its data."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            self._admin("SELECT 1")
        except sa.exc.SQLAlchemyError:
            return False
        return True

    def _admin(self, *statements: str) -> None:
        raise NotImplementedError

    def _initialise(self) -> Sequence[str]:
        raise NotImplementedError

    def _serve(self) -> Sequence[str]:
        raise NotImplementedError

    def _users(self) -> None:
        raise NotImplementedError

    def _run(self, *command: str) -> None:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=self.folder, **_user()
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def _give(self, folder: Path) -> None:
        """Let the server's user have its files: PostgreSQL refuses to run as root."""
        if user := _user().get("user"):
            owner = pwd.getpwnam(user)
            for path in (folder, *folder.iterdir()):
                os.chown(path, owner.pw_uid, owner.pw_gid)


def _user() -> dict[str, Any]:
    return {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid} if os.geteuid() == 0 else {}
