"""How large a pattern is once its counts are written out, which is what matching it takes for each character."""

import re

_TOKEN = re.compile(
    r"\\[pPuxX]\{[^}]*\}|\\."  # an escape
    r"|\[\^?\]?(?:\\.|\[:[^\]]*:\]|[^\]\\])*\]"  # a class
    r"|\((?:\?(?:P?<[^>]*>|[A-Za-z-]*:|[A-Za-z-]+(?=\))))?"  # what opens a group
    r"|\{(\d{0,9})(?:,(\d{0,9}))?\}"  # a count
    r"|.",
    re.DOTALL,
)
_MAX_SIZE = 10**9


def pattern_size(pattern: str) -> int:
    """Return how many characters and classes a valid pattern is made of, each as often as the counts behind it say.

    `a{3}` and `aaa` are 3, `(ab){2,5}` is 10. Stops counting at a billion. Never raises.
    """
    sizes = [0]  # of each group that is open
    last_sizes = [0]  # of what a count would repeat in each of them
    for token in _TOKEN.finditer(pattern):
        text = token[0]
        if text.startswith("("):
            sizes.append(0)
            last_sizes.append(0)
            continue
        if text == ")" and len(sizes) > 1:
            size = sizes.pop() or 1
            last_sizes.pop()
        elif token[1] is not None and (token[1] or token[2]):
            repeated = max(int(token[2] or token[1]), 1)
            size = last_sizes[-1] * (repeated - 1)
            last_sizes[-1] += size
            sizes[-1] = min(sizes[-1] + size, _MAX_SIZE)
            continue
        else:
            size = 1
        sizes[-1] = min(sizes[-1] + size, _MAX_SIZE)
        last_sizes[-1] = size
    return min(sum(sizes), _MAX_SIZE)
