// Puts the parts together: the pad draws, the reader asks, the views show.

import { download, toArchive } from "./archive.js";
import { Correction } from "./correction.js";
import { drawing, pad } from "./desk.js";
import { NONE } from "./drawing.js";
import { Inside } from "./inside.js";
import { KeyboardPen } from "./keyboard.js";
import { Reader } from "./reader.js";
import { ReadingView } from "./reading.js";
import { Strip } from "./strip.js";
import { fill, texts } from "./texts.js";
import { Tools } from "./tools.js";
import { Visit } from "./visit.js";
import { copyText, toCurl, Ways } from "./ways.js";

const find = (id) => document.getElementById(id);

const keyboardPen = new KeyboardPen(find("pad"), find("cursor"), pad);
fill(document);
new Tools(document, pad, drawing);
const view = new ReadingView(document);
const reader = new Reader();
const correction = new Correction(find("was"));
const ways = new Ways(document);
const inside = new Inside(find("inside"));
const visit = new Visit();
const strip = new Strip(find("strip"), visit);

/** In the place for news about the service; empty when all is well. */
function say(message) {
  find("message").textContent = message;
  find("reading").classList.toggle("stale", message !== "");
}

/** While the reading is not yet that of the drawing as it is. */
function setBusy(busy) {
  find("reading").setAttribute("aria-busy", busy);
}

/** To those who listen to the page; the words on it change too often to be read out. */
function announce(message) {
  find("announcement").textContent = message;
}

function complain(message) {
  say(message);
  announce(message);
}

function showNothing() {
  reader.forget();
  view.clear();
  say("");
  inside.show([]);
  visit.remove(drawing.id); // it was undone to nothing
}

function showKept() {
  const entry = visit.entry(drawing.id);
  correction.show(entry?.label ?? null, entry !== undefined);
  strip.show(drawing.id);
  find("kept").hidden = visit.entries.length === 0;
}

pad.addEventListener("ink", () => {
  find("paper").classList.remove("blank");
  setBusy(true);
  reader.read(pad.marks, false);
});

function showDrawing() {
  find("paper").classList.toggle("blank", drawing.isEmpty);
  showKept();
  setBusy(!drawing.isEmpty);
  find("curl").setAttribute("aria-disabled", drawing.isEmpty);
  if (drawing.isEmpty) showNothing();
  else reader.read(drawing.marks, true);
}
drawing.addEventListener("change", showDrawing);

reader.addEventListener("reading", ({ detail: { answer, marks, final } }) => {
  say("");
  const words = view.show(answer);
  if (!final) return;
  setBusy(false);
  announce(words.join(" "));
  visit.keep(drawing.id, marks, answer.verdict === "not a digit" ? NONE : answer.digit);
  inside.show(marks);
});
reader.addEventListener("slow", () => say(texts.slow));
reader.addEventListener("trouble", ({ detail: { kind, seconds, detail } }) => {
  view.clear(); // the reading on show was of something else
  if (kind === "empty") showNothing();
  else if (kind === "busy") complain(texts.busy(seconds));
  else if (kind === "refused") complain(texts.refused(detail));
  else complain(texts[kind]);
});

keyboardPen.addEventListener("pen", () => {
  if (keyboardPen.isDown) announce(texts.penDown); // the reading tells of its lifting
});

ways.addEventListener("sample", ({ detail: marks }) => drawing.start(marks));
ways.addEventListener("picture", ({ detail: mark }) => drawing.start([mark]));
ways.addEventListener("unreadable", () => complain(texts.unreadable));
find("curl").addEventListener("click", async () => {
  if (drawing.isEmpty) return;
  await copyText(toCurl(drawing.marks));
  announce(texts.copied);
  find("curl").textContent = texts.copied;
  setTimeout(() => (find("curl").textContent = texts.curl), 2000);
});

correction.addEventListener("label", ({ detail: label }) => {
  visit.label(drawing.id, label);
  announce(label === null ? texts.labelTaken : texts.labelKept(label));
});
visit.addEventListener("change", showKept);
strip.addEventListener("open", ({ detail: { id, marks } }) => drawing.resume(id, marks));
find("remove").addEventListener("click", () => {
  visit.remove(drawing.id);
  drawing.start();
});
find("remove-all").addEventListener("click", () => {
  visit.removeAll();
  drawing.start();
});
find("export").addEventListener("click", () => {
  download(toArchive(visit.entries), "drawings.zip");
});

visit.restore();
showDrawing(); // for the pen may have been faster than this
