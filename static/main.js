// Puts the parts together: the pad draws, the reader asks, the views show.

import { Drawing } from "./drawing.js";
import { KeyboardPen } from "./keyboard.js";
import { Pad } from "./pad.js";
import { Reader } from "./reader.js";
import { ReadingView } from "./reading.js";
import { fill, texts } from "./texts.js";
import { Tools } from "./tools.js";

const find = (id) => document.getElementById(id);

const drawing = new Drawing();
const pad = new Pad(find("pad"), drawing); // first, so that there is ink before all else
const keyboardPen = new KeyboardPen(find("pad"), find("cursor"), pad);
fill(document);
new Tools(document, pad, drawing);
const view = new ReadingView(document);
const reader = new Reader();

function say(message) {
  find("message").textContent = message;
}

/** To those who listen to the page; the words on it change too often to be read out. */
function announce(message) {
  find("announcement").textContent = message;
}

pad.addEventListener("ink", () => {
  find("paper").classList.remove("blank");
  if (!drawing.isEmpty || !pad.erase) reader.read(pad.marks, false);
});

drawing.addEventListener("change", () => {
  find("paper").classList.toggle("blank", drawing.isEmpty);
  if (drawing.isEmpty) {
    reader.forget();
    view.clear();
    say("");
  } else reader.read(drawing.marks, true);
});

reader.addEventListener("reading", ({ detail: { answer, final } }) => {
  say("");
  const words = view.show(answer);
  if (final) announce(texts.announce(...words));
});

reader.addEventListener("slow", () => say(texts.slow));

reader.addEventListener("trouble", ({ detail: trouble }) => {
  if (trouble.kind === "empty") return view.clear();
  const words = { busy: texts.busy(trouble.seconds), refused: texts.refused(trouble.detail) };
  say(words[trouble.kind] ?? texts[trouble.kind]);
  announce(find("message").textContent);
});

keyboardPen.addEventListener("pen", () => {
  if (keyboardPen.isDown) announce(texts.penDown);
});
