// The editor of a document with lines: kept at each change, lines by typing, scan or paste, live figures.
import { read, written } from "./table-edit.js";
import "./nudge.js";
import "./line-box.js";

const form = () => document.querySelector("form[data-draft]");
const box = () => document.getElementById("add");

// One request at a time, each with the version that the one before it left.
let busy = false;
let waiting = null; // "auto", or the button that was pressed meanwhile
let dirty = false;

function keep() {
  if (busy) waiting ??= "auto";
  else form()?.dispatchEvent(new CustomEvent("autosave"));
}

document.addEventListener("submit", (event) => {
  if (event.target !== form()) return;
  if (busy) {
    event.preventDefault();
    event.stopImmediatePropagation();
    waiting = event.submitter ?? "auto";
  }
}, true);

document.addEventListener("htmx:before:request", (event) => {
  if (event.target === form()) [busy, dirty] = [true, false];
});
document.addEventListener("htmx:finally:request", (event) => {
  if (event.target !== form() || !busy) return;
  busy = false;
  const next = waiting; waiting = null;
  if (next === "auto") keep();
  else if (next) form().requestSubmit(next);
});
// What could not be sent is tried again with the next change.
for (const failure of ["htmx:error", "htmx:response:error"]) {
  document.addEventListener(failure, (event) => { if (event.target === form()) dirty = true; });
}

document.addEventListener("change", (event) => {
  if (event.target.form !== form() || !form() || event.target.matches("#add, #listed")) return;
  keep();
});
window.addEventListener("beforeunload", (event) => {
  if ((dirty || waiting) && form()) event.preventDefault();
});

// After the change, as it is typed; the server's own figures follow.
function show(line) {
  const entry = line.querySelector("[name$=-entry]");
  if (!line.querySelector("[data-after]")) return; // a document whose lines have no before and after
  const before = line.dataset.before === "" ? null : Number(line.dataset.before);
  const after = before === null ? null : read(entry.value, before);
  const change = after === null ? 0 : Math.round((after - before) * 1e6) / 1e6;
  line.querySelector("[data-after]").textContent = after === null ? "?" : written(after);
  const delta = document.createElement("span");
  delta.className = `delta ${change > 0 ? "up" : change < 0 ? "down" : ""}`;
  delta.textContent = change ? (change > 0 ? "+" : "") + written(change) : "";
  line.querySelector("[data-delta]").replaceChildren(delta);
}

document.addEventListener("input", (event) => {
  if (!form()?.contains(event.target)) return;
  dirty = !event.target.matches("#add");
  const line = event.target.matches("[name$=-entry]") && event.target.closest("[data-line]");
  if (line) show(line);
});

document.addEventListener("click", (event) => {
  const close = event.target.closest?.("[data-dialog-close]");
  if (!close?.closest("dialog")) return;
  event.preventDefault();
  close.closest("dialog").close();
});

// Ctrl Enter posts from wherever one is, before the box or a line sees the Enter.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !form()?.contains(event.target)) return;
  event.preventDefault();
  event.stopPropagation();
  const post = document.getElementById("post-open");
  post.focus(); // what was typed is kept first, as before a click
  setTimeout(() => post.click(), 50);
}, true);

// Enter in a line goes back to the box, so that a list is written without the mouse.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.("[data-line] input")) return;
  event.preventDefault();
  box().focus();
});

// What a swap leaves to us: controls were not touched, so they learn of errors and new figures here.
let removed = -1;
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[value^='remove:']");
  if (button) removed = [...document.querySelectorAll("[data-line]")].indexOf(button.closest("[data-line]"));
});

function settle() {
  for (const control of document.querySelectorAll("form[data-draft] [aria-invalid]")) control.removeAttribute("aria-invalid");
  for (const one of document.querySelectorAll("form[data-draft] [data-wrong]")) {
    document.getElementById(one.dataset.wrong)?.setAttribute("aria-invalid", "true");
  }
  for (const line of document.querySelectorAll("[data-line][data-entry]")) {
    line.querySelector("[name$=-entry]").value = line.dataset.entry;
  }
  for (const cell of document.querySelectorAll("[data-booked]")) cell.querySelector("input").placeholder = cell.dataset.booked;
  for (const button of document.querySelectorAll("[data-by]")) button.hidden = false;
}

// What somebody opened stays open.
let opened = [];
document.addEventListener("htmx:before:swap", () => {
  opened = [...document.querySelectorAll("form[data-draft] details[open]")].map((one) => one.id);
});

document.addEventListener("htmx:after:swap", (event) => {
  if (!form()) return;
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  settle();
  if (event.target !== form()) return;
  if (removed >= 0) {
    const lines = document.querySelectorAll("[data-line]");
    (lines[Math.min(removed, lines.length - 1)]?.querySelector("[name$=-entry]") ?? box()).focus();
    removed = -1;
  }
  if (event.detail.ctx.response?.status === 422) {
    (document.querySelector("form[data-draft] [aria-invalid]") ?? box()).focus();
  }
});

settle();
for (const dialog of document.querySelectorAll("dialog[data-open]")) dialog.showModal();
