// Tells screen readers what just happened, in the one live region that every page has.

/** Says `text` politely; the same text twice is said twice. */
export function say(text) {
  const region = document.getElementById("said");
  if (!region) return;
  region.textContent = "";
  requestAnimationFrame(() => { region.textContent = text; });
}
