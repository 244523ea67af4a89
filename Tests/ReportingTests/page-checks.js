"use strict";
// Uses a page as a reader does, and leaves what did not hold, with the number of checks, in an attribute of its root.
(() => {
  const failures = [];
  let count = 0;
  const check = (name, holds) => {
    count += 1;
    if (!holds) failures.push(name);
  };
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const click = (element) => element.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
  const viewport = one(".viewport");
  const shown = () => one(".sheet:not([hidden])");
  const view = () => one("svg", shown()).viewBox.baseVal;
  const named = (name) => all(`.node.${name} title`, shown()).map((title) => title.textContent.split(/\s/)[0]);
  const press = (key, target = viewport) =>
    target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));

  function tables() {
    const table = one("#regions table");
    const heading = (title) => all("th", table.tHead).find((cell) => cell.textContent === title);
    const column = (title) =>
      all("tr", table.tBodies[0]).map((row) => row.cells[heading(title).cellIndex].textContent);
    const button = one("button", heading("MACs"));
    button.focus();
    check("a heading takes the focus", document.activeElement === button);
    click(button);
    check("numbers rise", column("MACs").join() === "5,9,12,100");
    check("the order is told", heading("MACs").getAttribute("aria-sort") === "ascending");
    click(button);
    check("numbers fall", column("MACs").join() === "100,12,9,5");
    click(one("button", heading("change")));
    check("what is unknown is last when numbers rise", column("change")[3] === "failed");
    check("one order is told", all("[aria-sort=ascending], [aria-sort=descending]", table).length === 1);
    click(one("button", heading("change")));
    check("what is unknown is last when numbers fall", column("change")[3] === "failed");
    check("a table that does not sort has no buttons", !one("#summary table button"));
  }

  function finding() {
    const field = one("#find");
    const search = (text) => {
      field.value = text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    };
    search("block relu");
    check("a node is found by operator and name", named("current").join() === "Relu");
    check("it is told which of how many", one(".found").value === "1 of 1");
    const [frame, node] = [viewport, one(".node.current")].map((element) => element.getBoundingClientRect());
    check("it is in view", node.top >= frame.top && node.bottom <= frame.bottom && node.left >= frame.left);
    search("block");
    check("all that match are marked", named("match").length === 3 && named("current").length === 1);
    const first = one(".node.current");
    press("Enter", field);
    check("the next one follows", one(".found").value === "2 of 3" && one(".node.current") !== first);
    click(one("[data-action=previous]"));
    check("and the one before", one(".node.current") === first);
    search("no such node");
    check("that there is none is told", one(".found").value.startsWith("no match"));
    press("Escape", field);
    check("nothing stays marked", field.value === "" && !one(".node.match, .node.current"));
  }

  function moving() {
    const width = view().width;
    click(one("[data-action=in]"));
    check("a button zooms in", view().width < width);
    click(one("[data-action=out]"));
    check("another zooms out", Math.abs(view().width - width) < 0.01);
    document.activeElement.blur();
    const wheel = () => viewport.dispatchEvent(new WheelEvent("wheel", { deltaY: -100, bubbles: true, cancelable: true }));
    check("without the focus, the wheel is the page's", wheel() && Math.abs(view().width - width) < 0.01);
    viewport.focus();
    check("with it, the wheel zooms", !wheel() && view().width < width);
    press("0");
    press("+");
    const { x, y } = view();
    press("ArrowDown");
    press("ArrowRight");
    check("arrows move", view().y > y && view().x > x);
    for (let step = 0; step < 200; step += 1) press("ArrowUp");
    check("the picture does not get lost", view().y + view().height > 0 || view().y > -1e4);
    const drag = (type, clientX, clientY) =>
      viewport.dispatchEvent(new PointerEvent(type, { clientX, clientY, pointerId: 1, button: 0, bubbles: true }));
    viewport.setPointerCapture = () => {};
    const before = view().x;
    drag("pointerdown", 300, 300);
    drag("pointermove", 260, 300);
    drag("pointerup", 260, 300);
    check("dragging moves", view().x > before);
    const dropped = new MouseEvent("click", { bubbles: true, cancelable: true, detail: 1 });
    check("the end of a drag is no click", !one(".node a path").dispatchEvent(dropped));
  }

  function choosing() {
    const choices = all(".tools input[type=radio]");
    check("one picture is shown", all(".sheet:not([hidden])").length === 1 && choices.length === 3);
    choices[2].checked = true;
    choices[2].dispatchEvent(new Event("change"));
    check("another is chosen", shown() === all(".sheet")[2]);
    click(one("#decision-1 a[data-action=show]"));
    check("a row leads to a picture that has its nodes", shown() === all(".sheet")[0] && choices[0].checked);
    check("all of its nodes are marked", named("current").sort().join() === "Abs,Add,Relu");
    check("how many is told", one(".found").value === "3 nodes marked");
    click(one("#region-3 a[data-action=show]"));
    check("a region leads to its node", named("current").join() === "Neg");
  }

  async function linking() {
    const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
    const node = (op) => all(".node", shown()).find((group) => one("title", group).textContent.startsWith(op));
    click(one("polygon, path, ellipse", node("Add")));
    await pause();
    check("a node leads to its decision", one(":target")?.id === "decision-1");
    click(one("text", node("Neg")));
    await pause();
    check("another to its region", one(":target")?.id === "region-3");
    click(one(".chart a[href='#plan-2'] circle"));
    await pause();
    check("a point leads to its row", one("tr:target")?.id === "plan-2");
    click(one("#plan-2 a[href='#point-2']"));
    await pause();
    check("the row to its point", one(":target")?.id === "point-2" && one(":target").closest(".chart") !== null);
  }

  function access() {
    check("there are landmarks", ["header", "nav", "main", "footer"].every((name) => all(name).length === 1));
    const unnamed = all("button, input, [tabindex='0']").filter(
      (element) => !(element.ariaLabel || element.textContent.trim() || element.labels?.length));
    check("everything that takes the focus has a name", unnamed.length === 0);
    check("every row and column has a heading", all("table").every((table) =>
      all("thead th[scope=col]", table).length > 0 && all("tbody tr", table).every((row) => one("th[scope=row]", row))));
    check("the page is no wider than its window",
      document.documentElement.scrollWidth <= document.documentElement.clientWidth);
  }

  (async () => {
    try {
      tables();
      finding();
      moving();
      choosing();
      await linking();
      access();
    } catch (error) {
      failures.push(String(error.stack ?? error));
    }
    document.documentElement.dataset.checks = `${count} ${btoa(encodeURIComponent(JSON.stringify(failures)))}`;
  })();
})();
