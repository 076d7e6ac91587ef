"""Forms of clients: fields and uploads of a multipart body, by name."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.datastructures import UploadFile
from starlette.requests import Request

from zimg_kernel.service.refusal import Refused

_MOST_FILES, _MOST_FIELDS = 20, 100


@dataclass
class Form:
    """A form that was read.

    Attributes
    ----------
    fields : dict of str to list of str
        Texts, several where a name stands several times.
    files : dict of str to list of bytes
        Uploads; what clients call them is left out.
    """

    fields: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, list[bytes]] = field(default_factory=dict)

    def one(self, name: str, default: str | None = None) -> str | None:
        """Return a field's only value."""
        values = self.fields.get(name, [])
        if len(values) > 1:
            raise Refused(
                f"{name[:60]} stands in the form {len(values)} times: send it once.",
                code="named-twice",
                field=name[:60],
            )
        return values[0] if values else default


async def read_form(request: Request) -> Form:
    """Return the fields and uploads of a form.

    Raises
    ------
    Refused
        The body is no form, or has too many parts.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("multipart/form-data", "application/x-www-form-urlencoded"):
        raise Refused(
            "A form is expected, of the content type multipart/form-data.",
            code="no-form",
            field="body",
        )
    found = Form()
    try:
        async with request.form(max_files=_MOST_FILES, max_fields=_MOST_FIELDS) as form:
            for name, value in form.multi_items():
                name.encode()
                if isinstance(value, UploadFile):
                    found.files.setdefault(name, []).append(await value.read())
                else:
                    value.encode()
                    found.fields.setdefault(name, []).append(value)
    except Refused:
        raise
    except Exception as error:  # parsers raise their own kinds, and some of Python's
        reason = str(getattr(error, "detail", "") or "its parts are damaged")[:200]
        raise Refused(
            f"The form cannot be read ({reason}).", code="invalid-form", field="body"
        ) from None
    return found
