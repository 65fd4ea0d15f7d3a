// Copy buttons: `data-copy` holds the text.
import { say } from "./say.js";

const SHOWN_MS = 2000;

async function write(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  // Without HTTPS there is no clipboard object; a selected field still copies.
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("The browser refused to copy.");
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await write(button.dataset.copy);
  } catch {
    say("Could not copy. Select the text and copy it by hand.");
    return;
  }
  button.dataset.copied = "";
  say("Copied");
  setTimeout(() => button.removeAttribute("data-copied"), SHOWN_MS);
});
