"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Pictures: the arrow keys go from mark to mark, and a line below tells what it is.
  for (const figure of all(".picture")) {
    const box = figure.querySelector(".scroll");
    const readout = figure.querySelector(".readout");
    const x = (mark) => Number(mark.querySelector("rect, use").getAttribute("x"));
    const marks = all("svg", box).flatMap((svg) => all(".mark", svg).sort((a, b) => x(a) - x(b)));
    if (!marks.length) continue;
    let current = -1;
    const select = (index) => {
      marks[current]?.classList.remove("current");
      current = index;
      marks[current].classList.add("current");
      readout.textContent = marks[current].querySelector("title").textContent;
    };
    readout.hidden = false;
    readout.textContent = "Point at a mark, or use the arrow keys here, to read its packet and time.";
    box.tabIndex = 0;
    box.addEventListener("keydown", (event) => {
      const to = { ArrowRight: current + 1, ArrowLeft: current - 1, Home: 0, End: marks.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      select(Math.min(Math.max(to, 0), marks.length - 1));
      const mark = marks[current].getBoundingClientRect();
      const view = box.getBoundingClientRect();
      if (mark.left < view.left || mark.right > view.right) box.scrollLeft += mark.left - view.left - view.width / 2;
    });
    box.addEventListener("pointerover", (event) => {
      const index = marks.indexOf(event.target.closest(".mark"));
      if (index >= 0) select(index);
    });

    const zoom = document.createElement("div");
    zoom.className = "zoom";
    let scale = 1;
    for (const [sign, name, change] of [["−", "Zoom out", 1 / 1.6], ["+", "Zoom in", 1.6]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = sign;
      button.setAttribute("aria-label", name);
      button.addEventListener("click", () => {
        const middle = (box.scrollLeft + box.clientWidth / 2) / box.scrollWidth;
        scale = Math.min(Math.max(scale * change, 1), 17);
        for (const svg of all("svg", box)) svg.style.width = `${scale * 100}%`;
        box.scrollLeft = middle * box.scrollWidth - box.clientWidth / 2;
      });
      zoom.append(button);
    }
    figure.prepend(zoom);
  }
})();
