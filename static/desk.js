// Paper and pen, before all else: there is ink while the rest of the page is still on its way.

import { Drawing } from "./drawing.js";
import { Pad } from "./pad.js";

export const drawing = new Drawing();
export const pad = new Pad(document.getElementById("pad"), drawing);

performance.mark("ink"); // from here on the pen leaves ink
