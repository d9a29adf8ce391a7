// Paper and pen, before all else: there is ink before the rest of the page is even asked for.

import { Drawing } from "./paper/drawing.js";
import { Pad } from "./paper/pad.js";

export const drawing = new Drawing();
export const pad = new Pad(document.querySelector("canvas"), drawing);

pad.addEventListener("ink", () => document.getElementById("paper").classList.remove("blank"));
performance.mark("ink"); // from here on the pen leaves ink

document.head.append(document.querySelector("template").content); // it loads when it is in the page
