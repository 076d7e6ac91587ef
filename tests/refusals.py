"""Assertions of refusals and warnings by their code and field, not by their wording."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from zimg_kernel.errors import BadInput, ZimgError, ZimgWarning


@contextmanager
def refused(
    code: str, field: str | None = None, kind: type[BadInput | ZimgError] = BadInput
) -> Iterator[pytest.ExceptionInfo[BadInput | ZimgError]]:
    """Expect an exception of the package with this code and, where one is named, this field.

    The wording of all messages is kept in one place, ``tests/messages.yaml``.
    """
    with pytest.raises(kind) as caught:
        yield caught
    error = caught.value
    assert error.code == code, f"{error.code!r}: {error}"
    if field is not None:
        assert error.field == field, f"{error.field!r}: {error}"


@contextmanager
def warned(code: str, field: str | None = None) -> Iterator[pytest.WarningsRecorder]:
    """Expect a warning of the package with this code and, where one is named, this field."""
    with pytest.warns(ZimgWarning) as caught:
        yield caught
    found = [one.message for one in caught if isinstance(one.message, ZimgWarning)]
    assert any(one.code == code and (field is None or one.field == field) for one in found), [
        (one.code, one.field, str(one)) for one in found
    ]
