"use strict";
// The table: a page of rows stands in the document, the others wait as text until they are shown.
(() => {
  const table = document.getElementById("table");
  if (!table) return;
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const usual = body.rows.length;
  // More rows than these on one page would take the browser seconds.
  const most = 2000;

  // What a browser without scripts shows as rows is text to one with scripts.
  const lines = (document.getElementById("rest")?.textContent ?? "").split("\n").filter((line) => line.startsWith("<tr>"));
  const entries = [...[...body.rows].map((row) => ({ row })), ...lines.map((line) => ({ line }))];
  let sorted = entries;
  let found = entries;
  let size = usual;
  let start = 0;

  const entities = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&amp;": "&" };
  const decoded = (markup) => markup.replace(/<[^>]*>/g, "").replace(/&[a-z0-9#]+;/g, (entity) => entities[entity] ?? entity);
  const plain = (markup) => (markup.includes("<") || markup.includes("&") ? decoded(markup) : markup);
  const parts = (line) => line.split("<td").slice(1).map((cell) => plain(cell.slice(cell.indexOf(">") + 1)));
  const cells = (entry) => (entry.cells ??= entry.row ? [...entry.row.cells].map((cell) => cell.textContent) : parts(entry.line));
  const words = (entry) => (entry.words ??= cells(entry).join(" ").toLowerCase());

  const workshop = document.createElement("template");
  const build = (line) => {
    workshop.innerHTML = line;
    return workshop.content.firstElementChild;
  };
  const row = (entry) => (entry.row ??= build(entry.line));

  // Pages, where there is more than one.
  const button = (name, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = name;
    made.addEventListener("click", act);
    return made;
  };
  const turn = (by) => {
    start += by * size;
    show();
    table.closest("section").scrollIntoView();
  };
  const pager = (place) => {
    const box = document.createElement("div");
    box.className = "pager";
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", `Pages of the table, ${place}`);
    const said = document.createElement("span");
    const [back, on] = [button("Previous", () => turn(-1)), button("Next", () => turn(1))];
    box.append(back, on, said);
    return { box, said, back, on };
  };
  const pagers = lines.length ? [pager("above"), pager("below")] : [];
  if (pagers.length) {
    const [above, below] = pagers;
    above.said.setAttribute("role", "status");
    const scroll = table.closest(".scroll");
    scroll.before(above.box);
    scroll.after(below.box);
    if (entries.length <= most) {
      const label = document.createElement("label");
      const box = document.createElement("input");
      box.type = "checkbox";
      box.id = "all";
      box.addEventListener("change", () => {
        size = box.checked ? most : usual;
        start = 0;
        show();
      });
      label.append(box, " All on one page");
      above.box.append(label);
    }
  }

  // Says where in the table the page is.
  const tell = () => {
    const end = Math.min(start + size, found.length);
    const said = (number) => number.toLocaleString("en");
    for (const each of pagers) {
      each.said.textContent = `Rows ${said(Math.min(start + 1, end))} to ${said(end)} of ${said(found.length)}`;
      each.back.disabled = start === 0;
      each.on.disabled = end === found.length;
    }
  };

  const show = () => {
    body.replaceChildren(...found.slice(start, start + size).map(row));
    tell();
  };

  const form = document.getElementById("filter");
  const find = document.getElementById("find");
  const party = document.getElementById("party");
  const cause = document.getElementById("cause");

  const filter = () => {
    const wanted = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (entry) => {
      const [who, why = ""] = cells(entry)[1].replace(/ \(\w+\)$/, "").split(": ");
      return (!party.value || party.value === who) && (!cause.value || cause.value === why) && wanted.every((word) => words(entry).includes(word));
    };
    const all = !(wanted.length || party.value || cause.value);
    found = all ? sorted : sorted.filter(fits);
    document.getElementById("found").value = all ? "" : `${found.length} of ${entries.length} fit`;
    start = 0;
    show();
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

  // Sorts by a column; connections are numbered in the order in which they opened.
  const sort = (column, descending) => {
    const [at, key] = column === 6 ? [0, number] : [column, keys[column] ?? String];
    const pairs = entries.map((entry) => [key(cells(entry)[at]), entry]);
    pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0) * (descending ? -1 : 1));
    sorted = pairs.map(([, entry]) => entry);
  };

  for (const head of heads) {
    const made = button("", () => {
      const before = head.getAttribute("aria-sort");
      for (const each of heads) each.removeAttribute("aria-sort");
      if (before === "descending") {
        // The worst first again.
        sorted = entries;
      } else {
        head.setAttribute("aria-sort", before ? "descending" : "ascending");
        sort(head.cellIndex, Boolean(before));
      }
      filter();
    });
    made.append(...head.childNodes);
    head.append(made);
  }
  for (const control of [find, party, cause]) control.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  tell();
})();
