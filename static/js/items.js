// The list of items: preview beside it, keys of a row, popovers that the server wants open.
import { isFree } from "./shortcuts.js";

const rowOf = (element) => element?.closest?.("[data-rows] > tr");
const panel = () => document.getElementById("peek");
const isOpen = () => panel() && !panel().hidden;

function close() {
  const row = document.getElementById(`item-${panel().dataset.item}`);
  const had = panel().contains(document.activeElement);
  panel().hidden = true;
  if (had) (row?.querySelector("a") ?? document.getElementById("main"))?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && isOpen() && !event.defaultPrevented && !document.querySelector(":popover-open, dialog[open], form[data-adjust]")) close();
  if (!isFree(event)) return;
  const row = rowOf(document.activeElement);
  if (event.key === "e" && row) row.querySelector("a.cell")?.click();
});

// Space on the row that is previewed closes the preview again.
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-peek-close]")) close();
  const look = event.target.closest?.("[data-preview]");
  if (!look || !isOpen() || rowOf(look)?.id !== `item-${panel().dataset.item}`) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  panel().hidden = true;
}, true);

// While the preview is open it follows the row at hand.
let following = 0;
document.addEventListener("focusin", (event) => {
  const row = rowOf(event.target);
  if (!row || !isOpen() || !event.target.matches("a[id^=open-]")) return;
  clearTimeout(following);
  following = setTimeout(() => {
    if (isOpen() && row.id !== `item-${panel().dataset.item}`) row.querySelector("[data-preview]")?.click();
  }, 120);
});

// What was undone is shown in its row: go there.
document.addEventListener("stock-changed", (event) => {
  const item = event.detail?.item;
  (document.getElementById(`qty-${item}`) ?? document.getElementById(`open-${item}`))?.focus();
});

// A row whose editor goes gives the focus to what opened it.
let edited = null;
document.addEventListener("htmx:before:swap", () => { edited = document.activeElement?.closest?.("tr.editing")?.id; });
document.addEventListener("htmx:after:swap", () => {
  if (edited && document.activeElement === document.body) {
    document.querySelector(`#${CSS.escape(edited)} [data-opener]`)?.focus();
  }
  edited = null;
});

for (const one of document.querySelectorAll("[popover][data-open]")) one.showPopover();
for (const form of document.querySelectorAll("[data-submit-on-change]")) {
  form.addEventListener("change", () => form.requestSubmit());
}
