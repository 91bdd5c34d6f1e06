// Lists by keyboard: j k move, x selects, space previews, Enter opens (it is a link).
import { isFree } from "./shortcuts.js";

const rowOf = (element) => element?.closest?.("[data-rows] > tr, [data-rows] > li");
const linkOf = (row) => row?.querySelector("a[href], button");

function move(by) {
  const rows = [...document.querySelectorAll("[data-rows] > :is(tr, li)")].filter((row) => linkOf(row));
  const at = rows.indexOf(rowOf(document.activeElement));
  linkOf(rows[Math.max(0, Math.min(rows.length - 1, at + by))])?.focus();
}

document.addEventListener("keydown", (event) => {
  if (!isFree(event) || !document.querySelector("[data-rows]")) return;
  const row = rowOf(document.activeElement);
  if (event.key === "j") move(1);
  if (event.key === "k") move(-1);
  if (event.key === "x") row?.querySelector("[name=ids]")?.click();
  if (event.key === " " && row && document.activeElement.matches("a")) {
    const preview = row.querySelector("[data-preview]");
    if (!preview) return;
    event.preventDefault();
    preview.click();
  }
});

// Selection: a range with shift, all with the head's box, and a bar that counts.
let last = null;

function count() {
  const bar = document.querySelector("[data-bulk]");
  if (!bar) return;
  const chosen = document.querySelectorAll("[name=ids]:checked").length;
  bar.hidden = chosen === 0;
  bar.querySelector("[data-bulk-count]").textContent = `${chosen} selected`;
  const all = document.querySelector("[data-check-all]");
  if (all) all.indeterminate = chosen > 0 && chosen < document.querySelectorAll("[name=ids]").length;
}

document.addEventListener("click", (event) => {
  const box = event.target.closest?.("[name=ids]");
  if (box && event.shiftKey && last?.isConnected) {
    const boxes = [...document.querySelectorAll("[name=ids]")];
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
    for (const one of boxes.slice(from, to + 1)) one.checked = box.checked;
  }
  if (box) last = box;
  if (event.target.closest?.("[data-bulk-clear]")) {
    for (const one of document.querySelectorAll("[name=ids], [data-check-all]")) one.checked = false;
    count();
    document.querySelector("[data-rows] a")?.focus();
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-check-all]")) {
    for (const one of document.querySelectorAll("[name=ids]")) one.checked = event.target.checked;
  }
  if (event.target.matches("[data-check-all], [name=ids]")) count();
});

// A stepper's buttons: one less, one more.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.(".step button");
  if (!button) return;
  const box = button.parentElement.querySelector("input");
  const by = button.nextElementSibling ? -1 : 1;
  box.value = String(Math.max(0, (Number.parseInt(box.value, 10) || 0) + by));
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.dispatchEvent(new Event("change", { bubbles: true }));
});

// After "load more" the first new row has the focus.
let shown = null; // rows before the answer came
document.addEventListener("htmx:before:swap", (event) => {
  if (event.target.closest?.("[data-more]")) shown = document.querySelectorAll("[data-rows] > *").length;
});
document.addEventListener("htmx:after:swap", () => {
  count();
  if (shown === null) return;
  linkOf(document.querySelectorAll("[data-rows] > *")[shown])?.focus();
  shown = null;
});
count();
