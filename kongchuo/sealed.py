"""Sealed columns: numbers that stand encrypted in the database and masked everywhere else.

AES-256-GCM with a fresh nonce for each value, bound to its column, and a keyed hash beside it for exact look-up.
"""

import base64
import hmac
import os
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

from kongchuo import idnumber


class Secret:
    """A sealed value. Text, repr and templates show its mask; only `reveal` gives the value itself."""

    __slots__ = ("_column", "_mask", "_plain", "_token")

    def __init__(
        self, plain: str | None = None, *, token: str = "", column: str = "", mask: Callable[[str], str] = idnumber.mask
    ):
        self._plain, self._token, self._column, self._mask = plain, token, column, mask

    def reveal(self) -> str:
        """The full value. Whoever calls this has recorded who asked and why, or keeps it inside the process."""
        if self._plain is None:
            self._plain = unseal(self._token, self._column)
        return self._plain

    def __str__(self) -> str:
        return self._mask(self.reveal())

    __repr__ = __str__

    def __bool__(self) -> bool:
        return bool(self._token or self._plain)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Secret):
            return self.reveal() == other.reveal()
        return isinstance(other, str) and self.reveal() == other

    def __hash__(self) -> int:
        return hash(self.reveal())


class SecretField(models.CharField):
    """A text column whose values are `Secret`: sealed on the way in, masked on the way out. Empty stays empty."""

    # What the type checker shall take assignment and access for.
    _pyi_private_set_type: Secret | str  # type: ignore[assignment]
    _pyi_private_get_type: Secret  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any):
        kwargs.setdefault("max_length", 200)
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)

    @property
    def _column(self) -> str:
        return f"{self.model._meta.label_lower}.{self.attname}"

    def from_db_value(self, value: str | None, *_: Any) -> Secret:
        return Secret(token=value, column=self._column) if value else Secret("")

    def to_python(self, value: Any) -> Secret:
        return value if isinstance(value, Secret) else Secret(value or "")

    def get_prep_value(self, value: Any) -> str:
        plain = value.reveal() if isinstance(value, Secret) else (value or "")
        return seal(plain, self._column) if plain else ""

    def get_lookup(self, lookup_name: str) -> Any:
        # Every sealing has another nonce: comparing tokens would quietly find nothing.
        return super().get_lookup(lookup_name) if lookup_name in ("isnull",) else None

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))


class SealedTextField(SecretField):
    """A longer sealed text (a roster waiting for confirmation, say)."""

    def get_internal_type(self) -> str:
        return "TextField"

    def db_type(self, connection: Any) -> str:
        return "text"


def keyed_hash(value: str) -> str:
    """Keyed hash (HMAC-SHA256, hex) for exact look-up of a sealed value; empty for an empty value."""
    return hmac.digest(settings.KEYS.index, value.encode(), "sha256").hex() if value else ""


@lru_cache(maxsize=4)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def seal(plain: str, column: str) -> str:
    """Encrypt a text for one place: a column, or a named purpose. Only `unseal` with the same name opens it."""
    nonce = os.urandom(12)
    return base64.b64encode(
        nonce + _cipher(settings.KEYS.seal).encrypt(nonce, plain.encode(), column.encode())
    ).decode()


def unseal(token: str, column: str) -> str:
    """The text that was sealed for this place. ValueError when the keys or the place are not the same."""
    raw = base64.b64decode(token)
    try:
        return _cipher(settings.KEYS.seal).decrypt(raw[:12], raw[12:], column.encode()).decode()
    except InvalidTag as error:
        raise ValueError("密钥不符，无法读出已加密的号码；请检查密钥文件夹。") from error
