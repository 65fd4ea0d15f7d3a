"""The property library of the demo company: what a value means wherever it is sent."""

from catalog.choices import Origin, Sensitivity
from demo.dictionary.dictionary_entries import PropertyEntry as P
from demo.dictionary.dictionary_entries import Schema


def text_schema(longest: int = 120) -> Schema:
    """A text that is not empty."""
    return {"type": "string", "minLength": 1, "maxLength": longest}


def enum_schema(*values: str) -> Schema:
    """One of a few words."""
    return {"type": "string", "enum": list(values)}


def pattern_schema(expression: str) -> Schema:
    """A text of a fixed form."""
    return {"type": "string", "pattern": expression}


AMOUNT: Schema = {"type": "number", "minimum": 0}
COUNT: Schema = {"type": "integer", "minimum": 0}
POSITION: Schema = {"type": "integer", "minimum": 1}
BOOLEAN: Schema = {"type": "boolean"}
ORDER_LINE: Schema = {
    "type": "object",
    "properties": {
        "sku": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}-[A-Z0-9]{1,3}$", "description": "The article."},
        "quantity": {"type": "integer", "minimum": 1, "description": "How many of it."},
        "price": {"type": "number", "minimum": 0, "description": "What one of it costs, tax included."},
    },
    "required": ["sku", "quantity", "price"],
}
ORDER_LINES = (
    [{"sku": "RWR-1042-M", "quantity": 1, "price": 189.0}],
    [{"sku": "KNT-2207-L", "quantity": 2, "price": 94.5}, {"sku": "SCK-3101-42", "quantity": 3, "price": 12.9}],
    [{"sku": "BTS-4410-41", "quantity": 1, "price": 129.0}],
    [{"sku": "LMP-5003-ONE", "quantity": 1, "price": 64.0}, {"sku": "RWR-1050-S", "quantity": 1, "price": 159.0}],
)
PERSONAL, UNKNOWN = Sensitivity.PERSONAL, Sensitivity.UNKNOWN
SERVER, ENRICHED = Origin.SERVER, Origin.ENRICHED

PRODUCTS = (
    P("product_id", "The product, whatever its size and colour.", pattern_schema("^[A-Z]{3}-[0-9]{4}$"),
      ("RWR-1042", "KNT-2207", "BTS-4410", "LMP-5003", "SCK-3101", "RWR-1050")),
    P("sku", "The article: a product in one size and colour, as the warehouse counts it.",
      pattern_schema("^[A-Z]{3}-[0-9]{4}-[A-Z0-9]{1,3}$"), ("RWR-1042-M", "KNT-2207-L", "BTS-4410-41", "LMP-5003-ONE")),
    P("product_name", "What the shop calls the product, in the language of the page.", text_schema(),
      ("Skipper's Raincoat", "Guernsey Jumper", "Quay Boots", "Anchor Lamp", "Wool Socks, three pairs")),
    P("category", "The department of the shop in which the product stands.",
      enum_schema("rainwear", "knitwear", "boots", "home", "accessories"), ("rainwear", "knitwear", "boots", "home")),
    P("collection", "The edited set of products, by its address.", text_schema(60),
      ("storm-season", "gifts-under-50", "new-in", "made-in-the-harbour")),
    P("size", "The size that was chosen, as printed on the label.", text_schema(8), ("S", "M", "L", "41", "42")),
    P("colour", "The colour that was chosen, by its name in the shop.", text_schema(40),
      ("signal yellow", "navy", "oat", "tar black")),
    P("price", "What one piece costs, tax included, after reductions.", AMOUNT, (189.0, 94.5, 129.0, 64.0, 12.9),
      unit="of the currency"),
    P("list_price", "What one piece cost before it was reduced.", AMOUNT, (219.0, 110.0, 149.0),
      unit="of the currency"),
    P("currency", "The currency of every amount in the event.",
      enum_schema("EUR", "DKK", "SEK"), ("EUR", "EUR", "DKK")),
    P("quantity", "How many pieces.", POSITION, (1, 1, 2, 3), unit="pieces"),
    P("stock_status", "Whether the article could be sent at that moment.",
      enum_schema("in_stock", "low", "backorder", "sold_out"), ("in_stock", "low", "backorder"), origin=SERVER),
    P("position", "The place in the list, counted from 1.", POSITION, (1, 2, 4, 7, 12)),
    P("list_id", "The list in which the product was shown.", text_schema(60),
      ("category:rainwear", "search", "home:new-in", "recommended")),
    P("item_count", "How many articles, pieces of the same one counted once.", COUNT, (1, 2, 3, 5), unit="articles"),
    P("products", "Every article of the cart or order.",
      {"type": "array", "items": ORDER_LINE, "minItems": 1}, ORDER_LINES),
    P("photo_number", "Which photo of the gallery, counted from 1.", POSITION, (1, 2, 3)),
    P("video_id", "The film, by its number in the media library.",
      pattern_schema("^vid_[0-9]{4}$"), ("vid_0031", "vid_0107")),
    P("progress", "How far the film was watched.", {"type": "integer", "minimum": 0, "maximum": 100}, (25, 50, 100),
      unit="percent"),
)  # fmt: skip

