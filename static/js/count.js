// The sheet in the hand. Whatever is done becomes an event with an id and an instant, is kept on the phone until the server has answered it, and is
// told again as often as needed: the server counts each once.
const told = () => document.getElementById("told");
const key = () => `racking-count-${told().dataset.count}`;
const AGAIN = 5000; // milliseconds between tries while the server is out of reach

let busy = false, latest = 0, wants = "", sound = null;

const kept = () => { try { return JSON.parse(localStorage.getItem(key()) || "[]"); } catch { return []; } };
const keep = (events) => { localStorage.setItem(key(), JSON.stringify(events)); show(); };

// Two events never share an instant, or their order would be lost.
const instant = () => { latest = Math.max(Date.now(), latest + 1); return new Date(latest).toISOString(); };

function show() {
  const badge = document.querySelector("[data-waiting]"), count = kept().length;
  if (badge) badge.textContent = count ? `${count} waiting` : "Saved";
}

function put(event, step = "") {
  keep([...kept(), { id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`, at: instant(), ...event }]);
  tell(step);
}

function tell(step = "") {
  wants = step || wants;
  const events = kept();
  if (busy || !(events.length || wants)) return;
  const form = told();
  form.elements.events.value = JSON.stringify(events.slice(0, 500));
  form.elements.sent.value = new Date().toISOString();
  form.elements.line.value = document.getElementById("now")?.dataset.line ?? "";
  form.elements.do.value = wants;
  busy = true;
  form.dispatchEvent(new CustomEvent("tell"));
}

function beep(fine) {
  navigator.vibrate?.(fine ? 30 : [60, 60, 60]);
  try {
    sound ??= new AudioContext();
    for (const start of fine ? [0] : [0, 0.18]) {
      const tone = sound.createOscillator(), level = sound.createGain();
      tone.frequency.value = fine ? 1760 : 220;
      level.gain.value = 0.08;
      tone.connect(level).connect(sound.destination);
      tone.start(sound.currentTime + start);
      tone.stop(sound.currentTime + start + 0.1);
    }
  } catch { /* no sound here */ }
}

const field = () => document.getElementById("counted");

document.addEventListener("submit", (event) => {
  const form = event.target, step = event.submitter?.value ?? "";
  if (!told() || !form.closest?.("#sheet") || form.action.endsWith("/finish")) return;
  event.preventDefault();
  const [verb, more] = step.split(/:(.*)/s);
  if (form.matches("[data-scanner]")) {
    const box = form.elements.scan, code = box.value.trim();
    box.value = "";
    if (code) put({ barcode: code, delta: 1 });
  } else if (form.matches("[data-found]")) put({ barcode: form.dataset.found, delta: 1, adds: true });
  else if (form.matches("[data-undo]")) undo(form.dataset.undo);
  else line(form, verb, more);
});

function undo(id) {
  const events = kept();
  if (events.length && !busy) { keep(events.slice(0, -1)); tell(); } else put({ undoes: id });
}

function line(form, verb, more) {
  const id = form.dataset.line, was = field().defaultValue, typed = field().value.trim();
  if (verb === "add") {
    put({ line: id, delta: Number(more) });
    field().value = String(Number(was.replaceAll(",", "") || 0) + Number(more)); // until the server says
  } else if (verb === "empty") put({ line: id, quantity: 0 }, "empty");
  else if (verb === "note") put({ line: id, note: form.elements.note.value.trim() });
  else if (typed === was && was !== "") tell("save");
  else if (/^\d{1,3}(,?\d{3})*(\.\d+)?$|^\d+(\.\d+)?$/.test(typed)) put({ line: id, quantity: Number(typed.replaceAll(",", "")) }, "save");
  else refuse("Type how many are there, or say that the bin is empty.");
}

function refuse(words) {
  const note = document.createElement("p");
  note.className = "note out";
  note.textContent = words;
  document.getElementById("said").replaceChildren(note);
  beep(false);
  field().focus();
}

document.addEventListener("htmx:after:swap", (event) => {
  if (event.target !== told() && event.detail?.ctx?.sourceElement !== told()) return;
  const sheet = document.getElementById("sheet"), taken = new Set((sheet?.dataset.taken ?? "").split(" "));
  busy = false;
  wants = "";
  keep(kept().filter((one) => !taken.has(one.id)));
  beep(sheet?.dataset.fine !== "no");
  if (document.activeElement === document.body) document.getElementById("scan")?.focus();
  if (kept().length) tell();
});
for (const name of ["htmx:error", "htmx:response:error", "htmx:finally:request"])
  document.addEventListener(name, () => { busy = false; show(); });

addEventListener("online", () => tell());
addEventListener("pageshow", () => { if (told()) { show(); tell(); } });
setInterval(() => { if (told() && !document.hidden && kept().length) tell(); }, AGAIN);

document.addEventListener("focusin", (event) => { if (event.target === field()) event.target.select(); });
document.addEventListener("click", (event) => {
  if (event.target.closest?.('a[href="#noting"]')) { document.getElementById("noting").open = true; document.getElementById("note").focus(); event.preventDefault(); }
});
if (told()) navigator.wakeLock?.request("screen").catch(() => {});
document.getElementById("scan")?.focus();
show();
tell();
