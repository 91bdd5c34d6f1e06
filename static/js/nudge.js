// Figures that a click changes: one less, one more, or what the page suggests.
import { read } from "./table-edit.js";

function nudged(text, by) {
  const isFigure = /^\s*(=|\d)/.test(text);
  const amount = Math.round(((read(text, 0) ?? 0) + by) * 1e6) / 1e6;
  if (isFigure) return `=${amount}`;
  return amount > 0 ? `+${amount}` : String(amount);
}

function put(entry, text) {
  entry.value = text;
  entry.dispatchEvent(new Event("input", { bubbles: true }));
  entry.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const nudge = event.target.closest?.("[data-by]");
  if (nudge) {
    const entry = nudge.parentElement.querySelector("[name$=-entry]");
    const by = Number(nudge.dataset.by);
    const isPlain = "plain" in nudge.dataset; // a quantity: no sign, and never nothing
    put(entry, isPlain ? Math.max((read(entry.value, 0) ?? 0) + by, 1) : nudged(entry.value, by));
  }
  const fill = event.target.closest?.("[data-fill]");
  if (fill) {
    event.preventDefault();
    const entry = document.getElementById(fill.dataset.fillInto);
    put(entry, Number(fill.dataset.fill));
    entry.focus();
  }
});