ORDERS = (
    P("cart_id", "The cart, from its first article to the order.", pattern_schema("^crt_[a-z0-9]{8}$"),
      ("crt_9f2k7d1q", "crt_x81b0c4m", "crt_3hv6t2ys")),
    P("checkout_id", "One run through the checkout; a second try is a new one.", pattern_schema("^chk_[a-z0-9]{8}$"),
      ("chk_51nd8w0e", "chk_r7p2q9za")),
    P("order_id", "The number of the order, as the customer reads it in the confirmation.",
      pattern_schema("^HB-[0-9]{6}$"),
      ("HB-204518", "HB-204533", "HB-204561", "HB-204602")),
    P("total", "What the customer pays: articles, shipping and tax, less every reduction.", AMOUNT,
      (189.0, 229.7, 129.0, 223.0, 76.9), unit="of the currency"),
    P("subtotal", "The articles alone, after reductions.", AMOUNT, (184.1, 224.8, 124.1), unit="of the currency"),
    P("shipping_cost", "What delivery costs.", AMOUNT, (0, 4.9, 9.9), unit="of the currency"),
    P("tax", "The tax within the total.", AMOUNT, (30.18, 36.67, 20.6), unit="of the currency"),
    P("discount", "By how much coupons and offers lowered the total.", AMOUNT, (0, 10.0, 18.9), unit="of the currency"),
    P("reduction_reason", "Why the total is lower than the articles' prices, where it is.",
      enum_schema("coupon", "club", "damaged", "staff"), ("coupon", "club", "damaged")),
    P("coupon", "The coupon's code as it was entered, in capitals.", pattern_schema("^[A-Z0-9]{4,16}$"),
      ("STORM10", "WELCOME", "LIGHTHOUSE")),
    P("refusal", "Why the code was not taken.", enum_schema("unknown", "expired", "minimum_not_met", "used_before"),
      ("expired", "minimum_not_met")),
    P("step", "The step of the checkout, counted from 1.", {"type": "integer", "minimum": 1, "maximum": 4},
      (1, 2, 3, 4)),
    P("payment_method", "How the customer chose to pay.",
      enum_schema("card", "invoice", "paypal", "gift_card", "apple_pay"),
      ("card", "invoice", "paypal")),
    P("delivery_method", "How the parcel should travel.", enum_schema("standard", "express", "pickup"),
      ("standard", "express", "pickup")),
    P("country", "The country, as two letters (ISO 3166).", pattern_schema("^[A-Z]{2}$"), ("DE", "DK", "SE")),
    P("postal_area", "The first two digits of the postal code; never the whole of it.", pattern_schema("^[0-9]{2}$"),
      ("22", "24", "80"), sensitivity=PERSONAL),
    P("is_first_order", "Whether this customer never ordered before.", BOOLEAN, (True, False), origin=SERVER),
    P("is_guest", "Whether the order is made without an account.", BOOLEAN, (True, False)),
    P("decline_code", "What the payment provider answered when it refused.", text_schema(40),
      ("insufficient_funds", "expired_card", "do_not_honor"), origin=SERVER),
    P("step_name", "The step of the checkout, by its name.", enum_schema("address", "delivery", "payment", "review"),
      ("address", "delivery", "payment", "review")),
    P("slot", "The two hours in which the parcel should come.", pattern_schema("^[0-2][0-9]-[0-2][0-9]$"),
      ("08-10", "12-14", "18-20")),
    P("slot_days_ahead", "How many days from now the slot lies.", COUNT, (1, 2, 5), unit="days"),
    P("cancel_reason", "Why the order was cancelled.",
      enum_schema("customer_asked", "not_in_stock", "payment_missing", "suspected_fraud"),
      ("customer_asked", "not_in_stock", "payment_missing"), origin=SERVER),
    P("gift_card_value", "The amount on the card when it was bought.", AMOUNT, (25, 50, 100), unit="of the currency"),
)  # fmt: skip

