// Short messages at the edge. Errors stay until dismissed; others go after 8 seconds unless
// somebody points at them or has the focus in them.
const STAY = 8000;
const box = () => document.getElementById("toasts");

export function toast({ text, kind = "ok", undo = null, request = null }) {
  const one = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
  one.classList.replace("ok", kind);
  one.querySelector("[data-text]").textContent = request ? `${text} (request ${request})` : text;
  const form = one.querySelector("[data-undo]");
  if (undo) {
    form.action = undo;
    form.setAttribute("hx-post", undo);
    form.querySelector("[name=csrf_token]").value = document.querySelector("meta[name=csrf-token]").content;
  } else {
    form.remove();
  }
  if (kind === "error") {
    const use = one.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, "#circle-alert"));
    one.setAttribute("role", "alert");
  }
  box().append(one);
  if (undo) window.htmx?.process(one);
  watch(one);
}

function watch(one) {
  if (one.classList.contains("error")) return;
  let timer;
  const start = () => { timer = setTimeout(() => one.remove(), STAY); };
  const stop = () => clearTimeout(timer);
  one.addEventListener("pointerenter", stop);
  one.addEventListener("pointerleave", start);
  one.addEventListener("focusin", stop);
  one.addEventListener("focusout", start);
  start();
}

// Dismissing must not lose the focus to nowhere.
function dismiss(one) {
  const had = one.contains(document.activeElement);
  const next = one.nextElementSibling ?? one.previousElementSibling;
  one.remove();
  if (had) (next?.querySelector("button") ?? document.getElementById("main"))?.focus();
}

document.addEventListener("toast", (event) => toast(event.detail));
document.addEventListener("click", (event) => {
  const close = event.target.closest("[data-toast-close]");
  if (close) dismiss(close.closest("[data-toast]"));
});
// Only at the end: htmx swaps nothing for a form that is gone.
document.addEventListener("htmx:finally:request", (event) => {
  const form = event.target.closest?.("[data-undo]");
  if (form && event.detail.ctx.response?.status < 400) dismiss(form.closest("[data-toast]"));
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "F8") return;
  event.preventDefault();
  box()?.lastElementChild?.querySelector("button")?.focus();
});
document.querySelectorAll("[data-toast]").forEach(watch);
