// The sheet at the dock: kept at each change, scanned into, and shown as others fill it.
const sheet = () => document.getElementById("sheet");
const box = () => document.getElementById("scan");
const LOOK = 4000; // milliseconds between looks at what others counted

let busy = false;

const isTyping = () =>
  [...sheet().querySelectorAll("[data-count], [data-scan]")].some((one) => one.value !== one.defaultValue);

document.addEventListener("change", (event) => {
  if (!sheet() || !event.target.matches?.("[data-count], [data-reason]") || event.target.form !== sheet()) return;
  sheet().dispatchEvent(new CustomEvent("save"));
});

document.addEventListener("focusin", (event) => {
  if (event.target.matches?.("[data-count]")) event.target.select();
});

// Enter in a figure keeps it and goes back to the scanner; + and - count one.
document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.("[data-count]")) return;
  if (event.key === "Enter") {
    event.preventDefault();
    box().focus(); // which keeps what was typed
  }
  if (event.key === "+" || event.key === "-") {
    event.preventDefault();
    event.target.value = event.target.defaultValue;
    event.target.closest(".step").querySelector(`[value$=":${event.key === "+" ? 1 : -1}"]`).click();
  }
});

document.addEventListener("htmx:before:request", (event) => { if (event.target === sheet()) busy = true; });
document.addEventListener("htmx:finally:request", () => { busy = false; });
document.addEventListener("htmx:after:swap", (event) => {
  if (event.target !== sheet() || !box()) return;
  if (document.activeElement === box()) box().value = "";
});

setInterval(() => {
  if (!sheet() || busy || document.hidden || isTyping()) return;
  document.getElementById("look")?.dispatchEvent(new CustomEvent("look"));
}, LOOK);

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-print]")) window.print();
});
