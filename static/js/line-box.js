// The box of a document that takes an item: typed (list below, arrows, Enter), scanned or pasted.
const box = () => document.getElementById("add");
const list = () => document.getElementById("choices");
const options = () => [...list().querySelectorAll("[role=option]:not([aria-disabled])")];
const SCAN_GAP = 35; // milliseconds between the letters of a scanner
const SCAN_LENGTH = 6;

let typed = []; // when each letter came
let added = ""; // how the line to be added came: "scan", "typed", "pick"
let sent = null; // the same of the request on its way, and what stood in the box then

const isScan = () =>
  typed.length >= SCAN_LENGTH && typed.at(-1) - typed[0] < SCAN_GAP * (typed.length - 1);

function open(isOpen) {
  list().hidden = !isOpen;
  box().setAttribute("aria-expanded", String(isOpen));
  if (!isOpen) mark(null);
}

function mark(option) {
  for (const one of options()) one.setAttribute("aria-selected", String(one === option));
  if (option) {
    box().setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else {
    box().removeAttribute("aria-activedescendant");
  }
}

const marked = () => list().querySelector("[aria-selected=true]");

function submit(how) {
  added = how;
  typed = [];
  open(false);
  box().form.requestSubmit(box().form.querySelector("[data-add]"));
}

function pick(option) {
  box().form.elements.pick.value = option.dataset.item;
  submit("pick");
}

function move(by) {
  const all = options();
  if (all.length === 0) return;
  open(true);
  const at = all.indexOf(marked());
  mark(all[(at + by + (at < 0 && by < 0 ? 1 : 0) + all.length) % all.length]);
}

document.addEventListener("keydown", (event) => {
  if (event.target !== box() || !box()) return;
  if (event.key.length === 1) {
    typed.push(event.timeStamp);
    if (box().value === "") typed = [event.timeStamp];
  }
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    move(event.key === "ArrowDown" ? 1 : -1);
  }
  if (event.key === "Escape" && !list().hidden) {
    event.preventDefault();
    open(false);
  }
  if (event.key === "Enter") {
    event.preventDefault();
    if (marked() && !list().hidden && !isScan()) pick(marked());
    else if (box().value.trim()) submit(isScan() || /[\s,;][=+\u2212-]?[\d.]+$/.test(box().value) ? "scan" : "typed");
  }
});

document.addEventListener("pointerdown", (event) => {
  const option = event.target.closest?.("#choices [role=option]:not([aria-disabled])");
  if (!option) return;
  event.preventDefault(); // the focus stays in the box
  pick(option);
});
document.addEventListener("focusout", (event) => {
  if (event.target === box()) open(false);
});

// Several lines at once go to the list and in.
document.addEventListener("paste", (event) => {
  if (event.target !== box() || !box()) return;
  const text = event.clipboardData.getData("text").trim();
  if (!/[\n\t]/.test(text)) return;
  event.preventDefault();
  document.getElementById("listed").value = text;
  box().value = "";
  submit("scan");
});

document.addEventListener("htmx:before:request", (event) => {
  if (!box() || event.target !== box().form || !added) return;
  sent = { how: added, text: box().value };
  added = "";
});

document.addEventListener("htmx:after:swap", (event) => {
  if (!box()) return;
  if (event.target === box() || event.target === list()) {
    open(box() === document.activeElement && box().value.trim() !== "" && list().children.length > 0);
    return;
  }
  if (event.target !== box().form || !sent) return;
  const { how, text } = sent;
  sent = null;
  if (document.getElementById("adder").dataset.wrong) {
    box().select();
    return;
  }
  box().value = box().value.startsWith(text) ? box().value.slice(text.length) : ""; // the next scan may be there
  list().replaceChildren();
  const listed = document.getElementById("listed");
  const left = document.getElementById("listed-left");
  listed.value = left?.value ?? "";
  if (left) document.getElementById("list-details").open = true;
  const line = document.querySelector("[data-line][data-entry] [name$=-entry]");
  if (how !== "scan" && line) {
    line.focus();
    line.select();
  } else {
    box().focus();
  }
});
