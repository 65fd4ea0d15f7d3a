"""The categories of the demo's catalog."""

from demo.dictionary.dictionary_entries import CategoryEntry as C

CATEGORIES = (
    C("browsing", "Browsing", "Pages, screens, lists and products that people look at."),
    C("search", "Search and filters", "How people look for something, and whether they find it."),
    C("cart", "Cart", "What goes into the cart and out of it, and the coupons tried on it."),
    C("checkout", "Checkout and payment", "From the cart to the paid order."),
    C("delivery", "Delivery", "From the paid order to the parcel at the door."),
    C("returns", "Returns and refunds", "What comes back, and the money that goes back for it."),
    C("account", "Account and consent", "Who people are, how they sign in, and what they agreed to."),
    C("messages", "Messages", "Newsletters, mails, notifications and messages inside the apps."),
    C("crew-club", "Crew club and reviews", "Members, points, invitations, and what customers write."),
    C("offers", "Offers and campaigns", "Promotions on our own pages, campaigns and gift cards."),
    C("help", "Help and shops", "Help pages, contact, and the shops on the ground."),
    C("running", "How the apps run", "Starts, faults, speed, settings and experiments."),
)
