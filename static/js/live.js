// Regions that renew themselves: `data-live` around them, `data-pause` on their button. While paused, or while the
// page is hidden, nothing is asked for.
import { say } from "./say.js";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pause]");
  if (!button) return;
  const region = button.closest("[data-live]");
  const paused = region.toggleAttribute("data-paused");
  button.setAttribute("aria-pressed", String(paused));
  say(paused ? "Paused" : "Live again");
});

// Whether a request goes out because time has passed, and not because somebody did something.
function isPoll(element, triggeringEvent) {
  return /\bevery\b/.test(element.getAttribute("hx-trigger") || "") && !triggeringEvent;
}

// What renews itself is no sign of a person: it does not put off the end of a session that nobody uses.
document.addEventListener("htmx:configRequest", (event) => {
  if (isPoll(event.target, event.detail.triggeringEvent)) event.detail.headers["X-Poll"] = "1";
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const region = event.target.closest("[data-live]");
  const polls = isPoll(event.target, event.detail.requestConfig.triggeringEvent);
  if (region && polls && (region.hasAttribute("data-paused") || document.hidden)) event.preventDefault();
});

// A fragment that failed says so where it would have stood, and offers to try again.
function showFault(element, text) {
  const note = document.createElement("div");
  note.className = "banner tone-bad";
  note.setAttribute("role", "alert");
  note.dataset.fault = "";
  const words = document.createElement("p");
  words.className = "banner-body";
  words.textContent = text;
  const again = document.createElement("button");
  again.type = "button";
  again.className = "btn btn-sm";
  again.textContent = "Reload";
  again.addEventListener("click", () => location.reload());
  note.append(words, again);
  element.prepend(note);
}

document.addEventListener("htmx:responseError", (event) => {
  const { xhr, target, elt } = event.detail;
  if ((target || elt).querySelector(":scope > [data-fault]")) return;
  const id = xhr.status >= 500 ? xhr.getResponseHeader("X-Request-ID") : "";
  const reference = id ? ` Request ${id}.` : "";
  showFault(target || elt, `This part could not be loaded (${xhr.status}). The rest of the page is as it was.${reference}`);
});

document.addEventListener("htmx:sendError", (event) => {
  const { target, elt } = event.detail;
  if ((target || elt).querySelector(":scope > [data-fault]")) return;
  showFault(target || elt, "The server did not answer. Check the connection, then try again.");
});
