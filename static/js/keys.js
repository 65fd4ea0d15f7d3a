// Single keys. They never act inside inputs, and `data-keys="off"` on the body switches them off.

const GO = { h: "/", e: "/events/", p: "/properties/", s: "/sources/", r: "/requests/", q: "/qa/", f: "/findings/", v: "/health/" };
const PAIR_MS = 1200;
let afterG = 0;

function isTyping(target) {
  return target.isContentEditable || target.closest("input, textarea, select, [role=textbox], dialog[open]") !== null;
}

function go(letter) {
  const link = document.querySelector(`.nav a[href="${GO[letter]}"]`);
  if (link) link.click();
  return link !== null;
}

function moveInList(step) {
  const links = [...document.querySelectorAll("[data-list] .row-link")].filter((link) => link.offsetParent);
  if (!links.length) return false;
  const row = document.activeElement.closest("tr, li");
  const at = links.findIndex((link) => link === document.activeElement || (row && row.contains(link)));
  const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + step, 0), links.length - 1);
  links[next].focus();
  links[next].scrollIntoView({ block: "nearest" });
  return true;
}

function press(selector) {
  const found = document.querySelector(selector);
  if (found) found.click();
  return found !== null;
}

function act(key) {
  if (Date.now() - afterG < PAIR_MS && key in GO) return go(key);
  afterG = key === "g" ? Date.now() : 0;
  if (key === "/") {
    const search = document.getElementById("search");
    if (search) { search.focus(); search.select(); }
    return search !== null;
  }
  if (key === "?") return openHelp();
  if (key === "j") return moveInList(1);
  if (key === "k") return moveInList(-1);
  // A page gives its own buttons a key with `data-key`: c new request, e edit, y copy the address.
  return /^[a-z]$/.test(key) && press(`[data-key="${key}"]`);
}

function openHelp() {
  const dialog = document.getElementById("keys");
  if (!dialog || dialog.open) return false;
  for (const menu of document.querySelectorAll(":popover-open")) menu.hidePopover();
  dialog.showModal();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (document.body.dataset.keys === "off" || event.defaultPrevented) return;
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (act(event.key)) event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-open-keys]")) openHelp();
});
