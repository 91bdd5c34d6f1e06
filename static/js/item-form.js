// The form of an item: margin as it is typed, rows that come and go, a guard against leaving.
const form = document.querySelector("[data-item-form]");
const NUMBER = /^\d{1,3}(,\d{3})*(\.\d*)?$|^\d*\.?\d+$|^\d+\.$/;

const amount = (name) => {
  const text = form.elements[name]?.value.trim() ?? "";
  return NUMBER.test(text) ? Number(text.replaceAll(",", "")) : null;
};

function showMargin() {
  const output = form.querySelector("[data-margin]");
  if (!output) return;
  const cost = amount("cost_price") ?? 0;
  const price = amount("selling_price");
  if (!price) {
    output.textContent = "\u2013";
    return;
  }
  const share = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });
  const money = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 6 });
  const text = `${money.format(price - cost)} a unit, ${share.format((price - cost) / price)} of the price`;
  output.textContent = text.replaceAll("-", "\u2212") + (price < cost ? ": sold below cost" : "");
}

// Rows: the last one is blank and is the pattern of the next.
function addRow(list) {
  const last = list.querySelector("[data-row]:last-of-type");
  const number = list.querySelectorAll("[data-row]").length;
  const one = last.cloneNode(true);
  for (const element of one.querySelectorAll("[id], [for], [name]")) {
    for (const attribute of ["id", "for", "name"]) {
      const value = element.getAttribute(attribute);
      if (value) element.setAttribute(attribute, value.replace(/-\d+-/, `-${number}-`));
    }
  }
  for (const input of one.querySelectorAll("input")) {
    input.value = "";
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
  }
  for (const error of one.querySelectorAll(".err")) error.remove();
  for (const word of one.querySelectorAll("label .vh")) word.textContent = `Row ${number + 1} `;
  one.querySelector("[data-remove-row]").setAttribute("aria-label", `Remove row ${number + 1}`);
  list.append(one);
  one.querySelector("input:not([type=hidden])").focus();
}

// The row stays, empty and hidden: the server takes an emptied row as a removed one.
function removeRow(row) {
  const list = row.parentElement;
  for (const input of row.querySelectorAll("input")) input.value = "";
  row.hidden = true;
  if (!list.querySelector("[data-row]:not([hidden])")) addRow(list);
  else (list.querySelector("[data-row]:not([hidden]) input:not([type=hidden])"))?.focus();
  setDirty();
}

let isDirty = false;
const setDirty = () => { isDirty = true; };

if (form) {
  for (const button of form.querySelectorAll("[data-add-row], [data-remove-row]")) button.hidden = false;
  form.addEventListener("click", (event) => {
    const add = event.target.closest("[data-add-row]");
    const remove = event.target.closest("[data-remove-row]");
    if (add) addRow(add.closest("fieldset").querySelector("[data-row-list]"));
    if (remove) removeRow(remove.closest("[data-row]"));
  });
  form.addEventListener("input", () => {
    setDirty();
    showMargin();
  });
  form.addEventListener("submit", () => { isDirty = false; });
  window.addEventListener("beforeunload", (event) => {
    if (isDirty) event.preventDefault();
  });
  if (document.querySelector(".errors, #differences")) setDirty();
  showMargin();
}
