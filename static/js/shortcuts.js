// Shortcuts. Single letters never fire while somebody types and can be switched off.
const root = document.documentElement;
const WAIT = 1200; // milliseconds for the letter after g

export const isTyping = (event) =>
  event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

export const isFree = (event) =>
  root.dataset.shortcuts !== "off" &&
  !event.ctrlKey && !event.metaKey && !event.altKey && !event.defaultPrevented &&
  !isTyping(event) && !document.querySelector("dialog[open]");

let going = 0;

document.addEventListener("keydown", (event) => {
  if (!isFree(event)) return;
  if (going && performance.now() - going < WAIT) {
    going = 0;
    const link = document.querySelector(`[data-go="${CSS.escape(event.key.toLowerCase())}"]`);
    if (link) {
      event.preventDefault();
      event.stopImmediatePropagation();
      link.click();
    }
    return;
  }
  if (event.key === "g") going = performance.now();
  if (event.key === "?") document.getElementById("keys")?.showModal();
  if (event.key === "/") focusSearch(event);
});

function focusSearch(event) {
  const search = document.querySelector("[data-search]");
  if (!search) return;
  event.preventDefault();
  search.focus();
  search.select();
}

// Pages name keys for their own links and buttons: <a data-key="n">.
document.addEventListener("keydown", (event) => {
  if (!isFree(event) || event.key.length !== 1) return;
  const control = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!control) return;
  event.preventDefault();
  control.click();
});