PARCELS = (
    P("parcel_id", "The parcel; an order may travel in several.", pattern_schema("^PCL-[0-9]{8}$"),
      ("PCL-88012345", "PCL-88012389", "PCL-88012402"), origin=SERVER),
    P("carrier", "Who carries the parcel.",
      enum_schema("dhl", "gls", "postnord", "own_van"), ("dhl", "gls", "postnord"),
      origin=SERVER),
    P("warehouse", "The warehouse that the parcel is sent from.", enum_schema("kiel", "aarhus"), ("kiel", "aarhus"),
      origin=SERVER),
    P("delay_hours", "How much later than promised.", COUNT, (4, 24, 48), unit="hours", origin=SERVER),
    P("handling_minutes", "From the order to the packed parcel.", COUNT, (42, 95, 310), unit="minutes", origin=SERVER),
    P("promised_on", "The day that we promised for the delivery.", {"type": "string", "format": "date"},
      ("2026-03-14", "2026-04-02"), origin=SERVER),
    P("edit_kind", "What was changed on the order.",
      enum_schema("address", "article_added", "article_removed", "delivery"),
      ("address", "article_removed")),
    P("return_id", "The number on the return slip.", pattern_schema("^RET-[0-9]{6}$"), ("RET-300412", "RET-300415")),
    P("return_reason", "Why the customer sends it back, from the list on the slip.",
      enum_schema("too_small", "too_large", "looks_different", "damaged", "late", "changed_mind"),
      ("too_small", "too_large", "looks_different")),
    P("refund_amount", "What goes back to the customer.", AMOUNT, (94.5, 129.0, 12.9), unit="of the currency"),
    P("condition", "In which state the article came back.",
      enum_schema("as_new", "worn", "damaged"), ("as_new", "worn"),
      origin=SERVER),
)  # fmt: skip

PEOPLE = (
    P("method", "How the person proved who they are.", enum_schema("password", "apple", "google", "magic_link"),
      ("password", "apple", "magic_link")),
    P("failure", "What kept the person out.",
      enum_schema("wrong_password", "unknown_account", "locked", "link_expired"),
      ("wrong_password", "link_expired")),
    P("field_names", "Which fields of the profile were changed; never their values.",
      {"type": "array", "items": {"type": "string"}, "minItems": 1}, (["name"], ["phone_type", "language"])),
    P("address_kind", "What the address is for.", enum_schema("delivery", "billing"), ("delivery", "billing")),
    P("consent_purpose", "What the person agreed to.", enum_schema("statistics", "marketing", "personalisation"),
      ("statistics", "marketing")),
    P("email", "The person's e-mail address.", {"type": "string", "format": "email"},
      ("ingrid@example.com", "paul@example.com"), sensitivity=PERSONAL),
    P("first_name", "What the person wants to be called.", text_schema(60), ("Ingrid", "Paul"), sensitivity=PERSONAL),
    P("customer_since", "The day of the first order.", {"type": "string", "format": "date"},
      ("2021-05-11", "2024-11-02"), origin=SERVER),
    P("loyalty_tier", "The tier of the crew club.", enum_schema("deckhand", "mate", "captain"), ("deckhand", "mate")),
    P("loyalty_points", "Points of the crew club.", COUNT, (40, 120, 480), unit="points"),
    P("has_newsletter", "Whether the newsletter goes to this person.", BOOLEAN, (True, False)),
    P("referral_code", "The code that a customer gave to a friend.", pattern_schema("^[A-Z]{5}[0-9]{2}$"),
      ("INGRI24", "PAULB11")),
)  # fmt: skip

