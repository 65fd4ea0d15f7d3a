"""The words of which a generated catalog is made: all our own, so that nobody's dictionary is copied."""

AREAS = (
    *("account", "basket", "booking", "campaign", "chat", "checkout", "claims", "courier", "delivery", "feed"),
    *(
        "gallery",
        "giftcard",
        "harbour",
        "helpdesk",
        "invoice",
        "kitchen",
        "loyalty",
        "market",
        "membership",
        "onboarding",
    ),
    *("partner", "payout", "planner", "profile", "returns", "rewards", "search", "stock", "ticket", "wallet"),
)
OBJECTS = (
    *("address", "alert", "answer", "article", "avatar", "badge", "banner", "batch", "benefit", "bill", "bundle"),
    *("calendar", "card", "category", "code", "collection", "comment", "contract", "coupon", "credit", "device"),
    *("discount", "document", "draft", "export", "filter", "form", "guide", "image", "invitation", "item", "label"),
    *("list", "location", "message", "note", "offer", "option", "order", "parcel", "password", "photo", "plan"),
    *("price", "product", "question", "quote", "rating", "receipt", "refund", "reminder", "report", "request"),
    *("review", "route", "seat", "session", "shelf", "slot", "statement", "step", "survey", "task", "video"),
)
ACTIONS = (
    *("added", "approved", "archived", "assigned", "booked", "cancelled", "changed", "checked", "closed", "collapsed"),
    *("completed", "confirmed", "copied", "created", "declined", "deleted", "delivered", "dismissed", "downloaded"),
    *("entered", "expanded", "failed", "hidden", "opened", "paused", "picked", "printed", "removed", "renewed"),
    *("reported", "restored", "resumed", "saved", "scanned", "selected", "shared", "started", "submitted", "viewed"),
    "withdrawn",
)
ATTRIBUTES = (
    *(("id", "id"), ("key", "id"), ("reference", "id"), ("owner_id", "id"), ("group_id", "id"), ("parent_id", "id")),
    *(
        ("name", "text"),
        ("title", "text"),
        ("note", "text"),
        ("summary", "text"),
        ("text", "text"),
        ("subject", "text"),
    ),
    *(("type", "choice"), ("kind", "choice"), ("state", "choice"), ("reason", "choice"), ("method", "choice")),
    *(("variant", "choice"), ("origin", "choice"), ("size", "choice")),
    *(("count", "count"), ("position", "count"), ("rank", "count"), ("age_days", "count"), ("retries", "count")),
    *(("duration_ms", "count"), ("length", "count")),
    *(("total", "amount"), ("amount", "amount"), ("share", "amount"), ("fee", "amount"), ("weight_kg", "amount")),
    *(("is_new", "flag"), ("is_shared", "flag"), ("has_note", "flag"), ("is_default", "flag")),
    *(("at", "moment"), ("due_at", "moment"), ("seen_at", "moment")),
    *(("tags", "texts"), ("lines", "objects"), ("email", "contact"), ("phone", "contact")),
)
"""What a property says of its object, and of which kind its values are."""

CHOICE_WORDS = (
    *("accepted", "amber", "annual", "automatic", "basic", "blocked", "blue", "bold", "by_hand", "by_mail", "classic"),
    *("cold", "compact", "daily", "deferred", "direct", "double", "early", "express", "external", "fixed", "flexible"),
    *("free", "full", "green", "half", "heavy", "hourly", "in_person", "internal", "large", "late", "light", "limited"),
    *("manual", "medium", "missing", "mixed", "monthly", "night", "none", "open", "partial", "paused", "pending"),
    *("plain", "premium", "prepaid", "public", "quarterly", "random", "red", "regular", "remote", "round", "safe"),
    *("seasonal", "second", "shared", "silver", "single", "slow", "small", "sorted", "standard", "steep", "strict"),
    *(
        "swift",
        "third",
        "trial",
        "unknown",
        "urgent",
        "vendor",
        "verified",
        "waived",
        "warm",
        "weekly",
        "wide",
        "yellow",
    ),
)
REMARKS = (
    "Counted once for each person and day.",
    "Sent by the app as soon as the screen shows it.",
    "Sent again where the person goes back and repeats it.",
    "The server sends it, whatever the app has seen.",
    "It is what the weekly figures of the team rest on.",
    "Nothing is sent while the person is offline; it follows later.",
)
