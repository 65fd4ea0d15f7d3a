// The theme button: auto, light, dark, and around again. The server reads the cookie, so pages never flash.
import { writeCookie } from "./cookies.js";
import { say } from "./say.js";

const NEXT = { auto: "light", light: "dark", dark: "auto" };
const NAMES = { auto: "as the system", light: "light", dark: "dark" };
const root = document.documentElement;

function show(theme) {
  root.dataset.theme = theme;
  if (theme === "auto") root.removeAttribute("data-bs-theme");
  else root.setAttribute("data-bs-theme", theme);
}

function label(button) {
  const theme = root.dataset.theme || "auto";
  button.setAttribute("aria-label", `Theme: ${NAMES[theme]}. Change to ${NAMES[NEXT[theme]]}`);
  button.title = `Theme: ${NAMES[theme]}`;
}

for (const button of document.querySelectorAll("[data-theme-toggle]")) {
  label(button);
  button.addEventListener("click", () => {
    const theme = NEXT[root.dataset.theme || "auto"];
    show(theme);
    writeCookie("theme", theme);
    label(button);
    say(`Theme: ${NAMES[theme]}`);
  });
}
