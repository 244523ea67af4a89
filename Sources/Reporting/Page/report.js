"use strict";
// Tables that can be sorted, and pictures that can be searched, zoomed and moved. Without this script the page still
// says everything.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // MARK: Tables

  const collator = new Intl.Collator("en", { numeric: true });

  /// What a row is sorted by: a number where the cell has one, else its text; null where there is none.
  function sortKey(row, column) {
    const cell = row.cells[column];
    const value = cell.dataset.value;
    if (value === undefined) return cell.textContent.trim() || null;
    return value === "" ? null : Number(value);
  }

  function compare(a, b) {
    return typeof a === "number" && typeof b === "number" ? a - b : collator.compare(a, b);
  }

  /// Rows that are equal stay in order; those without a value come last either way.
  function sortRows(body, column, sign) {
    const rows = [...body.rows].map((row) => ({ row, key: sortKey(row, column) }));
    rows.sort((a, b) => {
      if (a.key === null || b.key === null) return (a.key === null) - (b.key === null);
      return sign * compare(a.key, b.key);
    });
    body.append(...rows.map((entry) => entry.row));
  }

  function makeSortable(table) {
    const headings = [...table.tHead.rows[0].cells];
    headings.forEach((heading, column) => {
      if (heading.textContent === "") return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      heading.append(button);
      heading.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const isUp = heading.getAttribute("aria-sort") !== "ascending";
        for (const other of all("[aria-sort]", table.tHead)) other.setAttribute("aria-sort", "none");
        heading.setAttribute("aria-sort", isUp ? "ascending" : "descending");
        sortRows(table.tBodies[0], column, isUp ? 1 : -1);
      });
    });
  }

  // MARK: One picture

  /// A part of a picture, as large as the viewport shows it: `left` and `top` in the picture's units, `scale` in pixels
  /// of a unit.
  class Sheet {
    constructor(element, viewport) {
      this.element = element;
      this.viewport = viewport;
      this.svg = element.querySelector("svg");
      if (!this.svg) return;
      const box = this.svg.viewBox.baseVal;
      this.box = { x: box.x, y: box.y, width: box.width, height: box.height };
      this.nodes = all(".node", this.svg).map((group) => ({
        group,
        name: (group.querySelector("title")?.textContent ?? "").split("\n")[0],
        inner: (group.dataset.inner ?? "").split("\n").filter(Boolean),
        numbers: (group.dataset.nodes ?? "").split(" ").filter(Boolean),
      }));
    }

    get width() { return this.viewport.clientWidth || 1; }
    get height() { return this.viewport.clientHeight || 1; }
    get widthScale() { return this.width / this.box.width; }
    get wholeScale() { return Math.min(this.widthScale, this.height / this.box.height); }

    /// As wide as the viewport, but no smaller than can be read.
    fitWidth(least = 0) {
      this.scale = Math.max(Math.min(this.widthScale, 1), least);
      const spare = Math.max(this.width / this.scale - this.box.width, 0);
      this.left = this.box.x - spare / 2;
      this.top = this.box.y;
      this.apply();
    }

    fitWhole() {
      this.scale = Math.min(this.wholeScale, 1);
      this.centre(this.box.x + this.box.width / 2, this.box.y + this.box.height / 2);
    }

    centre(x, y) {
      this.left = x - this.width / this.scale / 2;
      this.top = y - this.height / this.scale / 2;
      this.apply();
    }

    /// Shows all of a box, no larger than its text is meant to be.
    show(box) {
      const room = 0.8 * Math.min(this.width / box.width, this.height / box.height);
      this.scale = Math.max(Math.min(Math.max(this.scale, 0.75), room), this.wholeScale);
      this.centre(box.x + box.width / 2, box.y + box.height / 2);
    }

    /// `x` and `y` in pixels of the viewport stay where they are.
    zoom(factor, x = this.width / 2, y = this.height / 2) {
      const next = Math.min(Math.max(this.scale * factor, Math.min(this.wholeScale, 1) / 2), 8);
      this.left += x / this.scale - x / next;
      this.top += y / this.scale - y / next;
      this.scale = next;
      this.apply();
    }

    move(x, y) {
      this.left += x / this.scale;
      this.top += y / this.scale;
      this.apply();
    }

    /// Half of the viewport stays filled.
    apply() {
      const [width, height] = [this.width / this.scale, this.height / this.scale];
      const limit = (value, start, length, room) =>
        Math.min(Math.max(value, start - room / 2), start + length - room / 2);
      this.left = limit(this.left, this.box.x, this.box.width, width);
      this.top = limit(this.top, this.box.y, this.box.height, height);
      this.svg.setAttribute("viewBox", `${this.left} ${this.top} ${width} ${height}`);
    }
  }

  function union(boxes) {
    const [x, y] = ["x", "y"].map((side) => Math.min(...boxes.map((box) => box[side])));
    const right = Math.max(...boxes.map((box) => box.x + box.width));
    const bottom = Math.max(...boxes.map((box) => box.y + box.height));
    return { x, y, width: Math.max(right - x, 1), height: Math.max(bottom - y, 1) };
  }

  // MARK: The viewer

  class Viewer {
    constructor(root) {
      this.root = root;
      this.viewport = root.querySelector(".viewport");
      this.field = root.querySelector(".finder input");
      this.found = root.querySelector(".found");
      this.choices = all(".tools input[type=radio]", root);
      this.matches = [];
      this.position = 0;
      root.classList.add("live");
      this.sheets = all(".sheet", root).map((element) => new Sheet(element, this.viewport));
      this.listenToTools();
      this.listenToKeys();
      this.listenToPointer();
      this.choose(Math.max(this.choices.findIndex((choice) => choice.checked), 0));
      new ResizeObserver(() => this.sheet.svg && this.sheet.apply()).observe(this.viewport);
    }

    get sheet() { return this.sheets[this.chosen]; }

    choose(index) {
      this.chosen = index;
      this.sheets.forEach((sheet, other) => { sheet.element.hidden = other !== index; });
      if (this.choices[index]) this.choices[index].checked = true;
      if (this.sheet.svg && this.sheet.scale === undefined) this.sheet.fitWidth(0.6);
      this.find();
    }

    // Tools.

    listenToTools() {
      this.choices.forEach((choice, index) => choice.addEventListener("change", () => this.choose(index)));
      const actions = {
        in: () => this.sheet.zoom(1.25),
        out: () => this.sheet.zoom(0.8),
        width: () => this.sheet.fitWidth(),
        whole: () => this.sheet.fitWhole(),
        next: () => this.step(1),
        previous: () => this.step(-1),
      };
      for (const button of all(".tools button", this.root)) {
        button.addEventListener("click", () => this.sheet.svg && actions[button.dataset.action]());
      }
      this.field.addEventListener("input", () => {
        this.find();
        if (this.matches.length) this.step(0);
      });
      this.field.addEventListener("keydown", (event) => {
        if (event.key === "Enter") {
          event.preventDefault();
          this.step(event.shiftKey ? -1 : 1);
        } else if (event.key === "Escape") {
          this.field.value = "";
          this.find();
        }
      });
    }

    /// Marks the nodes whose name, or that of one that they stand for, holds all the words.
    find() {
      const words = this.field.value.toLowerCase().split(/\s+/).filter(Boolean);
      this.holds = (name) => words.every((word) => name.toLowerCase().includes(word));
      this.mark("match", []);
      this.mark("current", []);
      this.position = 0;
      this.matches = words.length && this.sheet.svg
        ? this.sheet.nodes.filter((node) => this.holds(node.name) || node.inner.some(this.holds))
        : [];
      this.mark("match", this.matches);
      const none = `no match among ${this.sheet.nodes?.length ?? 0} nodes shown and what they stand for`;
      this.found.value = !words.length ? "" : this.matches.length ? `${this.matches.length} found` : none;
    }

    step(count) {
      const length = this.matches.length;
      if (!length) return;
      this.position = (this.position + count + length) % length;
      const match = this.matches[this.position];
      const place = this.holds(match.name) ? "" : ": drawn together with others";
      this.found.value = `${this.position + 1} of ${length}${place}`;
      this.focusOn([match]);
    }

    mark(name, nodes) {
      const wanted = new Set(nodes.map((node) => node.group));
      for (const group of all(`.node.${name}`, this.root)) {
        if (!wanted.has(group)) group.classList.remove(name);
      }
      for (const group of wanted) group.classList.add(name);
    }

    /// Shows all of them, or the first where they would be specks.
    focusOn(nodes) {
      this.mark("current", nodes);
      const boxes = nodes.map((node) => node.group.getBBox());
      const whole = union(boxes);
      const scale = Math.min(this.sheet.width / whole.width, this.sheet.height / whole.height);
      this.sheet.show(scale < 0.1 ? boxes[0] : whole);
    }

    /// Shows the nodes with these numbers: in the picture that is shown, or in the first that has any of them.
    showNodes(numbers) {
      const wanted = new Set(numbers);
      const within = (sheet) => (sheet.nodes ?? []).filter((node) => node.numbers.some((one) => wanted.has(one)));
      const order = [this.chosen, ...this.sheets.keys()];
      const index = order.find((one) => within(this.sheets[one]).length);
      if (index === undefined) {
        this.found.value = "no picture shows this";
        return;
      }
      if (index !== this.chosen) this.choose(index);
      const nodes = within(this.sheet);
      this.focusOn(nodes);
      this.found.value = nodes.length === 1 ? nodes[0].name : `${nodes.length} nodes marked`;
    }

    // Moving.

    listenToKeys() {
      const step = 60;
      const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
      this.viewport.addEventListener("keydown", (event) => {
        if (!this.sheet.svg || event.ctrlKey || event.metaKey || event.altKey) return;
        const page = 0.9 * this.viewport.clientHeight;
        if (moves[event.key]) this.sheet.move(...moves[event.key]);
        else if (event.key === "PageDown") this.sheet.move(0, page);
        else if (event.key === "PageUp") this.sheet.move(0, -page);
        else if (event.key === "+" || event.key === "=") this.sheet.zoom(1.25);
        else if (event.key === "-") this.sheet.zoom(0.8);
        else if (event.key === "0") this.sheet.fitWidth();
        else return;
        event.preventDefault();
      });
      // A node that gets the focus comes into view.
      this.viewport.addEventListener("focusin", (event) => {
        const group = event.target.closest?.(".node");
        if (group && event.target.matches(":focus-visible")) this.sheet.show(group.getBBox());
      });
    }

    listenToPointer() {
      const pointers = new Map();
      const place = (event) => {
        const frame = this.viewport.getBoundingClientRect();
        return { x: event.clientX - frame.left, y: event.clientY - frame.top };
      };
      let moved = 0;
      this.viewport.addEventListener("wheel", (event) => {
        const isFocused = this.viewport.contains(document.activeElement);
        if (!this.sheet.svg || !(isFocused || event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        const lines = event.deltaMode === 1 ? 20 : 1;
        const { x, y } = place(event);
        this.sheet.zoom(Math.exp(-Math.min(Math.max(event.deltaY * lines, -200), 200) / 400), x, y);
      }, { passive: false });
      this.viewport.addEventListener("pointerdown", (event) => {
        if (event.button !== 0) return;
        if (!pointers.size) moved = 0;
        pointers.set(event.pointerId, place(event));
      });
      this.viewport.addEventListener("pointermove", (event) => {
        const last = pointers.get(event.pointerId);
        if (!last || !this.sheet.svg) return;
        const next = place(event);
        moved += Math.hypot(next.x - last.x, next.y - last.y);
        // Only now, so that a click still reaches what was clicked.
        if (moved > 4) this.viewport.setPointerCapture(event.pointerId);
        if (pointers.size === 1) this.sheet.move(last.x - next.x, last.y - next.y);
        else this.pinch(pointers, event.pointerId, last, next);
        pointers.set(event.pointerId, next);
      });
      for (const name of ["pointerup", "pointercancel", "pointerleave"]) {
        this.viewport.addEventListener(name, (event) => pointers.delete(event.pointerId));
      }
      // The end of a drag is no click; a key that follows a link is.
      this.viewport.addEventListener("click", (event) => {
        if (moved > 4 && event.detail > 0) event.preventDefault();
        moved = 0;
      }, true);
      this.viewport.addEventListener("dragstart", (event) => event.preventDefault());
    }

    pinch(pointers, id, last, next) {
      const other = [...pointers].find(([key]) => key !== id)?.[1];
      if (!other) return;
      const distance = (point) => Math.max(Math.hypot(point.x - other.x, point.y - other.y), 1);
      this.sheet.zoom(distance(next) / distance(last), (next.x + other.x) / 2, (next.y + other.y) / 2);
    }
  }

  // MARK: Start

  for (const table of all("table.sortable")) makeSortable(table);
  const root = document.querySelector(".viewer");
  const viewer = root && new Viewer(root);
  for (const link of all("a[data-action=show]")) {
    link.addEventListener("click", (event) => {
      if (!viewer) return;
      event.preventDefault();
      const row = link.closest("tr");
      viewer.showNodes((row.dataset.nodes ?? "").split(" "));
      root.scrollIntoView({ block: "start" });
      viewer.viewport.focus({ preventScroll: true });
    });
  }
})();
