// Gives each htmx request the CSRF token that the cookie holds at that moment: a sign-in in another tab changes it.
import { readCookie } from "./cookies.js";

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") {
    const token = readCookie("__Host-csrftoken") || readCookie("csrftoken"); // behind TLS, and without
    event.detail.headers["X-CSRFToken"] = token;
    // A form's own field, written when the page was, would count before the header.
    if ("csrfmiddlewaretoken" in event.detail.parameters) event.detail.parameters.csrfmiddlewaretoken = token;
  }
});

// A lost session answers a fragment with the sign-in page: go there, and come back here afterwards.
document.addEventListener("htmx:beforeSwap", (event) => {
  const url = new URL(event.detail.xhr.responseURL || location.href, location.href);
  if (url.pathname === "/accounts/login/" && location.pathname !== url.pathname) {
    event.detail.shouldSwap = false;
    const back = encodeURIComponent(location.pathname + location.search);
    location.assign(`/accounts/login/?next=${back}`);
  }
});
