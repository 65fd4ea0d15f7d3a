// The shop: each tap sends an event through the SDK, and the page around it hears of the tap, never of its outcome.

const root = document.documentElement;
const PRODUCT = { product_id: "LAN-5004", product_name: "Storm Lantern", price: 27.5, currency: "EUR" };
const SKU = "LAN-5004-ONE";
const BROKEN = "2.4.1";
const cart = `crt_${letters(8)}`;
let inBasket = 0;

function letters(count) {
  return Array.from(crypto.getRandomValues(new Uint8Array(count)), (byte) => (byte % 36).toString(36)).join("");
}

function tell(what) {
  window.parent.postMessage(what, location.origin);
}

async function send(name, properties) {
  if (!window.sender) {
    say("The SDK did not load. Does something in this browser block it?");
    return;
  }
  const at = Date.now();
  tell({ tapped: name, at });
  const sent = await window.sender.track(name, properties);
  tell({ sent: sent.event.messageId, at });
}

function say(text) {
  document.getElementById("shop-said").textContent = text;
}

document.getElementById("add").addEventListener("click", () => {
  inBasket += 1;
  document.getElementById("basket").textContent = ` (${inBasket})`;
  say("It is in your basket.");
  send("Product Added", {
    cart_id: cart,
    sku: SKU,
    product_id: PRODUCT.product_id,
    price: PRODUCT.price,
    currency: PRODUCT.currency,
    quantity: 1,
  });
});

document.getElementById("buy").addEventListener("click", () => {
  const quantity = Math.max(inBasket, 1);
  const total = PRODUCT.price * quantity;
  inBasket = 0;
  document.getElementById("basket").textContent = "";
  say("Thank you for your order.");
  send("Order Completed", {
    order_id: `HB-${200000 + (crypto.getRandomValues(new Uint32Array(1))[0] % 100000)}`,
    // The bug of 2.4.1: somebody formatted the total for the page, and sent that.
    total: root.dataset.version === BROKEN ? total.toFixed(2) : total,
    currency: PRODUCT.currency,
    payment_method: "card",
    products: [{ sku: SKU, quantity, price: PRODUCT.price }],
  });
});

document.getElementById("heart").addEventListener("click", (event) => {
  const isLiked = event.currentTarget.getAttribute("aria-pressed") !== "true";
  event.currentTarget.setAttribute("aria-pressed", "true");
  say(isLiked ? "You like it." : "You like it very much.");
  send("Product Liked", { ...PRODUCT });
});

// The page around says which version was deployed, and what the visitor is asked to tap.
window.addEventListener("message", (event) => {
  if (event.source !== window.parent || event.origin !== location.origin) return;
  if (event.data.version) {
    root.dataset.version = event.data.version;
    document.getElementById("version").textContent = `v${event.data.version}`;
  }
  for (const id of ["add", "buy", "heart"]) document.getElementById(id).classList.toggle("wanted", id === event.data.wanted);
});
tell({ isReady: true });
