// Focus goes to the summary of errors, wherever it came from; forms with `data-guard` warn before work is lost.

function focusErrors(root) {
  const errors = root.querySelector ? root.querySelector("[data-errors]:not([data-example] *)") : null;
  if (errors) errors.focus();
}

focusErrors(document);
document.addEventListener("htmx:afterSwap", (event) => focusErrors(event.detail.target));

const changed = new WeakSet();
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-guard]");
  if (form) changed.add(form);
});
document.addEventListener("submit", (event) => changed.delete(event.target));
window.addEventListener("beforeunload", (event) => {
  if ([...document.querySelectorAll("form[data-guard]")].some((form) => changed.has(form))) event.preventDefault();
});
