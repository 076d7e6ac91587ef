"""English things with a colour, their parts and other names, and where they are named."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter

from .colour_tables import Coloured, ColourTables, Named, colour_of, known_as, like

_TOKEN = re.compile(r"[a-z]+(?:-[a-z]+)*(?:'s?(?![a-z]))?|[,.;:!?]")
_END = re.compile(r"[.!?;](?=\s|$)|\n")
NEW = frozenset(("a", "an", "another", "one", "some", "two", "three", "four", "five", "six"))
THIS = frozenset(("the", "this", "that", "his", "her", "its", "their", "these", "those"))
_IS = frozenset((
    "is", "are", "was", "looks", "gleams", "shines", "glows", "shimmers", "painted", "dyed",
    "lacquered", "in", "a", "an", "deep", "bright", "dark", "pale", "pure", "entirely", "all",
    "completely", "now", "now", "solid", "glossy", "brilliant", "rich", "light", "vivid", ",",
    "wholly", "plain", "quite", "faded", "soft", "the", "colour", "color", "upholstered",
    "covered", "clad", "sprayed", "coated", "finished", "coloured", "colored", "gloss", "matt",
    "matte", "metallic", "cut", "from", "made", "sewn", "woven", "knitted",
    "seems", "appears", "remains", "polished", "which", "that",
    "almost", "very", "rather", "has", "been", "were",
))  # fmt: skip
_AT = frozenset((
    "in", "on", "of", "at", "with", "behind", "under", "beside", "that", "which", "round",
    "around", "beneath", "above", "along", "between", "over", "near", "below", "he", "she", "it",
))  # fmt: skip
_HAS = frozenset(("has", "have", "with"))
_VERBS = frozenset(("is", "are", "was", "were", "looks", "gleams", "shines", "glows"))
_HAIRED = {"haired": "hair", "eyed": "eye", "bearded": "beard", "maned": "mane"}
_FOODS = frozenset(("coffee", "chocolate", "cream", "honey", "plum", "cherry", "lemon", "olive"))
_BEFORE_OF = frozenset(("colour", "color", "is", "are", "made"))
_STUFF = frozenset((
    "velvet", "leather", "silk", "satin", "cotton", "linen", "wool", "fabric", "cloth", "paint",
    "lacquer", "enamel", "fur", "sheen", "shade", "tone", "hue", "colour", "color", "gloss",
))  # fmt: skip
_LOCKS = frozenset(("lock", "strand", "curl", "tress", "ringlet"))  # of hair that is there
_PLACED = frozenset((
    "on", "in", "at", "near", "beside", "behind", "under", "over", "above", "below", "with", "by",
    "against", "through", "into", "onto", "across", "along", "between", "from", "among", "inside",
    "outside", "around", "past", "of", "to", "toward", "towards", "holds", "holding", "carrying",
    "for",
))  # fmt: skip


def mentions(lower: str, known: ColourTables) -> tuple[list[Coloured], list[Named]]:
    """Return coloured things, and all things with their places and whether they are new."""
    tokens = list(_TOKEN.finditer(lower))
    words = [token[0] for token in tokens]
    ends = [match.end() for match in _END.finditer(lower)]
    coloured: list[Coloured] = []
    named: list[Named] = []
    tally = Counter(words)
    for i, raw in enumerate(words):
        word = raw.removesuffix("'s").removesuffix("'")
        if "-" in word and (hair := _haired(word, known)):
            at, stop = tokens[i].span()
            coloured.append(Coloured(at, stop, hair[0], frozenset(), hair[1], "a", worn=True))
            continue
        two = f"{words[i - 1]} {word}" if i else word
        thing = known_as(word, known.things)
        fixed = known.fixed.get(two) or known.fixed.get(word)
        classes = known_as(word, known.wholes) or frozenset()
        part = known.parts.get(word, frozenset())
        if not (thing or fixed or classes or part) and tally[word] > 1 and _head(words, i, known):
            thing = word  # of no list, but named again
        if not (thing or fixed or classes or part):
            continue
        following = words[i + 1] if i + 1 < len(words) else ""
        compound = known_as(following, known.things) or following in known.parts
        if compound and not raw.endswith("'s"):
            continue  # "rose dress", "apple tree"
        colour, at, det = _before(words, i, known)
        if not colour and det in THIS and not raw.endswith("'s"):
            colour, at = _of(words, i, det, known)
        if fixed and not colour:
            thing, colour, at = fixed[0], fixed[1], i
        last = i
        if not colour and not raw.endswith("'s"):
            colour, last = _after(words, i, known)
            at = i
        if word in _LOCKS and det in ("a", "one"):
            det = "the"
        new = (det in NEW or not det) and not _told(words, i, det)
        if thing:
            named.append(Named(tokens[i].start(), thing, new, _placed(words, i, det)))
        if not colour:
            continue
        start, end = tokens[at].start(), tokens[last].end()
        if bisect_right(ends, start) != bisect_right(ends, tokens[last].start()):
            continue
        worn = bool(thing and thing in known.worn)
        if thing:
            coloured.append(Coloured(start, end, thing, classes, colour, det, worn))
        if (
            part
            and not thing
            and det in ("a", "an", "")
            and _HAS.intersection(words[max(0, i - 6) : i])
        ):
            det = "its"  # "it has a green glaze"
        if part and (det in THIS or det.endswith("'s")) and not (thing and det in ("a", "an")):
            whose = det.removesuffix("'s")
            owner = "" if whose == det else (known_as(whose, known.things) or "")
            if sum(owner == n.thing for n in named) < 2:
                owner = ""  # another word for a thing that was named
            coloured.append(Coloured(start, end, "", part, colour, det, worn=False, owner=owner))
        elif classes and not thing:
            coloured.append(Coloured(start, end, "", classes, colour, det, worn=False))
    return coloured, named


def _haired(word: str, known: ColourTables) -> tuple[str, str] | None:
    """Return the part and the colour of "red-haired" and the like."""
    first, _, last = word.rpartition("-")
    colour = known.colours.get(first.rpartition("-")[2], "")
    return (_HAIRED[last], colour) if last in _HAIRED and colour else None


def _head(words: list[str], i: int, known: ColourTables) -> bool:
    """Return whether a word that no list has may be a noun with a colour, or behind "the"."""
    word = words[i]
    if len(word) < 4 or word in known.stops or colour_of(word, known) or word in _IS:
        return False
    following = words[i + 1] if i + 1 < len(words) else "."
    if following not in known.stops and following.isalpha() and not following.endswith("s"):
        return False
    before = words[max(0, i - 2) : i]
    if not before or before[-1] == "," or known_as(before[-1], known.things) is not None:
        return False
    return any(w in THIS or colour_of(w, known) for w in before)


def _told(words: list[str], i: int, det: str) -> bool:
    """Return whether a noun tells what something is: "it is an old car"."""
    at = next((j for j in range(i - 1, max(0, i - 6), -1) if det and words[j] == det), 0)
    return at > 0 and words[at - 1] in ("is", "was", "are", "were")


def _placed(words: list[str], i: int, det: str) -> bool:
    """Return whether a noun with its determiner stands behind a preposition."""
    for j in range(i - 1, max(-1, i - 7), -1):
        if words[j] == det:
            return j > 0 and words[j - 1] in _PLACED
        if words[j] in _PLACED:
            return True
        if words[j] in (",", ".", ";"):
            return False
    return False


def _before(words: list[str], i: int, known: ColourTables) -> tuple[str, int, str]:
    """Return the only colour before a noun, where it stands, and the determiner."""
    colour, at, det = "", i, ""
    for j in range(i - 1, max(-1, i - 7), -1):
        word = words[j]
        if word in NEW or word in THIS or word.endswith("'s"):
            det = word
            break
        if word == "whose":
            det = next((f"{w}'s" for w in words[j - 1 : max(-1, j - 9) : -1]
                        if known_as(w, known.things)), "")  # fmt: skip
            break
        if name := colour_of(word, known):
            if colour and words[at] in _FOODS:
                colour = ""  # "blue enamel coffee pot"
            if colour and not (at == j + 1 and like(name, colour)):
                return "", i, det  # of two colours
            colour, at = colour or name, j
        elif (
            word == "has"
            and words[i] in known.parts
            and j > 1
            and words[j - 2] in ("the", "this", "that")
        ):
            det = f"{words[j - 1]}'s"  # "the bird has white feathers"
            break
        elif word in known.stops or word in (".", ";", ":", "!", "?"):
            break
    if not det:
        return colour, at, ""
    return colour, at, det


def _of(words: list[str], i: int, det: str, known: ColourTables) -> tuple[str, int]:
    """Return the colour in "the deep burgundy of its upholstery", and where it stands."""
    for j in range(i - 1, max(0, i - 4), -1):
        if words[j] == det and words[j - 1] == "of":
            for k in (j - 2, j - 3, j - 4):
                if k >= 0 and (name := colour_of(words[k], known)):
                    return name, k
                if k >= 0 and words[k] not in _STUFF and not known_as(words[k], known.parts):
                    return "", i
    return "", i


def _after(words: list[str], i: int, known: ColourTables) -> tuple[str, int]:
    """Return the colour behind a noun: "is bright green", ", entirely in red"."""
    begin = i + 1
    if begin < len(words) and words[begin] in _AT:  # "the card in his hand is red"
        verb = (j for j in range(begin, min(len(words), i + 7)) if words[j] in _VERBS)
        begin = next(verb, begin)
    for j in range(begin, min(len(words), begin + 6)):
        word = words[j]
        if name := colour_of(word, known):
            last = j
            while last + 1 < len(words) and like(name, colour_of(words[last + 1], known)):
                last += 1
            following = words[last + 1] if last + 1 < len(words) else "."
            ends = following in (
                ",",
                ".",
                ";",
                "from",
                "all",
                "as",
                "and",
                "in",
                "with",
                "on",
                "to",
                "throughout",
                "under",
                "over",
                "against",
                "by",
                "at",
            )
            ends = ends or following in known.parts or following in _STUFF
            if j == i + 1:  # ", their tutus white."
                before = "its" if i and words[i - 1].endswith("'s") else words[i - 1] if i else ""
                ends = following in (".", ",", ";", "in", "against", "from") and (
                    before in THIS or before == "with"
                )
            elif words[j - 1] == "in" and following.endswith(("ed", "ing")):
                ends = True  # "in mustard parked under a tree"
            if not ends:
                return "", i
            more = words[last + 2] if last + 2 < len(words) else ""
            if following == "and" and colour_of(more, known):
                return "", i
            return name, last
        if (
            (words[j - 1] in _VERBS or words[j - 1] in ("a", "an", "the"))
            and j + 1 < len(words)
            and colour_of(words[j + 1], known)
        ):
            continue  # "is Delft blue"
        stuff = words[j + 2] if j + 2 < len(words) else ""  # "of sapphire velvet"
        if (
            word not in _IS
            and not word.endswith("ly")
            and not (word == "of" and (words[j - 1] in _BEFORE_OF or stuff in _STUFF))
        ):
            return "", i
    return "", i
