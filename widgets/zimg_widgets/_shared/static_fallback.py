"""HTML of a widget for viewers without a kernel."""

from __future__ import annotations

from typing import Any


class StaticFallback:
    """Mixin that stores :meth:`to_static_html` in the notebook beside the live widget.

    Viewers without a kernel (GitHub, nbviewer, a closed notebook) show it; it must be small.
    """

    def to_static_html(self) -> str:
        """Return the widget as HTML that needs no kernel and no script."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)  # type: ignore[misc]  # the widget's own
        if bundle is None:
            return None
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        data["text/html"] = self.to_static_html()
        return bundle
