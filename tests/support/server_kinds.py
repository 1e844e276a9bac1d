"""The two database servers that tests start, each with its own way to be set up."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from tests.support.servers import OWNER, PASSWORD, READER, Server, program


class PostgreSql(Server):
    """PostgreSQL."""

    def _initialise(self) -> Sequence[str]:
        (self.folder / "password").write_text(PASSWORD)
        (self.folder / "password").chmod(0o644)
        found = program("initdb")
        assert found, "it is installed"
        options = ["--auth=scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-U", OWNER]
        return [found, "-D", str(self.folder / "data"), *options, f"--pwfile={self.folder / 'password'}"]

    def _serve(self) -> Sequence[str]:
        found = program("postgres")
        assert found, "it is installed"
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",
            "ssl": "on",
            "ssl_cert_file": self.folder / "server.pem",
            "ssl_key_file": self.folder / "server.key",
        }
        return [
            found,
            "-D",
            str(self.folder / "data"),
            *(f"-c{name}={value}" for name, value in settings.items()),
        ]

    def _admin(self, *statements: str) -> None:
        with self.owner("postgres", isolation_level="AUTOCOMMIT").connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def _users(self) -> None:
        self._admin("CREATE DATABASE erp", f"CREATE ROLE {READER} LOGIN PASSWORD '{PASSWORD}'")
        self.execute(
            f"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {READER}",
        )


class MariaDb(Server):
    """MariaDB."""

    def _initialise(self) -> Sequence[str]:
        found = program("mariadb-install-db")
        assert found, "it is installed"
        options = ["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]
        return [found, *options, f"--datadir={self.folder / 'data'}"]

    def _serve(self) -> Sequence[str]:
        found = program("mariadbd")
        assert found, "it is installed"
        settings = {
            "datadir": self.folder / "data",
            "port": self.port,
            "bind-address": "127.0.0.1",
            "socket": self.folder / "socket",
            "pid-file": self.folder / "pid",
            "character-set-server": "utf8mb4",
            "ssl-cert": self.folder / "server.pem",
            "ssl-key": self.folder / "server.key",
            "ssl-ca": self.folder / "ca.pem",
            "innodb-flush-log-at-trx-commit": 0,
            "innodb-buffer-pool-size": "64M",
            "performance-schema": "OFF",
        }
        return [found, "--no-defaults", *(f"--{name}={value}" for name, value in settings.items())]

    def _admin(self, *statements: str) -> None:
        url = sa.URL.create("mysql+pymysql", "root", None, query={"unix_socket": str(self.folder / "socket")})
        with sa.create_engine(url, poolclass=NullPool).begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement.replace("%", "%%"))

    def _users(self) -> None:
        self._admin(
            "DELETE FROM mysql.global_priv WHERE User = ''",  # on this host it would go before all others
            "FLUSH PRIVILEGES",
            "CREATE DATABASE erp",
            f"CREATE USER {OWNER} IDENTIFIED BY '{PASSWORD}'",
            f"GRANT ALL ON erp.* TO {OWNER}",
            f"CREATE USER {READER} IDENTIFIED BY '{PASSWORD}'",
            f"GRANT SELECT, SHOW VIEW ON erp.* TO {READER}",
        )


def start(engine: str) -> Server:
    """Make and start a server."""
    server: Server = PostgreSql(engine) if engine == "postgresql" else MariaDb(engine)
    server.make()
    return server
