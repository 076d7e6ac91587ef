"""Assertion of a refusal by its code and field, not by its wording."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from zimg_kernel.errors import BadInput, ZimgError


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
