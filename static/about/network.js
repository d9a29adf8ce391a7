// The network as a drawing: each stage as a stack of what it puts out.

const SVG = "http://www.w3.org/2000/svg";
const UNIT = 3.4; // of the drawing for a pixel of a picture
const DEPTH = 3; // of the drawing between two pictures of a stack
const MOST = 7; // pictures of a stack that are drawn
const GAP = 46;
const MIDDLE = 66;

/**
 * @typedef {object} Stage
 * @property {number[]} output  rows, columns, channels; or units alone
 * @property {string} words
 *
 * What a network does, without the layers that only prepare the next.
 * @param {{layer: string, output: number[], kernel?: number, filters?: number}[]} architecture
 * @returns {Stage[]}  the picture that goes in first
 */
export function stagesOf(architecture) {
  const first = architecture[0];
  const side = first.output[0] * (first["stride"] ?? 1);
  const stages = [{ output: [side, side, 1], words: "The picture" }];
  for (const { layer, kernel, output } of architecture) {
    const [rows, columns, channels] = output;
    if (layer === "Conv2D") {
      const words = `Convolution, ${kernel} × ${kernel}: ${channels} pictures of ${rows} × ${columns}`;
      stages.push({ output, words });
    } else if (layer === "MaxPool2D") {
      stages.push({ output, words: `The largest of neighbours: ${rows} × ${columns}` });
    } else if (layer === "Dense") {
      stages.push({ output, words: `Everything with everything: ${output[0]} values` });
    }
  }
  return stages;
}

/** @param {Stage[]} stages  @returns {SVGElement} */
export function drawNetwork(stages) {
  const drawing = make("svg", { role: "img", "aria-label": stages.map(({ words }) => words).join(". ") });
  let x = 8;
  stages.forEach(({ output }, i) => {
    const isFlat = output.length === 1;
    const width = isFlat ? 8 : output[1] * UNIT;
    const height = isFlat ? Math.min(110, 12 + output[0]) : output[0] * UNIT;
    const stack = isFlat ? 1 : Math.min(MOST, Math.ceil(output[2] / 16));
    for (let k = stack - 1; k >= 0; k--) {
      const place = { x: x + k * DEPTH, y: MIDDLE - height / 2 - k * DEPTH };
      drawing.append(make("rect", { ...place, width, height, rx: 1 }));
    }
    const middle = x + (width + (stack - 1) * DEPTH) / 2;
    const label = isFlat ? [String(output[0])] : [`${output[0]} × ${output[1]}`, output[2] > 1 ? `× ${output[2]}` : ""];
    label.forEach((text, line) => {
      const written = make("text", { x: middle, y: 142 + 14 * line });
      written.textContent = text;
      drawing.append(written);
    });
    const end = x + width + (stack - 1) * DEPTH;
    x = end + GAP;
    if (i < stages.length - 1) {
      const arrow = `M${end + 10} ${MIDDLE}h${GAP - 20}m-5 -4l5 4l-5 4`;
      drawing.append(make("path", { d: arrow }));
    }
  });
  drawing.setAttribute("viewBox", `0 0 ${Math.ceil(x - GAP + 20)} 164`);
  return drawing;
}

function make(kind, attributes) {
  const made = document.createElementNS(SVG, kind);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}
