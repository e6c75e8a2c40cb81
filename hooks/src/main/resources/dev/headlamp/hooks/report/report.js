"use strict";

// Shows a heat map's number under the pointer or the keyboard's focus; arrow keys move the focus.
(() => {
  const tooltip = document.createElement("div");
  tooltip.id = "tooltip";
  tooltip.setAttribute("role", "status");
  tooltip.hidden = true;
  document.body.append(tooltip);

  function headersOf(cell) {
    const headers = cell.closest("svg").querySelectorAll("text[data-row], text[data-column]");
    return [...headers].filter(
      (header) =>
        header.dataset.row === cell.dataset.row || header.dataset.column === cell.dataset.column,
    );
  }

  function hide() {
    tooltip.hidden = true;
    document.querySelectorAll("text.active").forEach((text) => text.classList.remove("active"));
  }

  function show(cell) {
    hide();
    const { rows, columns } = cell.closest("svg").dataset;
    const number = document.createElement("strong");
    number.textContent = cell.dataset.value === "" ? "not computed" : cell.dataset.value;
    tooltip.replaceChildren(
      number,
      `${rows} ${cell.dataset.row}\n${columns} ${cell.dataset.column}`,
    );
    tooltip.hidden = false;
    headersOf(cell).forEach((header) => header.classList.add("active"));

    const box = cell.getBoundingClientRect();
    const left = Math.min(box.right + 10, window.innerWidth - tooltip.offsetWidth - 8);
    const top = Math.min(box.bottom + 10, window.innerHeight - tooltip.offsetHeight - 8);
    tooltip.style.left = `${Math.max(8, left)}px`;
    tooltip.style.top = `${Math.max(8, top)}px`;
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

  const data = document.getElementById("report-data").textContent;
  const download = document.createElement("button");
  download.type = "button";
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
