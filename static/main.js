// Puts the parts together, and says which part does what:
//
//   desk.js     paper and pen, before all else
//   state.js    what the page knows; texts.js: what it says; arrows.js: the keyboard within a group
//   paper/      drawing: marks and undo. pad: a pointer's strokes. keyboard: a pen of keys.
//               ink: marks on a canvas. tools. replay: a sample writes itself. overlay: tabs on the ink,
//               and hatching over what was left out.
//   question/   reader: when to ask. reading: what, and what the answer means. service: the way there.
//               sent: the picture, by raster (strokes to pixels) and png (pixels to a file).
//   panel/      number: the reading in words. chips: its digits, one selected. columns: that digit's
//               probabilities, and correcting it. inside: the network's own view of it.
//               notice: news about service and files.
//   ways/       samples, pictures from outside, and a command for a shell
//   kept/       visit: the drawings of this tab. strip: they are shown. archive and zip: exported.
//
// The pad and the ways change the drawing; the drawing is read; what is known goes into the state, and
// all views are shown from that.

import { walkByArrows } from "./arrows.js";
import { drawing, pad } from "./desk.js";
import { listen } from "./events.js";
import { Shelf } from "./kept/shelf.js";
import { Visit } from "./kept/visit.js";
import { Chips } from "./panel/chips.js";
import { Columns } from "./panel/columns.js";
import { Inside } from "./panel/inside.js";
import { Notice, inWords as troubleInWords } from "./panel/notice.js";
import { NumberView, spoken } from "./panel/number.js";
import { blank, hasInk, HEIGHT, pictureOn } from "./paper/drawing.js";
import { KeyboardPen } from "./paper/keyboard.js";
import { Overlay, holds, labelsOf, readable } from "./paper/overlay.js";
import { Replay } from "./paper/replay.js";
import { Tools } from "./paper/tools.js";
import { Reader } from "./question/reader.js";
import { joined, readAs, readSheet } from "./question/reading.js";
import { Trouble } from "./question/service.js";
import { State } from "./state.js";
import { texts } from "./texts.js";
import { sample } from "./ways/samples.js";
import { Ways, copyText, toCurl } from "./ways/ways.js";

const EXAMPLE = { ...blank(HEIGHT), marks: sample(3) }; // shown while there is no drawing

/** @type {(id: string) => any} */
const find = (id) => document.getElementById(id);

const state = new State(drawing.sheet);
const keyboardPen = new KeyboardPen(find("pad"), find("cursor"), pad);
new Tools(document, pad, drawing);
const replay = new Replay(pad, drawing);
const overlay = new Overlay(find("overlay"));
const reader = new Reader(readSheet);
const number = new NumberView(find);
const chips = new Chips(find);
const columns = new Columns(find("columns"));
const inside = new Inside(find);
const notice = new Notice(find);
const ways = new Ways(document);
const visit = new Visit();
const shelf = new Shelf(find, visit);
for (const id of ["tools", "chips", "columns", "samples", "files", "strip", "kept-acts"]) walkByArrows(find(id));

/** To those who listen to the page; the words on it change too often to be read out. */
function announce(message) {
  find("announcement").textContent = message;
}

listen(state, "change", () => {
  const picture = pictureOn(state.sheet);
  document.querySelector("main").dataset.state = state.name;
  find("paper").classList.toggle("blank", state.name === "empty" && !picture);
  find("paper").classList.toggle("pictured", picture !== undefined);
  find("paper").style.backgroundColor = picture ? `rgb(${Array(3).fill(picture.paper)})` : "";
  find("reading").setAttribute("aria-busy", String(state.isDrawing));
  find("curl").setAttribute("aria-disabled", String(state.name === "empty"));
  for (const view of [number, chips, columns, inside, notice]) view.show(state);
  overlay.show(labelsOf(state), state.sheet);
});

// --- The paper changes ---

listen(pad, "ink", () => {
  notice.tell("");
  if (!hasInk(pad.sheet)) return; // an eraser on empty paper
  state.draw(pad.sheet);
  reader.read(pad.sheet, false);
});

listen(drawing, "change", onDrawing);

function onDrawing() {
  notice.tell("");
  visit.lay(drawing.id);
  state.turnTo(drawing.id, drawing.sheet, visit.entry(drawing.id)?.label ?? null);
  if (drawing.isEmpty) showNothing();
  else reader.read(drawing.sheet, true);
  keepUnread();
  shelf.show(drawing.id);
}

function showNothing() {
  reader.forget();
  visit.forget(drawing.id); // it was undone, or rubbed out
  state.clear();
  showExample();
}

async function showExample() {
  try {
    const example = state.example ?? (await readSheet(EXAMPLE, new AbortController().signal));
    state.set({ example });
    if (state.name === "empty") inside.explain(EXAMPLE, example, example.digits[0]);
  } catch (error) {
    if (!(error instanceof Trouble)) throw error; // else it can do without
  }
}

