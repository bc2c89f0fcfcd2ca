// What scripts add to pages: buttons that copy addresses and texts, and a builder that answers each tick.
// Without them an address is marked and copied by hand, and the builder's own button shows what was built.

"use strict";

const SAYS_FOR = 2500; // milliseconds that a button says what it did
const PAUSE = 250; // milliseconds after the last tick or letter

function addButtons(root) {
  for (const field of root.querySelectorAll("[data-copy]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button quiet";
    button.textContent = field.dataset.copy;
    const label = field.getAttribute("aria-labelledby");
    if (label) button.setAttribute("aria-describedby", label);
    button.addEventListener("click", () => copy(field, button));
    field.after(button);
  }
}

async function copy(field, button) {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    document.execCommand("copy"); // pages without TLS have no clipboard
  }
  button.textContent = field.dataset.copied;
  setTimeout(() => (button.textContent = field.dataset.copy), SAYS_FOR);
}

function liven(form) {
  let waiting;
  let asking = new AbortController();

  async function show() {
    const chosen = [...new FormData(form)].filter(([, value]) => value);
    const address = new URL(form.action);
    address.search = new URLSearchParams(chosen);
    address.hash = "";
    asking.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(address, { signal: asking.signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const built = document.getElementById("built");
      built.replaceChildren(...page.getElementById("built").childNodes);
      addButtons(built);
      history.replaceState(null, "", address);
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  }

  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, PAUSE);
  });
}

addButtons(document);
document.querySelectorAll("form[data-live]").forEach(liven);
