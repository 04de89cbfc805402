// The list: a cell is changed where it stands (F2, or a double click; the arrows choose among the cells of a row), columns
// are dragged into their order, and the order of the rows is remembered for the cards.
//   th[data-field] names the field of a column that may be changed; [data-records] is where the records are found.
(() => {
  const script = document.currentScript;
  const KEPT = "guanxi:rows";
  const body = () => document.getElementById("list-rows");

  const fields = () => [...document.querySelectorAll(".lst th")].map((head) => head.dataset.field ?? "");
  const recordOf = (row) => row.querySelector("[data-pick]")?.value ?? row.getAttribute("hx-get")?.match(/\d+/g).at(-1);
  const changeable = (row) => [...row.cells].filter((cell, place) => fields()[place]);
  const marked = (row) => row.querySelector("td.at");

  const mark = (row, step) => {
    const cells = changeable(row);
    if (!cells.length) return false;
    const place = cells.indexOf(marked(row));
    body().querySelectorAll("td.at").forEach((cell) => cell.classList.remove("at"));
    const next = place < 0 ? (step < 0 ? cells.length - 1 : 0) : Math.min(cells.length - 1, Math.max(0, place + step));
    cells[next].classList.add("at");
    cells[next].scrollIntoView({ block: "nearest", inline: "nearest" });
    return true;
  };

  const open = (cell) => {
    const field = fields()[cell.cellIndex];
    const record = recordOf(cell.parentElement);
    if (!field || !record || cell.querySelector("form")) return;
    body().querySelectorAll(".cell-form [data-cancel]").forEach((link) => link.click());
    const held = document.createElement("span");
    held.append(...[...cell.childNodes].filter((node) => !node.matches?.("[data-pick]")));
    cell.append(held);
    body().querySelectorAll("td.at").forEach((other) => other.classList.remove("at"));
    cell.classList.add("at");
    getSelection().removeAllRanges();
    htmx.ajax("GET", `${body().dataset.records}${record}/fields/${field}/?place=cell`, { target: held, swap: "outerHTML" });
  };

  document.addEventListener("dblclick", (event) => {
    const cell = event.target.closest("#list-rows td");
    if (cell && !event.target.closest("a, input, .cell-form")) open(cell);
  });

  document.addEventListener("keydown", (event) => {
    const row = event.target;
    if (!row.matches?.("#list-rows > tr") || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "F2") {
      if (marked(row) || mark(row, 1)) open(marked(row));
    } else if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      if (!mark(row, event.key === "ArrowRight" ? 1 : -1)) return;
    } else return;
    event.preventDefault();
  });

  // The mark goes with the row that has the focus, in the same column.
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest?.("#list-rows > tr");
    const former = row && body().querySelector("td.at");
    if (!former || former.parentElement === row) return;
    former.classList.remove("at");
    row.cells[former.cellIndex]?.classList.add("at");
  });

  // Ticked rows show the bar with their number; the tick in the head ticks all. On a phone, whose rows open with a tap,
  // a button lets them be ticked instead until the choice is cleared.
  const choiceOf = (element) => element.closest(".list-block")?.querySelector("[data-bulk]");
  const showTicks = (form) => {
    const picks = [...form.querySelectorAll("[data-pick]")];
    const count = picks.filter((pick) => pick.checked).length;
    const [head, all, bar] = ["[data-pick-all]", "[name=all]", ".bulk"].map((found) => form.querySelector(found));
    head.checked = count === picks.length;
    head.indeterminate = count > 0 && count < picks.length;
    bar.hidden = count === 0 && !all.checked && !("choosing" in form.dataset);
    bar.querySelector("[data-count]").textContent = count;
    bar.querySelectorAll("[name=action]").forEach((act) => (act.disabled = count === 0 && !all.checked));
  };
  const setChoosing = (form, isOn) => {
    const button = form.closest(".list-block").querySelector("[data-choose]");
    button.setAttribute("aria-pressed", String(isOn));
    if (isOn) form.dataset.choosing = "";
    else delete form.dataset.choosing;
    if (isOn) return showTicks(form);
    form.querySelectorAll("[data-pick], [name=all]").forEach((box) => (box.checked = false));
    showTicks(form);
    const row = form.querySelector("[data-row][aria-selected=true]") ?? form.querySelector("[data-row]");
    (button.offsetParent ? button : row).focus();
  };

  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-bulk]");
    if (!form || !event.target.matches("[data-pick], [data-pick-all], [name=all]")) return;
    const { checked } = event.target;
    if (event.target.matches("[data-pick-all]")) {
      form.querySelectorAll("[data-pick]").forEach((pick) => (pick.checked = checked));
    }
    showTicks(form);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-choose], [data-unpick]");
    if (button) {
      const form = choiceOf(button);
      setChoosing(form, button.matches("[data-choose]") && !("choosing" in form.dataset));
      return;
    }
    const row = event.target.closest("[data-choosing] [data-row]");
    if (!row || event.target.matches("[data-pick]")) return;
    event.preventDefault();
    row.querySelector("[data-pick]").click();
  });

  // What the cards step through: the rows in their order, where the list is, and the pages before and after.
  const remember = () => {
    const rows = body();
    if (!rows) return;
    const { first, previous, next } = rows.dataset;
    const cards = [...rows.querySelectorAll("[data-open]")].map((link) => link.pathname);
    const address = location.pathname + location.search;
    const pages = { previous: previous && location.pathname + previous, next: next && location.pathname + next };
    sessionStorage.setItem(KEPT, JSON.stringify({ address, cards, first: Number(first), ...pages }));
  };

  // Columns are dragged by their grip; the script for it comes with the first opening of the chooser.
  const sortable = () => {
    const list = document.querySelector("[data-sorted]");
    if (!list || list.sortable) return;
    if (!window.Sortable) {
      const tag = document.createElement("script");
      tag.src = script.dataset.sortable;
      tag.addEventListener("load", sortable, { once: true });
      document.head.append(tag);
      return;
    }
    list.sortable = new Sortable(list, {
      handle: ".grip",
      draggable: ".column-choice:has(.grip)",
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
      ghostClass: "ghost",
      onEnd: () => list.closest("form").requestSubmit(list.closest("form").querySelector("[value=sorted]")),
    });
    list.dataset.sorted = "by-hand";
  };

  remember();
  document.addEventListener("htmx:afterSettle", () => {
    remember();
    sortable();
    if (document.activeElement === document.body) body()?.querySelector("td.at")?.parentElement.focus();
  });
})();
