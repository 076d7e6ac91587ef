"""Names of colours in a list, of which black and white may be the last two."""

from __future__ import annotations

import re

LISTED = re.compile(
    r"\b(?:red|orange|yellow|green|blue|purple|pink|brown|ochre|gold|teal|turquoise|crimson|scarlet"
    r"|rust|cream|grey|gray|tan|navy|violet|beige),? (?:and )?$"
)
"""A colour before another one of a list."""
