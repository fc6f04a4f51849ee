"use strict";
/* The table of a cohort: sorts by the column whose head is pressed, shows the rows that match. It asks no server. */
(() => {
  const element = (id) => document.getElementById(id);
  const body = element("cases").tBodies[0];
  const rows = [...body.rows];
  const heads = [...[...element("cases").tHead.rows].at(-1).cells];
  const original = new Map(rows.map((row, place) => [row, place]));
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));

  // A key that is a number sorts as one; an empty key comes last in either direction.
  function compare(first, second, direction) {
    if (first === "" || second === "") return (first === "") - (second === "");
    const a = Number(first), b = Number(second);
    const order = Number.isNaN(a) || Number.isNaN(b) ? first.localeCompare(second, undefined, { numeric: true }) : a - b;
    return direction * order;
  }

  function sortBy(column) {
    const head = heads[column];
    const descending = head.getAttribute("aria-sort") === "ascending";
    heads.forEach((cell) => cell.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const keys = new Map(rows.map((row) => [row, row.cells[column].dataset.key]));
    rows.sort((a, b) => compare(keys.get(a), keys.get(b), descending ? -1 : 1) || original.get(a) - original.get(b));
    body.append(...rows);
  }

  function show() {
    const words = element("words").value.toLowerCase().split(/\s+/).filter(Boolean);
    const state = element("state").value;
    let count = 0;
    for (const row of rows) {
      row.hidden = (state !== "" && row.dataset.state !== state) || !words.every((word) => texts.get(row).includes(word));
      count += row.hidden ? 0 : 1;
    }
    element("shown").textContent = count === rows.length ? `${count} rows` : `${count} of ${rows.length} rows`;
  }

  heads.forEach((head, column) => head.querySelector("button")?.addEventListener("click", () => sortBy(column)));
  element("words").addEventListener("input", show);
  element("state").addEventListener("change", show);
  element("filter").addEventListener("submit", (event) => event.preventDefault());
  show();
})();
