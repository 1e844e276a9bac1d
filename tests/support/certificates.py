"""A certificate authority of our own, and certificates for servers on this machine."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Authority:
    """Signs certificates; `certificate` is its own, as PEM."""

    certificate: bytes
    _key: EllipticCurvePrivateKey
    _name: x509.Name

    @staticmethod
    def new() -> "Authority":
        """Make an authority."""
        key, name = generate_private_key(SECP256R1()), _name("Test authority")
        ca = x509.BasicConstraints(ca=True, path_length=None)
        signed = _builder(name, name, key).add_extension(ca, critical=True).sign(key, hashes.SHA256())
        return Authority(_pem(signed), key, name)

    def issue(self, *hosts: str) -> tuple[bytes, bytes]:
        """Issue a certificate for names and addresses; answers it and its key, as PEM."""
        key = generate_private_key(SECP256R1())
        builder = _builder(_name(hosts[0]), self._name, key)
        alternatives = x509.SubjectAlternativeName([_host(one) for one in hosts])
        signed = builder.add_extension(alternatives, critical=False).sign(self._key, hashes.SHA256())
        form = serialization.PrivateFormat.PKCS8
        packed = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
        return _pem(signed), packed


def _builder(subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
