"""Who is calling: users of the CRM by JWT, ERPs by key."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from ..domain import values
from ..domain.errors import Busy, Unauthenticated
from ..domain.integrations import Integration
from ..domain.keys import ErpKey

if TYPE_CHECKING:
    from ..storage.integrations import ErpKeys

ROLES: Final = ("viewer", "admin", "operator")
SHARED_SECRET_ALGORITHMS: Final = ["HS256"]
PUBLIC_KEY_ALGORITHMS: Final = ["RS256", "RS384", "RS512", "ES256", "ES384", "PS256", "EdDSA"]
LEEWAY_SECONDS = 30
_ERP_KEY = re.compile(r"erp_(?P<id>(?P<integration>[a-z0-9]{12})-[a-z0-9]{6})_(?P<secret>[A-Za-z0-9]{40})")
_ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass(frozen=True, slots=True)
class User:
    """A person of the CRM."""

    user_id: str
    tenant_id: str
    role: str

    @property
    def sees_personal_data(self) -> bool:
        """Tell whether CPF, e-mail and phone are shown to them: to the tenant's own admins only."""
        return self.role == "admin"


@dataclass(frozen=True, slots=True)
class Erp:
    """An ERP, known by its key; may only push to the key's integration."""

    key_id: str
    key_name: str
    tenant_id: str
    integration_id: str
    reads_only: bool = False


class RevokedKey(Unauthenticated):
    """The key was right until it was revoked; `erp` tells whose it was, so that they can see the refusal."""

    def __init__(self, erp: Erp) -> None:
        super().__init__("erp_key_revoked")
        self.erp = erp


@dataclass(frozen=True, slots=True)
class TokenRules:
    """What a user's token must satisfy; an empty text asks for nothing. No JWKS: the shared secret."""

    jwks_url: str = ""
    issuer: str = ""
    audience: str = ""


@dataclass
class Access:
    """Checks credentials; secrets are read when first needed."""

    keys: "ErpKeys"
    rules: TokenRules
    jwt_secret: Callable[[], str]
    pepper: Callable[[], str]
    now: Callable[[], datetime]

    def authenticate(self, header: str | None) -> User | Erp:
        """Tell who sent this `Authorization` header; raises Unauthenticated with the reason, or Busy."""
        scheme, _, token = (header or "").strip().partition(" ")
        token = token.strip()
        if not header:
            raise Unauthenticated("credentials_missing")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("credentials_not_bearer")
        return self._erp(token) if token.startswith("erp_") else self._user(token)

    def _erp(self, token: str) -> Erp:
        parts = _ERP_KEY.fullmatch(token)
        if parts is None:
            raise Unauthenticated("erp_key_malformed")
        key = self.keys.find(parts["integration"], parts["id"])
        expected = key.secret_hash if key else "0" * 64
        if not hmac.compare_digest(self._hash(parts["secret"]), expected) or key is None:
            raise Unauthenticated("erp_key_unknown")
        erp = Erp(key.key_id, key.name, key.tenant_id, key.integration_id, key.reads_only)
        if key.revoked_at:
            raise RevokedKey(erp)
        return erp

    def _hash(self, secret: str) -> str:
        return hmac.new(self.pepper().encode(), secret.encode(), hashlib.sha256).hexdigest()

    def _user(self, token: str) -> User:
        import jwt

        try:
            claims = self._claims(token)
        except jwt.ExpiredSignatureError as error:
            raise Unauthenticated("token_expired") from error
        except jwt.PyJWTError as error:
            raise Unauthenticated("token_invalid") from error
        user = User(
            str(claims.get("sub") or ""), str(claims.get("tenant_id") or ""), str(claims.get("role") or "")
        )
        if not user.user_id or not user.tenant_id or user.role not in ROLES:
            raise Unauthenticated("token_claims_missing")
        return user

    def _claims(self, token: str) -> dict[str, Any]:
        import jwt

        checks: dict[str, Any] = {
            "leeway": LEEWAY_SECONDS,
            "options": {"require": ["exp", "sub"], "verify_aud": bool(self.rules.audience)},
            "issuer": self.rules.issuer or None,
            "audience": self.rules.audience or None,
        }
        if self.rules.jwks_url:
            key = self._jwks.get_signing_key_from_jwt(token)
            return dict(jwt.decode(token, key, algorithms=PUBLIC_KEY_ALGORITHMS, **checks))
        return dict(jwt.decode(token, self.jwt_secret(), algorithms=SHARED_SECRET_ALGORITHMS, **checks))

    @cached_property
    def _jwks(self) -> Any:
        import jwt

        class Published(jwt.PyJWKClient):
            """The CRM's keys; that they cannot be had is not the token's fault."""

            def fetch_data(self) -> Any:
                try:
                    return super().fetch_data()
                except (jwt.PyJWTError, OSError, ValueError) as error:  # unreachable, or no key set
                    raise Busy("token_keys_unavailable") from error

        # Single keys are not cached: PyJWT would take a withdrawn one for as long as the process lives.
        return Published(self.rules.jwks_url, cache_keys=False, lifespan=300, timeout=5)

    def create_key(self, integration: Integration, name: str, created_by: str) -> tuple[ErpKey, str]:
        """Create an ERP's key; answers it and its full text, which is shown this once."""
        secret = "".join(secrets.choice(_ALPHABET) for _ in range(40))
        suffix = "".join(secrets.choice("abcdefghijkmnpqrstuvwxyz23456789") for _ in range(6))
        key = ErpKey(
            key_id=f"{integration.integration_id}-{suffix}",
            integration_id=integration.integration_id,
            tenant_id=integration.tenant_id,
            name=name,
            secret_hash=self._hash(secret),
            created_at=values.instant_text(self.now()),
            created_by=created_by,
            reads_only=integration.reads_views,
        )
        self.keys.add(key)
        return key, f"erp_{key.key_id}_{secret}"
