// The sheet in the hand. Whatever is done becomes an event with an id and an instant, is kept on the phone until the server has answered it, and is
// told again as often as needed: the server counts each once.
const told = () => document.getElementById("told");
const key = () => `racking-count-${told().dataset.count}`;
const AGAIN = 5000; // milliseconds between tries while the server is out of reach
const GIVEN_UP = 16000; // milliseconds after which nobody waits for an answer any more
const SOON = 500; // milliseconds: just after loading, htmx may not listen yet

let asked = 0, latest = 0, wants = "", flying = "", sound = null;

const isBusy = () => Date.now() - asked < GIVEN_UP;

const kept = () => { try { return JSON.parse(localStorage.getItem(key()) || "[]"); } catch { return []; } };
const keep = (events) => { localStorage.setItem(key(), JSON.stringify(events)); show(); };

// Two events never share an instant, or their order would be lost.
const instant = () => { latest = Math.max(Date.now(), latest + 1); return new Date(latest).toISOString(); };

// Phones in a warehouse often have no certificate, and randomUUID needs one.
const chance = () => [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");

function show() {
  const badge = document.querySelector("[data-waiting]"), count = kept().length;
  if (badge) badge.textContent = count ? `${count} waiting` : "Saved";
}

function put(event, step = "") {
  keep([...kept(), { id: chance(), at: instant(), ...event }]);
  tell(step);
}

function tell(step = "") {
  wants = step || wants;
  const events = kept();
  if (isBusy() || !(events.length || wants)) return;
  const form = told();
  form.elements.events.value = JSON.stringify(events.slice(0, 500));
  form.elements.sent.value = new Date().toISOString();
  form.elements.line.value = document.getElementById("now")?.dataset.line ?? "";
  form.elements.do.value = flying = wants;
  asked = Date.now() - GIVEN_UP + SOON; // until the request is really on its way
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

// What was done last may still be here, or on its way: then the server's last is an older one.
function undo(id) {
  const events = kept(), undone = new Set(events.map((one) => one.undoes));
  const last = events.findLast((one) => !one.undoes && one.note === undefined && !undone.has(one.id));
  if (last && !isBusy()) { keep(events.filter((one) => one !== last)); tell(); } else put({ undoes: last?.id ?? id });
}

function line(form, verb, more) {
  const id = form.dataset.line, was = field().dataset.seen ?? field().defaultValue, typed = field().value.trim();
  if (verb === "add") {
    const sum = Number(typed.replaceAll(",", "") || 0) + Number(more);
    put(typed === was ? { line: id, delta: Number(more) } : { line: id, quantity: Math.max(sum, 0) });
    field().value = field().dataset.seen = String(sum); // until the server says
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
  asked = 0;
  if (wants === flying) wants = "";
  keep(kept().filter((one) => !taken.has(one.id)));
  beep(sheet?.dataset.fine !== "no");
  if (document.activeElement === document.body) document.getElementById("scan")?.focus();
  if (kept().length || wants) tell();
});
for (const name of ["htmx:error", "htmx:response:error", "htmx:finally:request"])
  document.addEventListener(name, () => { asked = 0; show(); });

document.addEventListener("htmx:before:request", (event) => { if (event.target === told()) asked = Date.now(); });
addEventListener("online", () => tell());
addEventListener("pageshow", () => { show(); setTimeout(tell, SOON); });
setInterval(() => { if (told() && !document.hidden && kept().length) tell(); }, AGAIN);

document.addEventListener("focusin", (event) => { if (event.target === field()) event.target.select(); });
document.addEventListener("click", (event) => {
  if (event.target.closest?.('a[href="#noting"]')) { document.getElementById("noting").open = true; document.getElementById("note").focus(); event.preventDefault(); }
});
if (told()) navigator.wakeLock?.request("screen").catch(() => {});
document.getElementById("scan")?.focus();
show();
