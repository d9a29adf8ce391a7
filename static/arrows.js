// One tab stop for a group of buttons: arrows, Home and End go from one to the next within it.

/** @param {HTMLElement} group  its buttons may come and go */
export function walkByArrows(group) {
  const buttons = () => [...group.querySelectorAll("button")].filter((each) => !each.hidden);
  const stopAt = (chosen) => {
    for (const each of group.querySelectorAll("button")) each.tabIndex = each === chosen ? 0 : -1;
  };
  const keepOneStop = () => {
    const all = buttons();
    stopAt(all.find((each) => each.tabIndex === 0) ?? all[0]);
  };
  group.addEventListener("focusin", () => stopAt(document.activeElement));
  group.addEventListener("keydown", (event) => {
    const all = buttons();
    const at = all.findIndex((each) => each === document.activeElement);
    const ahead = getComputedStyle(group).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = ahead === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
    const to = {
      [ahead]: at + 1,
      [back]: at - 1,
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: all.length - 1,
    }[event.key];
    if (to === undefined || at < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
    all[(to + all.length) % all.length].focus();
    event.preventDefault();
  });
  new MutationObserver(keepOneStop).observe(group, { childList: true, subtree: true, attributeFilter: ["hidden"] });
  keepOneStop();
}
