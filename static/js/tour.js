// The tour: asks for what arrived as soon as something was tapped, says how long it took, and tells the shop its version.

const HURRY_MS = 120;
const LATE_MS = 1500;
const PATIENCE_MS = 8000;
const shop = document.getElementById("shop");
const poll = document.getElementById("tour-poll");
const taps = new Map(); // message id -> when it was tapped
const shown = new Map(); // message id -> how long it took until it was seen here
const wait = document.getElementById("tour-wait");
let late; // the timer that says a tap is on its way
let hasActed = false; // something was done here, so the focus may follow to what comes next
let hurriedUntil = 0;
let isHurrying = false;

function now() {
  return document.getElementById("tour-now");
}

function informShop() {
  const { version, wanted } = now().dataset;
  shop.contentWindow.postMessage({ version, wanted }, location.origin);
}

function hurry() {
  hurriedUntil = Date.now() + PATIENCE_MS;
  if (isHurrying) return;
  isHurrying = true;
  const step = () => {
    window.htmx.trigger(poll, "look");
    isHurrying = Date.now() < hurriedUntil;
    if (isHurrying) setTimeout(step, HURRY_MS);
  };
  step();
}

function stopWaiting() {
  clearTimeout(late);
  wait.hidden = true;
}

function fillTimes() {
  for (const place of document.querySelectorAll("[data-message]")) {
    const id = place.dataset.message;
    if (!shown.has(id) && taps.has(id)) {
      shown.set(id, Date.now() - taps.get(id));
      hurriedUntil = 0;
      stopWaiting();
    }
    if (shown.has(id)) place.textContent = `${shown.get(id)} ms`;
  }
}

window.addEventListener("message", (event) => {
  if (event.source !== shop.contentWindow || event.origin !== location.origin) return;
  const { isReady, tapped, sent, at } = event.data;
  if (isReady) informShop();
  if (tapped) {
    clearTimeout(late);
    late = setTimeout(() => { wait.hidden = false; }, LATE_MS);
    hurry();
  }
  if (sent) {
    taps.set(sent, at);
    fillTimes();
    if (!shown.has(sent)) hurry();
  }
});

let told = now().dataset.told;

document.addEventListener("htmx:oobAfterSwap", (event) => {
  if (event.detail.target.id === "tour-now" || event.target.id === "tour-now") {
    informShop();
    const sentence = now().dataset.told;
    if (sentence !== told) {
      document.getElementById("tour-said").textContent = sentence;
      stopWaiting(); // the tour has gone on, so the tap was seen, whether or not its time is known
    }
    told = sentence;
    const errors = now().querySelector("[data-errors]");
    if (errors) errors.focus();
    else if (hasActed && document.activeElement === document.body) document.getElementById("tour-step").focus();
    hasActed = false;
  }
  fillTimes();
});

// Whatever was just done may bring more: a deploy to production lets visitors in.
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.requestConfig.verb === "post") hurry();
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.requestConfig.verb === "post") hasActed = true;
});

// Another window changed the account meanwhile: this one begins with what holds now.
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status === 403) location.reload();
});
