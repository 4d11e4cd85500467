"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const table = document.getElementById("table");

  // The table: rows beyond the first ones stay in the part that is shown on demand.
  if (table) {
    const [first, rest] = table.tBodies;
    const shown = Math.max(first.rows.length, 1);
    let rows = [...first.rows, ...rest.rows].map((row) => ({ row, text: "" }));
    const form = document.getElementById("filter");
    const find = document.getElementById("find");
    const party = document.getElementById("party");
    const cause = document.getElementById("cause");
    const found = document.getElementById("found");
    const cell = (row, column) => row.cells[column].textContent;

    const matches = (entry) => {
      const said = cell(entry.row, 1);
      const [who, why = ""] = said.replace(/ \(\w+\)$/, "").split(": ");
      if (party.value && party.value !== who) return false;
      if (cause.value && cause.value !== why) return false;
      const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
      if (words.length && !entry.text) entry.text = [...entry.row.cells].map((each) => each.textContent).join(" ").toLowerCase();
      return words.every((word) => entry.text.includes(word));
    };

    const show = () => {
      const visible = [];
      const hidden = [];
      for (const entry of rows) (matches(entry) ? visible : hidden).push(entry.row);
      for (const row of visible) row.hidden = false;
      for (const row of hidden) row.hidden = true;
      first.replaceChildren(...visible.slice(0, shown));
      rest.replaceChildren(...visible.slice(shown), ...hidden);
      const filtered = find.value.trim() || party.value || cause.value;
      found.value = filtered ? `${visible.length} of ${rows.length} fit` : "";
    };

    // "2 min 3 s", "60.012 s" and "14 ms" in seconds.
    const units = { ns: 1e-9, ms: 1e-3, s: 1, min: 60, h: 3600, d: 86400 };
    const seconds = (text) => {
      let sum = text ? 0 : -1;
      for (const [, number, unit] of text.matchAll(/([\d.]+) (ns|ms|s|min|h|d)\b/g)) sum += number * units[unit];
      return sum;
    };
    const number = (text) => parseFloat(text) || (text === "none" ? -1 : 0);
    const keys = { 0: number, 7: seconds, 8: seconds, 9: number };

    const sort = (column, descending) => {
      // Connections are numbered in the order in which they opened.
      const key = column === 6 ? (row) => number(cell(row, 0)) : (row) => (keys[column] ? keys[column](cell(row, column)) : cell(row, column));
      const sorted = rows.map((entry) => [key(entry.row), entry]);
      const compare = ([a], [b]) => (typeof a === "number" ? a - b : a < b ? -1 : a > b ? 1 : 0);
      sorted.sort((a, b) => (descending ? compare(b, a) : compare(a, b)));
      rows = sorted.map(([, entry]) => entry);
      show();
    };

    for (const head of all("thead th", table)) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const descending = head.getAttribute("aria-sort") === "ascending";
        for (const other of all("th[aria-sort]", table)) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", descending ? "descending" : "ascending");
        sort(head.cellIndex, descending);
      });
    }
    for (const control of [find, party, cause]) control.addEventListener("input", show);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.hidden = false;
  }

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

  // A link into a folded connection opens it; on paper nothing is folded.
  const open = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (target instanceof HTMLDetailsElement) target.open = true;
  };
  addEventListener("hashchange", open);
  open();
})();
