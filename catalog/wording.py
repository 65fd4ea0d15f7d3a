"""Pointers into events, as people say them."""


def place(path: str) -> str:
    """Return a pointer as people say it: `/properties/products/*/price` is `products[].price`."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]
    if len(steps) > 1 and steps[0] in ("properties", "traits", "context"):
        steps = steps[1:] if steps[0] == "properties" else steps
    words = ""
    for step in steps:
        words += "[]" if step == "*" else f".{step}" if words else step
    return words or "The event"
