// The shell of every page: the token of forms, what to say when something fails, theme, dialogs.
import { toast } from "./toasts.js";
import "./shortcuts.js";
import "./table.js";

const SAFE = ["GET", "HEAD"];

document.addEventListener("htmx:config:request", (event) => {
  const { request } = event.detail.ctx;
  if (SAFE.includes((request.method || "GET").toUpperCase())) return;
  request.headers["X-CSRFToken"] = document.querySelector("meta[name=csrf-token]").content;
});

// Refusals of ours bring their own toast (HX-Trigger); this is for a proxy's or a broken answer.
document.addEventListener("htmx:response:error", (event) => {
  const { response, hx } = event.detail.ctx;
  if (hx?.trigger || hx?.redirect || [409, 422].includes(response.status)) return;
  toast({
    kind: "error",
    text: `The server answered ${response.status}. Nothing was saved.`,
    request: response.headers.get("X-Request-ID"),
  });
});

document.addEventListener("htmx:error", (event) => {
  const { ctx } = event.detail;
  if (!ctx) return;
  const asked = SAFE.includes((ctx.request?.method || "GET").toUpperCase());
  const why = navigator.onLine === false ? "You are offline." : "The server cannot be reached.";
  toast({ kind: "error", text: `${asked ? "Not loaded." : "Not saved."} ${why}` });
});

// Light, dark or as the system: the server knows it from the cookie before the first paint.
const root = document.documentElement;
const COOKIE = "racking_theme";

function choose(theme) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${COOKIE}=${theme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  show(theme);
}

function show(theme) {
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  for (const button of document.querySelectorAll(".themes button")) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
}

const isDark = () =>
  root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-theme-toggle]")) choose(isDark() ? "light" : "dark");
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches(".themes")) return;
  event.preventDefault();
  choose(event.submitter.value);
});
// A page that Back brings up again may be older than the choice.
window.addEventListener("pageshow", (event) => {
  const kept = document.cookie.match(/(?:^|; )racking_theme=(light|dark|system)/);
  if (event.persisted && kept) show(kept[1]);
});

// Dialogs and menus are the browser's own; here is only what it does not do yet.
const named = (target) => (target ? document.querySelector(target) : null);

document.addEventListener("dialog:open", (event) => {
  const dialog = named(event.detail?.target);
  if (dialog && !dialog.open) dialog.showModal();
});
document.addEventListener("dialog:close", (event) => {
  const dialog = named(event.detail?.target) ?? event.target.closest?.("dialog") ?? document.querySelector("dialog[open]");
  dialog?.close();
});

// For browsers without invoker commands.
if (!("commandForElement" in HTMLButtonElement.prototype)) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[commandfor]");
    const dialog = button && document.getElementById(button.getAttribute("commandfor"));
    if (!dialog) return;
    if (button.getAttribute("command") === "show-modal") dialog.showModal();
    else dialog.close();
  });
}

// A menu closes when its entry opens something.
document.addEventListener("click", (event) => {
  const entry = event.target.closest?.(".menu button[commandfor]");
  entry?.closest("[popover]")?.hidePopover();
});

// The back of the dialog is no part of it. `closedby` does this where it is known.
document.addEventListener("click", (event) => {
  if (event.target.matches?.("dialog[open][closedby=any]") && !("closedBy" in event.target)) event.target.close();
});

for (const back of document.querySelectorAll("[data-back]")) {
  back.hidden = history.length < 2;
  back.addEventListener("click", () => history.back());
}

// Tabs that do not fit are scrolled so that the one at hand is in sight.
for (const tab of document.querySelectorAll(".views [aria-current]")) {
  const row = tab.closest(".views");
  row.scrollLeft += tab.getBoundingClientRect().left - row.getBoundingClientRect().left - (row.clientWidth - tab.offsetWidth) / 2;
}
