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

document.addEventListener("htmx:beforeRequest", (event) => {
  const region = event.target.closest("[data-live]");
  const polls = /\bevery\b/.test(event.target.getAttribute("hx-trigger") || "");
  const isPoll = polls && !event.detail.requestConfig.triggeringEvent;
  if (region && isPoll && (region.hasAttribute("data-paused") || document.hidden)) event.preventDefault();
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
