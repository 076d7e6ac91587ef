"""Objects that a check of the miniature's pictures expects."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from .nano_names import canonical, noun

_MOST = 5  # objects that the judge pairs; more would be slow


class ExpectedObject(BaseModel):
    """An object: "red circle", "红色的圆", or colour, shape and place apart."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    colour: str | None = None
    shape: str | None = None
    place: str | None = None

    @field_validator("colour", "shape", "place")
    @classmethod
    def _known(cls, value: str | None, info: Any) -> str | None:
        return None if value is None else canonical(info.field_name, value)

    @model_validator(mode="after")
    def _not_empty(self) -> ExpectedObject:
        if self.colour is None and self.shape is None:
            raise ValueError("say the object's colour, its shape, or both")
        return self


def _from_text(value: Any) -> Any:
    if isinstance(value, str):
        colour, shape = noun(value)
        return {"colour": colour, "shape": shape}
    return value


ExpectedObjects = Annotated[
    list[Annotated[ExpectedObject, BeforeValidator(_from_text)]],
    Field(min_length=1, max_length=_MOST),
]
