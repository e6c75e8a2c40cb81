"use strict";

// The tooltip, which every figure shares: it shows the text of data-tip, or what a script gives it.
const headlamp = (() => {
  const tooltip = document.createElement("div");
  tooltip.id = "tooltip";
  tooltip.setAttribute("role", "status");
  tooltip.hidden = true;
  document.body.append(tooltip);

  function hideTip() {
    tooltip.hidden = true;
  }

  // Shows a text, its first line in bold, below and to the right of a box of the window.
  function showTip(text, box) {
    const [first, ...rest] = text.split("\n");
    const head = document.createElement("strong");
    head.textContent = first;
    tooltip.replaceChildren(head, rest.join("\n"));
    tooltip.hidden = false;
    const left = Math.min(box.right + 10, window.innerWidth - tooltip.offsetWidth - 8);
    const below = box.bottom + 10;
    const above = box.top - 10 - tooltip.offsetHeight;
    const fits = below + tooltip.offsetHeight + 8 <= window.innerHeight;
    tooltip.style.left = `${Math.max(8, left)}px`;
    tooltip.style.top = `${Math.max(8, fits ? below : above)}px`;
  }

  function tipOf(event) {
    const element = event.target.closest?.("[data-tip]");
    if (element) {
      showTip(element.dataset.tip, element.getBoundingClientRect());
    }
  }

  function leave(event) {
    if (event.target.closest?.("[data-tip]")) {
      hideTip();
    }
  }

  document.addEventListener("pointerover", tipOf);
  document.addEventListener("focusin", tipOf);
  document.addEventListener("pointerout", leave);
  document.addEventListener("focusout", leave);
  document.addEventListener("scroll", hideTip, true);
  return { showTip, hideTip };
})();

// Shows a heat map's number under the pointer or the keyboard's focus; arrow keys move the focus.
(() => {
  function headersOf(cell) {
    const headers = cell.closest("svg").querySelectorAll("text[data-row], text[data-column]");
    return [...headers].filter(
      (header) =>
        header.dataset.row === cell.dataset.row || header.dataset.column === cell.dataset.column,
    );
  }

  function hide() {
    headlamp.hideTip();
    document.querySelectorAll("text.active").forEach((text) => text.classList.remove("active"));
  }

  function show(cell) {
    hide();
    const { rows, columns } = cell.closest("svg").dataset;
    const number = cell.dataset.value === "" ? "not computed" : cell.dataset.value;
    headlamp.showTip(
      `${number}\n${rows} ${cell.dataset.row}\n${columns} ${cell.dataset.column}`,
      cell.getBoundingClientRect(),
    );
    headersOf(cell).forEach((header) => header.classList.add("active"));
  }

  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

  function moveFocus(event) {
    const step = steps[event.key];
    const cell = event.target.closest(".cell");
    if (!step || !cell) {
      return;
    }
    const rows = [...cell.closest("svg").querySelectorAll("g[role=row]")];
    const row = cell.parentNode;
    const column = [...row.querySelectorAll(".cell")].indexOf(cell);
    const next = rows[rows.indexOf(row) + step[0]]?.querySelectorAll(".cell")[column + step[1]];
    event.preventDefault();
    if (next) {
      cell.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    }
  }

  for (const map of document.querySelectorAll("svg.heatmap")) {
    map.addEventListener("pointerover", (event) => {
      const cell = event.target.closest(".cell");
      if (cell) {
        show(cell);
      } else {
        hide();
      }
    });
    map.addEventListener("pointerleave", hide);
    map.addEventListener("focusin", (event) => show(event.target));
    map.addEventListener("focusout", hide);
    map.addEventListener("keydown", moveFocus);
  }
  document.addEventListener("scroll", hide, true);
})();

// Offers what the page holds as a file.
(() => {
  const data = document.getElementById("report-data").textContent;
  const download = document.createElement("button");
  download.type = "button";
  download.className = "download";
  download.textContent = "Download the data (JSON)";
  download.addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([data], { type: "application/json" }));
    link.download = "report.json";
    link.click();
    URL.revokeObjectURL(link.href);
  });
  document.querySelector("main").append(download);
})();