MARKETING = (
    P("query", "What the person typed. It is checked for addresses, since people paste things.",
      {"type": "string", "minLength": 1, "maxLength": 120, "not": {"pattern": "@"}},
      ("raincoat yellow", "wool socks", "boots 42", "lamp"), sensitivity=UNKNOWN),
    P("results_count", "How many products were found.", COUNT, (0, 3, 12, 48), unit="products"),
    P("filter_name", "Which filter.", enum_schema("size", "colour", "price", "category", "in_stock"),
      ("size", "colour", "price")),
    P("filter_value", "What it was set to, as the page shows it.", text_schema(60), ("M", "navy", "50–100")),
    P("sort_order", "In which order the list was put.",
      enum_schema("relevance", "price_up", "price_down", "newest", "rating"),
      ("price_up", "newest")),
    P("campaign", "The campaign, by its name in the plan.", pattern_schema("^[a-z0-9-]{3,60}$"),
      ("storm-season-2026", "crew-club-launch", "winter-sale")),
    P("promotion_id", "The offer, by its number in the shop's editor.", pattern_schema("^promo_[0-9]{3}$"),
      ("promo_014", "promo_022")),
    P("placement", "Where on the page it stood.", enum_schema("hero", "list", "cart", "footer", "popup"),
      ("hero", "list", "cart")),
    P("newsletter_topic", "Which newsletter.", enum_schema("new-in", "offers", "stories"), ("new-in", "offers")),
    P("mail_id", "The mailing that the link was in.", pattern_schema("^mail_[0-9]{5}$"), ("mail_10233", "mail_10241")),
    P("push_topic", "What the notification was about.", enum_schema("order", "back_in_stock", "offer", "cart"),
      ("order", "back_in_stock")),
    P("message_key", "The message inside the app, by its key.", text_schema(60), ("rate_us", "crew_club_invite")),
    P("answer", "What the person answered.",
      enum_schema("allowed", "refused", "later"), ("allowed", "refused", "later")),
    P("share_channel", "Through what it was shared.", enum_schema("link", "mail", "messenger", "social"),
      ("link", "messenger")),
    P("rating", "Stars, from one to five.", {"type": "integer", "minimum": 1, "maximum": 5}, (3, 4, 5), unit="stars"),
    P("text_length", "How long the text is; the text itself is not sent.", COUNT, (40, 180, 420), unit="characters"),
    P("review_id", "The review.", pattern_schema("^rev_[0-9]{6}$"), ("rev_004512", "rev_004518")),
    P("reward", "The reward of the crew club.", text_schema(60), ("free-shipping", "repair-voucher")),
)  # fmt: skip

APP = (
    P("page_path", "The path of the page, without the query.", pattern_schema("^/"),
      ("/", "/rainwear", "/p/skippers-raincoat", "/cart")),
    P("page_title", "The title of the page.",
      text_schema(), ("Rainwear | Harbour & Sons", "Your cart | Harbour & Sons")),
    P("referrer_host", "The host that the visit came from; nothing of its path.", text_schema(),
      ("search.example", "news.example"), origin=ENRICHED),
    P("screen_name", "The screen of the app.", text_schema(60), ("Home", "Product", "Cart", "Profile")),
    P("article_slug", "The help page.", pattern_schema("^[a-z0-9-]+$"), ("returns", "washing-wool", "delivery-times")),
    P("is_helpful", "Whether the person found it helpful.", BOOLEAN, (True, False)),
    P("topic", "What it is about, from the list of the form.",
      enum_schema("order", "return", "product", "payment", "other"),
      ("order", "return", "product")),
    P("store_id", "The shop on the ground.", enum_schema("kiel", "flensburg", "aarhus"), ("kiel", "flensburg")),
    P("element", "The element, as registered: screen, part, action.", pattern_schema("^[a-z_]+(\\.[a-z_]+){1,3}$"),
      ("header.menu.open", "footer.imprint.open", "product.tab.care")),
    P("experiment", "The experiment.", pattern_schema("^exp_[a-z0-9_]+$"), ("exp_sticky_cart", "exp_photo_first")),
    P("variation", "The variation that the person saw.", enum_schema("control", "a", "b"), ("control", "a", "b")),
    P("error_code", "The error, as our error list numbers it.",
      pattern_schema("^E[0-9]{3}$"), ("E104", "E201", "E417")),
    P("http_status", "The status of the answer.", {"type": "integer", "minimum": 400, "maximum": 599}, (404, 500, 503)),
    P("load_ms", "From the tap to the content.", COUNT, (420, 980, 2300), unit="milliseconds"),
    P("session_seconds", "How long the app was open.", COUNT, (35, 140, 610), unit="seconds"),
    P("from_version", "The version of the app before.", text_schema(20), ("7.2.0", "5.1.0")),
    P("link_target", "What the link led to.",
      enum_schema("product", "category", "order", "campaign"), ("product", "order")),
    P("setting", "The setting.",
      enum_schema("theme", "language", "notifications", "text_size"), ("theme", "notifications")),
    P("language", "The language, as a tag.", enum_schema("de", "da", "sv", "en"), ("de", "da", "en")),
    P("permission", "What the system asked for.", enum_schema("push", "camera", "location"), ("push", "camera")),
)  # fmt: skip

LIBRARY: dict[str, P] = {entry.name: entry for entry in (*PRODUCTS, *ORDERS, *PARCELS, *PEOPLE, *MARKETING, *APP)}
