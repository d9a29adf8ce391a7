// Fills the page about the network with what the service says of it. No figure stands in the page itself.

import { drawNetwork, stagesOf } from "./network.js";

const DOTS = 100; // in a row, and rows
// Pictures beside this file, named after what they were meant to be.
const MISREAD = ["4-1", "7-2", "1-3", "4-4", "4-5", "7-8"];

/** @type {(id: string) => any} */
const find = (id) => document.getElementById(id);
const address = (path) => new URL(path, document.baseURI);
const grouped = (number) => number.toLocaleString("en");

async function fill() {
  const response = await fetch(address("model"));
  if (!response.ok) throw new Error(response.statusText);
  const { about, digest, numbers } = await response.json();
  const misread = Math.round(about.scores["mnist test error"] * DOTS * DOTS);
  find("misread").textContent = String(misread);
  drawDots(misread);
  if (numbers) fillNumbers(numbers.about.scores);

  const stages = stagesOf(about.architecture);
  find("drawn").append(drawNetwork(stages));
  find("layers").append(...stages.slice(1).map(({ words }) => element("li", words)));
  const count = countNumbers(about);
  find("size").textContent =
    `${grouped(count)} numbers were learned. A reading takes ${grouped(about.multiply_adds)} multiplications.`;

  list("origin", { recipe: about.recipe, seed: about.seed });
  list("digests", { weights: digest, ...about.data });
}

/** Of a layer its weights, and one more for each of its outputs: what normalising adds is that, too. */
function countNumbers({ arrays, architecture }) {
  const weights = Object.keys(arrays).filter((name) => name.endsWith(".weights"));
  const sizes = weights.map((name) => arrays[name].shape.reduce((product, side) => product * side, 1));
  const layers = architecture.filter(({ layer }) => layer === "Conv2D" || layer === "Dense");
  return [...sizes, ...layers.map(({ output }) => output[output.length - 1])].reduce((sum, size) => sum + size, 0);
}

function drawDots(marked) {
  const canvas = find("dots");
  const context = canvas.getContext("2d");
  const side = canvas.width / DOTS;
  const style = getComputedStyle(document.documentElement);
  const every = Math.floor((DOTS * DOTS) / marked); // spread evenly, and not in a column
  for (let i = 0; i < DOTS * DOTS; i++) {
    const isMarked = marked && i % every === every >> 1 && i < every * marked;
    context.fillStyle = style.getPropertyValue(isMarked ? "--trouble" : "--line");
    const grown = isMarked ? side : side / 2;
    const [x, y] = [i % DOTS, Math.floor(i / DOTS)].map((place) => (place + 0.5) * side - grown / 2);
    context.fillRect(x, y, grown, grown);
  }
}

function fillNumbers(scores) {
  find("numbers").hidden = false;
  const rows = Object.entries(scores)
    .map(([name, error]) => [Number(/\d+/.exec(name)?.[0]), error])
    .sort(([a], [b]) => a - b);
  rows.forEach(([width, error], i) => {
    const kind = i === 0 ? "short ones" : i === rows.length - 1 ? "long ones" : `${width} pixels wide`;
    find("widths").append(element("dt", kind), element("dd", String(Math.round(100 * error))));
  });
}

async function ask(name) {
  const meant = name[0];
  const path = `about/${name}.png`;
  const link = element("a", "");
  link.href = `./#${path}`;
  const picture = Object.assign(document.createElement("img"), { src: path, alt: `A drawing that was meant as a ${meant}`, width: 280, height: 280 });
  const caption = element("span", `A ${meant}`);
  link.append(picture, caption);
  const item = element("li", "");
  item.append(link);
  find("misreadings").append(item);
  const file = await (await fetch(address(path))).blob();
  const response = await fetch(address("predict"), { method: "POST", headers: { "Content-Type": "image/png" }, body: file });
  if (!response.ok) return;
  const { digit, verdict } = await response.json();
  const said = { digit: `read as ${digit}`, unsure: `perhaps ${digit}`, "not a digit": "not read" }[verdict];
  caption.textContent = `A ${meant}, ${said}`;
}

function element(kind, text) {
  return Object.assign(document.createElement(kind), { textContent: text });
}

function list(id, values) {
  for (const [name, value] of Object.entries(values)) {
    find(id).append(element("dt", name[0].toUpperCase() + name.slice(1)), element("dd", value));
  }
}

fill().catch(() => {
  find("trouble").textContent = "The service did not tell its figures. Load the page anew to ask again.";
});
for (const name of MISREAD) ask(name);
