// The stock of a row being typed: 83 is a figure, +5 and -2 are changes. Enter saves, Esc
// restores, Tab saves and opens the next row.
const editorOf = (element) => element?.closest?.("form[data-adjust]");
const boxOf = (form) => form.querySelector("[name=entry]");
const figures = new Intl.NumberFormat("en", { maximumFractionDigits: 6 });
export const written = (number) => figures.format(number).replace("-", "\u2212");
const NUMBER = /^(=?)([+-]?)(\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d*\.?\d+|\d+\.)$/;

// What was typed, as the server will read it.
export function read(text, before) {
  const found = text.trim().replaceAll("\u2212", "-").match(NUMBER);
  if (!found) return null;
  const [, equals, sign, digits] = found;
  const amount = Number(digits.replaceAll(",", "")) * (sign === "-" ? -1 : 1);
  const after = sign && !equals ? before + amount : amount;
  return Math.round(after * 1e6) / 1e6;
}

function before(form) {
  const chosen = form.querySelector("select[name=location]")?.selectedOptions[0]?.dataset.onHand;
  const text = chosen ?? form.dataset.onHand;
  return text === "" || text === undefined ? null : Number(text);
}

function show(form) {
  const now = before(form);
  const after = now === null ? null : read(boxOf(form).value, now);
  const change = after === null ? 0 : Math.round((after - now) * 1e6) / 1e6;
  form.querySelector("[data-change]").hidden = now === null;
  form.querySelector("[data-before]").textContent = now === null ? "?" : written(now);
  form.querySelector("[data-after]").textContent = after === null ? "?" : written(after);
  const delta = form.querySelector("[data-delta]");
  delta.textContent = change ? (change > 0 ? "+" : "") + written(change) : "";
  delta.classList.toggle("up", change > 0);
  delta.classList.toggle("down", change < 0);
}

function isComplete(form) {
  const now = before(form);
  const after = now === null ? null : read(boxOf(form).value, now);
  const chosen = [...form.querySelectorAll("select")].every((one) => one.value !== "");
  return chosen && after !== null && after !== now;
}

document.addEventListener("input", (event) => {
  const form = editorOf(event.target);
  if (form) show(form);
});

document.addEventListener("change", (event) => {
  const form = event.target.matches?.("[name=location]") && editorOf(event.target);
  if (form) boxOf(form).focus();
});

// The row whose editor opens once the one at hand is saved.
let next = null;

document.addEventListener("keydown", (event) => {
  const form = editorOf(event.target);
  if (!form) return;
  if (event.key === "Escape") {
    event.preventDefault();
    form.querySelector("[data-cancel]")?.click();
  }
  if (event.key === "Enter" && event.target.matches("select")) {
    event.preventDefault();
    form.requestSubmit();
  }
  if (event.key === "Tab" && !event.shiftKey && event.target === boxOf(form) && form.closest("tr") && isComplete(form)) {
    event.preventDefault();
    next = following(form.closest("tr"));
    form.requestSubmit();
  }
});

function following(row) {
  let one = row.nextElementSibling;
  while (one && !one.querySelector("a.cell")) one = one.nextElementSibling;
  return one?.querySelector("a.cell")?.id ?? null;
}

document.addEventListener("htmx:after:swap", () => {
  for (const form of document.querySelectorAll("form[data-adjust]")) show(form);
  const box = document.activeElement;
  if (editorOf(box) && box.name === "entry") {
    if (box.getAttribute("aria-invalid") !== "true") box.select();
    return;
  }
  const opener = next && document.getElementById(next);
  next = null;
  opener?.click();
});

document.addEventListener("htmx:response:error", () => { next = null; });
for (const form of document.querySelectorAll("form[data-adjust]")) show(form);
