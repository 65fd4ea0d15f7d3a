// Rows of properties: more of them without a round trip, and one click to take one out. Without this the form works too.
import { say } from "./say.js";

const table = document.querySelector("[data-rows]");

function addRow() {
  const total = document.getElementById(`id_${table.dataset.rows}-TOTAL_FORMS`);
  const blank = document.getElementById("blank-row");
  const body = table.tBodies[0];
  const row = blank.content.firstElementChild.cloneNode(true);
  const number = total.value;
  for (const element of row.querySelectorAll("[name], [id], [for], [aria-describedby]")) {
    for (const name of ["name", "id", "for", "aria-describedby"]) {
      const value = element.getAttribute(name);
      if (value) element.setAttribute(name, value.replace("__prefix__", number));
    }
  }
  total.value = String(Number(number) + 1);
  body.append(row);
  prepare(row);
  row.querySelector("input.mono").focus();
}

// The tick that takes a row out becomes a button; the tick stays and is what is sent.
function prepare(row) {
  const tick = row.querySelector("[data-remove]");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-quiet btn-sm btn-icon";
  button.textContent = "×";
  button.setAttribute("aria-label", "Remove this property");
  button.addEventListener("click", () => {
    const name = row.querySelector("input.mono").value;
    tick.checked = true;
    row.hidden = true;
    tick.dispatchEvent(new Event("input", { bubbles: true }));
    say(name ? `${name} removed` : "Row removed");
    const next = [...table.tBodies[0].rows].find((other) => !other.hidden);
    if (next) next.querySelector("input.mono").focus();
  });
  tick.classList.add("visually-hidden");
  tick.tabIndex = -1;
  tick.after(button);
  row.hidden = tick.checked;
}

if (table) {
  for (const row of table.querySelectorAll("[data-row]")) prepare(row);
  document.querySelector("[data-more-rows]").addEventListener("click", (event) => {
    event.preventDefault();
    addRow();
  });
}
