// Paper and pen, before all else: there is ink before the rest of the page is even asked for.

import { Drawing } from "./paper/drawing.js";
import { Pad } from "./paper/pad.js";

/** Units that paper is wide: as the style sheet has room for. */
const room = () => Number(getComputedStyle(document.documentElement).getPropertyValue("--room")) || 280;

export const drawing = new Drawing(room());
export const pad = new Pad(document.querySelector("canvas"), drawing);

pad.addEventListener("ink", () => document.getElementById("paper").classList.remove("blank"));
addEventListener("resize", () => (drawing.room = room()));
performance.mark("ink"); // from here on the pen leaves ink

document.head.append(document.querySelector("template").content); // it loads when it is in the page
