// Unfolded facets close like menus do, and stay unfolded when their list is replaced; notes can be put away.

document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("form:not(.filters-side) > .filters-row > .facet[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
  const close = event.target.closest("[data-close]");
  if (close) close.closest(".toast-note").remove();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = event.target.closest(".facet[open]");
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
  }
});

let unfolded = [];
document.addEventListener("htmx:beforeSwap", (event) => {
  unfolded = [...event.detail.target.querySelectorAll("details[id][open]")].map((details) => details.id);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of unfolded) {
    const details = document.getElementById(id);
    if (details) details.open = true;
  }
});
