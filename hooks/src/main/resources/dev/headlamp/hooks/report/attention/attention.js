
// Attention patterns: paints the heads, and shows the chosen head and token.
(() => {
  const LISTED = 8;

  function unpack(root) {
    const bytes = atob(root.querySelector(".packed").textContent);
    return new Float32Array(Uint8Array.from(bytes, (c) => c.charCodeAt(0)).buffer);
  }

  // Returns the colour of a number as [red, green, blue].
  function colors({ low, high, stops, absent }) {
    const rgb = (css) => [1, 3, 5].map((at) => parseInt(css.slice(at, at + 2), 16));
    const palette = stops.split(" ").map(rgb);
    const missing = rgb(absent);
    return (value) => {
      if (Number.isNaN(value)) {
        return missing;
      }
      const share = Math.min(1, Math.max(0, (value - low) / (high - low)));
      const place = share * (palette.length - 1);
      const before = Math.min(Math.floor(place), palette.length - 2);
      const [from, to] = [palette[before], palette[before + 1]];
      return from.map((start, i) => Math.round(start + (place - before) * (to[i] - start)));
    };
  }

  function shown(value) {
    return Number.isNaN(value) ? "not computed" : String(Number(value.toPrecision(6)));
  }

  function open(root) {
    const size = Number(root.dataset.positions);
    const numbers = unpack(root);
    const color = colors(root.dataset);
    const heads = [...root.querySelectorAll(".head")];
    const picks = [...root.querySelectorAll(".pick")];
    const names = picks.map((pick, pos) => `${pos}: '${pick.textContent}'`);
    const canvas = root.querySelector(".pattern canvas");
    const mark = root.querySelector(".row-mark");
    const list = root.querySelector("ol.attended");
    const state = { head: 0, token: size - 1, to: true };

    const weight = (dest, source, head = state.head) =>
      numbers[(head * size + dest) * size + source];
    const weightOf = (other) =>
      state.to ? weight(state.token, other) : weight(other, state.token);

    function paint(target, head) {
      target.width = size;
      target.height = size;
      const context = target.getContext("2d");
      const image = context.createImageData(size, size);
      for (let i = 0; i < size * size; i++) {
        image.data.set(color(numbers[head * size * size + i]), 4 * i);
        image.data[4 * i + 3] = 255;
      }
      context.putImageData(image, 0, 0);
    }

    function showHead() {
      heads.forEach((button, i) => {
        button.setAttribute("aria-pressed", i === state.head);
        button.tabIndex = i === state.head ? 0 : -1;
      });
      root.querySelector(".head-name").textContent = heads[state.head].dataset.head;
      paint(canvas, state.head);
    }

    function showToken() {
      root.querySelector(".token-name").textContent = names[state.token];
      picks.forEach((pick, pos) => {
        const [red, green, blue] = color(weightOf(pos));
        const dark = 0.299 * red + 0.587 * green + 0.114 * blue < 128;
        pick.style.background = `rgb(${red} ${green} ${blue})`;
        pick.style.color = dark ? "#ffffff" : "#1f2933";
        pick.dataset.tip = `${shown(weightOf(pos))}\n${names[pos]}`;
        pick.setAttribute("aria-pressed", pos === state.token);
      });
      for (const label of root.querySelectorAll("text[data-pos]")) {
        const isAxis = label.closest(".row-labels") !== null;
        const chosen = Number(label.dataset.pos) === state.token && isAxis === state.to;
        label.classList.toggle("active", chosen);
      }
      const start = `${(100 * state.token) / size}%`;
      const thick = `${100 / size}%`;
      Object.assign(
        mark.style,
        state.to
          ? { left: 0, top: start, width: "100%", height: thick }
          : { left: start, top: 0, width: thick, height: "100%" },
      );
      showList();
    }

    function showList() {
      const largest = names
        .map((name, pos) => ({ name, pos, value: weightOf(pos) }))
        .filter(({ value }) => value !== 0 && !Number.isNaN(value))
        .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
        .slice(0, LISTED);
      const reach = Math.max(Math.abs(root.dataset.low), Math.abs(root.dataset.high));
      list.replaceChildren(
        ...largest.map(({ name, pos, value }) => {
          const item = document.createElement("li");
          item.dataset.pos = pos;
          item.dataset.value = value;
          const [token, track, bar, number] = ["code", "span", "div", "span"].map((tag) =>
            document.createElement(tag),
          );
          token.textContent = name;
          bar.className = "bar";
          bar.style.width = `${Math.min(100, (100 * Math.abs(value)) / reach)}%`;
          track.append(bar);
          number.className = "number";
          number.textContent = value.toFixed(4);
          item.append(token, track, number);
          return item;
        }),
      );
    }

    function choose(change) {
      Object.assign(state, change);
      showHead();
      showToken();
    }

    function cellAt(event) {
      const box = canvas.getBoundingClientRect();
      const along = (at, start, length) =>
        Math.min(size - 1, Math.max(0, Math.floor(((at - start) / length) * size)));
      return {
        dest: along(event.clientY, box.top, box.height),
        source: along(event.clientX, box.left, box.width),
      };
    }

    function tipAt(event) {
      const { dest, source } = cellAt(event);
      const { clientX: x, clientY: y } = event;
      const box = { left: x, right: x, top: y, bottom: y };
      headlamp.showTip(`${shown(weight(dest, source))}\n${names[dest]}\n→ ${names[source]}`, box);
    }

    // The end of the page's address, such as #head=1.3&token=5.
    function chooseByAddress() {
      const asked = new URLSearchParams(location.hash.slice(1));
      const head = heads.findIndex((button) => button.dataset.head === asked.get("head"));
      const token = asked.has("token") ? Number(asked.get("token")) : -1;
      choose({
        head: head < 0 ? state.head : head,
        token: picks[token] ? token : state.token,
      });
    }

    root.classList.toggle("few-positions", size <= 32);
    heads.forEach((button, i) => {
      paint(button.firstElementChild, i);
      button.addEventListener("click", () => choose({ head: i }));
    });
    root.querySelector(".heads").addEventListener("keydown", (event) => {
      const columns = root.querySelectorAll(".head-number").length;
      const steps = { ArrowUp: -columns, ArrowDown: columns, ArrowLeft: -1, ArrowRight: 1 };
      const next = heads[state.head + steps[event.key]];
      if (next) {
        event.preventDefault();
        choose({ head: heads.indexOf(next) });
        next.focus();
      }
    });
    root.addEventListener("click", (event) => {
      const chosen = event.target.closest("[data-pos]");
      if (chosen) {
        choose({ token: Number(chosen.dataset.pos) });
      }
    });
    for (const radio of root.querySelectorAll("input[type=radio]")) {
      radio.addEventListener("change", () => choose({ to: radio.value === "to" }));
    }
    canvas.addEventListener("pointermove", tipAt);
    canvas.addEventListener("pointerleave", headlamp.hideTip);
    canvas.addEventListener("click", (event) => {
      const { dest, source } = cellAt(event);
      choose({ token: state.to ? dest : source });
    });
    window.addEventListener("hashchange", chooseByAddress);
    chooseByAddress();
  }

  document.querySelectorAll(".attention").forEach(open);
})();