// --- It is read ---

listen(reader, "reading", ({ reading, sheet, final }) => {
  if (!final) {
    state.hear(reading);
    return;
  }
  settle(reading, sheet);
});

function settle(reading, sheet) {
  state.settle(reading);
  announce(spoken(state));
  if (!drawing.isSample) visit.keep(drawing.id, { sheet, read: readAs(reading), label: state.label });
  inside.explain(sheet, reading, state.digit);
}

listen(inside, "judged", () => state.set({}));

listen(reader, "slow", () => state.set({ isSlow: true }));

listen(reader, "trouble", ({ trouble, retryAt, sheet }) => {
  if (trouble.kind === "empty") {
    showNothing();
    if (pictureOn(sheet)) tell(texts.noInk);
    return;
  }
  const isNews = state.trouble?.trouble.kind !== trouble.kind;
  state.set({ trouble: { trouble, retryAt }, isSlow: false });
  if (isNews) announce(troubleInWords(state.trouble));
  keepUnread();
});

/** What cannot be read now is kept all the same. */
function keepUnread() {
  if (state.trouble && !drawing.isEmpty && !drawing.isSample) visit.keep(drawing.id, { sheet: drawing.sheet });
}

listen(notice, "now", () => reader.retry());

function tell(news) {
  notice.tell(news);
  announce(news);
}

// --- The person does something else ---

listen(keyboardPen, "pen", () => {
  if (keyboardPen.isDown) announce(texts.penDown); // the reading tells of its lifting
});

listen(ways, "sample", (marks) => replay.write(marks));
listen(ways, "picture", (sheet) => drawing.start(sheet));
listen(ways, "refused", (reason) => tell(reason));
find("curl").addEventListener("click", async () => {
  if (state.name === "empty") return;
  await copyText(toCurl(drawing.sheet, state.reading?.address));
  announce(texts.copied);
  const { textContent } = find("curl");
  find("curl").textContent = texts.copied;
  setTimeout(() => (find("curl").textContent = textContent), 2000);
});

// --- The person knows better ---

listen(chips, "hide", () => state.set({ marksLeftOut: !state.marksLeftOut }));
listen(chips, "pieces", (pieces) => readPieces(pieces));
pad.addEventListener("tap", (event) => {
  const { detail } = /** @type {CustomEvent} */ (event);
  if (state.trouble || !state.marksLeftOut) return;
  const piece = readable(state.reading, state.sheet).find((box) => holds(box, detail));
  if (!piece) return;
  event.preventDefault();
  reader.forget();
  state.rest(drawing.sheet);
  readPieces([piece]);
});

/** Read ink that was left out, one piece after the other, and put what it is among the digits. */
async function readPieces(pieces) {
  const { reading, sheet } = state;
  let all = reading;
  let failed = false;
  for (const piece of pieces) {
    try {
      all = joined(all, piece, await readSheet(sheet, new AbortController().signal, piece));
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      failed = error.kind !== "empty";
      if (failed) break;
    }
  }
  if (state.reading !== reading || state.isDrawing) return;
  if (all !== reading) settle(all, sheet);
  if (failed) tell(texts.pieceTrouble);
  else if (all === reading) tell(texts.pieceEmpty);
}

listen(columns, "choose", (sign) => label(state.labelWith(sign)));
listen(chips, "typed", (number) => label(number));
document.addEventListener("keydown", ({ key, ctrlKey, altKey, metaKey }) => {
  if (!/^[0-9]$/.test(key) || ctrlKey || altKey || metaKey) return;
  const { activeElement } = document;
  if (["#pad", "#columns", "#chips button"].some((place) => activeElement.closest(place))) columns.choose(key);
});

function label(label) {
  visit.keep(drawing.id, { sheet: drawing.sheet, read: readAs(state.reading), label });
  state.set({ label });
  announce(label === null ? texts.labelTaken : texts.labelKept(label));
}

listen(chips, "select", (selected) => {
  state.set({ selected });
  inside.explain(drawing.sheet, state.reading, state.digit);
});

listen(visit, "full", () => tell(texts.full));
listen(shelf, "open", ({ id, sheet }) => drawing.resume(id, sheet));
listen(shelf, "removed", (ids) => {
  announce(texts.removed(ids.length));
  if (ids.includes(drawing.id)) drawing.start();
});

// The pen may have been faster than this; else what was on the paper before is there again.
if (!drawing.isUntouched) onDrawing();
const before = await visit.restore();
if (drawing.isUntouched && !pad.isDrawing) {
  if (before) drawing.resume(before.id, before.sheet);
  else onDrawing();
}
// A picture of the page about the network is named behind a #.
const [, named] = /^#(about\/[\w-]+\.png)$/.exec(location.hash) ?? [];
if (named) {
  history.replaceState(null, "", location.pathname);
  ways.open(new URL(named, document.baseURI));
}
