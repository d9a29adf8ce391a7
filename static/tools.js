// The tools beside the pad, and their keys.

// Plain letters work on the pad alone, so that they get in nobody's way elsewhere.
const KEYS_ON_PAD = { p: "pen", e: "eraser", 1: "fine", 2: "medium", 3: "broad" };

export class Tools {
  constructor(root, pad, drawing) {
    const find = (id) => root.getElementById(id);
    const enable = () => {
      setDisabled(find("undo"), !drawing.canUndo);
      setDisabled(find("redo"), !drawing.canRedo);
    };
    const clear = () => {
      if (!drawing.isEmpty) drawing.start();
    };
    find("undo").addEventListener("click", () => drawing.undo());
    find("redo").addEventListener("click", () => drawing.redo());
    find("clear").addEventListener("click", clear);
    find("tools").addEventListener("change", ({ target }) => {
      if (target.name === "tool") pad.erase = target.value === "eraser";
      if (target.name === "width") pad.width = Number(target.value);
    });
    drawing.addEventListener("change", enable);
    enable();

    root.addEventListener("keydown", (event) => {
      if (pad.isDrawing || event.target.matches("input[type=text], textarea")) return;
      const command = event.ctrlKey || event.metaKey;
      const key = event.key.toLowerCase();
      if (command && key === "z") event.shiftKey ? drawing.redo() : drawing.undo();
      else if (command && key === "y") drawing.redo();
      else if (!command && key === "delete") clear();
      else if (!command && key in KEYS_ON_PAD && event.target === find("pad")) {
        find(KEYS_ON_PAD[key]).click();
      } else return;
      event.preventDefault();
    });
  }
}

// Not the attribute "disabled": it would take the keyboard's focus away from the button just used.
const setDisabled = (button, disabled) => button.setAttribute("aria-disabled", disabled);
