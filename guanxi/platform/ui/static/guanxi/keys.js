// The keyboard and the thumb. Markup decides what a key does:
//   [data-rows] holds [data-row] elements: J and K move, Enter follows [data-open], other letters press [data-key="e"]
//   inside the current row; [data-key] outside of rows works on the whole page, and goes first while the focus is
//   outside of the rows; [data-go="t"] follows G.
//   [data-question] in a row leaves with Escape.
//   [data-swipe] rows: to the right presses [data-key="e"], to the left [data-key="s"].
(() => {
  const GO_MILLISECONDS = 1200;
  const SWIPE_PIXELS = 88;
  let goUntil = 0;

  const isTyping = (target) => target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  const currentRow = () =>
    document.activeElement?.closest("[data-row]") ?? document.querySelector("[data-row][aria-current], [data-row][aria-selected=true]");
  const press = (element) => {
    if (!element || element.disabled) return false;
    if (element.matches("summary")) element.focus();
    element.click();
    return true;
  };
  // Keys are heard before the other scripts have come: what would be a plain link without them waits for them.
  let isReady = false;
  document.addEventListener("DOMContentLoaded", () => (isReady = true));
  const whenReady = (act) => (isReady ? act() : document.addEventListener("DOMContentLoaded", act, { once: true }));
  const searchBox = () => document.querySelector(".gx-search input:not([hidden])");

  const moveRow = (step) => {
    const rows = [...document.querySelectorAll("[data-row]")];
    if (!rows.length) return false;
    const place = rows.indexOf(currentRow());
    const isInRow = document.activeElement?.closest("[data-row]");
    const next = place < 0 || !isInRow ? Math.max(place, 0) : Math.min(rows.length - 1, Math.max(0, place + step));
    rows[next].focus();
    rows[next].scrollIntoView({ block: "nearest" });
    return true;
  };

  const letter = (key) => {
    if (key === "j" && moveRow(1)) return true;
    if (key === "k" && moveRow(-1)) return true;
    const selector = `[data-key="${CSS.escape(key)}"]`;
    const row = currentRow();
    const inRow = row?.querySelector(selector);
    const onPage = [...document.querySelectorAll(selector)].find((element) => !element.closest("[data-row]"));
    const isInRow = row?.contains(document.activeElement);
    return isInRow ? press(inRow) || press(onPage) : press(onPage) || press(inRow);
  };

  const plainKey = (event) => {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (Date.now() < goUntil) {
      goUntil = 0;
      return press(document.querySelector(`[data-go="${CSS.escape(key)}"]`));
    }
    switch (key) {
      case "g":
        goUntil = Date.now() + GO_MILLISECONDS;
        return true;
      case "/":
        searchBox()?.focus();
        return true;
      case "?":
        return press(document.querySelector("[data-sheet]"));
      case "Enter":
        return event.target.matches("[data-row]") && press(event.target.querySelector("[data-open]"));
      case "Escape":
        return leaveQuestion() || leavePanel(event.target) || press(document.querySelector(".bulk:not([hidden]) [data-unpick]"));
      case "z":
        return press(document.querySelector("#toast [data-undo]"));
      default:
        return key.length === 1 && letter(key);
    }
  };

  const leaveQuestion = () => {
    // Between a swap and the focus that follows it no row is the current one.
    const question = currentRow()?.querySelector("[data-question]") ?? document.querySelector("[data-question]");
    question?.remove();
    return Boolean(question);
  };

  const leavePanel = (target) => {
    if (!target.closest?.(".gx-panel")) return false;
    document.querySelector("[data-row][aria-selected=true], [data-row][aria-current]")?.focus();
    return true;
  };

  document.addEventListener("keydown", (event) => {
    const isCommand = event.ctrlKey || event.metaKey;
    if (isCommand && event.key.toLowerCase() === "k") {
      event.preventDefault();
      whenReady(() => press(document.querySelector("[data-palette]")));
      return;
    }
    if (event.altKey || isCommand || event.defaultPrevented) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (plainKey(event)) event.preventDefault();
  });

  // The sheet also names the keys that this very page has.
  const showPageKeys = (sheet) => {
    const box = sheet.querySelector("[data-page-keys]");
    if (!box) return;
    const words = (element) => {
      const text = [...element.childNodes].filter((node) => node.nodeName !== "KBD").map((node) => node.textContent).join(" ");
      return (element.getAttribute("aria-label") || text || element.title).replace(/\s+/g, " ").trim();
    };
    const known = new Map();
    for (const element of document.querySelectorAll("main [data-key]")) {
      const row = element.closest("[data-row]");
      if (!known.has(element.dataset.key) && (!row || row === currentRow())) known.set(element.dataset.key, words(element));
    }
    const lines = [...known].flatMap(([key, text]) => {
      const [name, what, letter] = ["span", "span", "kbd"].map((tag) => document.createElement(tag));
      letter.textContent = key.toUpperCase();
      name.append(letter);
      what.textContent = text;
      return [name, what];
    });
    box.querySelector(".keys").replaceChildren(...lines);
    box.hidden = lines.length === 0;
  };
  // In the side panel, buttons that go to the next row and the one before it.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (button) moveRow(Number(button.dataset.step));
  });

  // A link with data-sheet opens its page as a dialog, fetched once.
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("[data-sheet]");
    if (!link) return;
    event.preventDefault();
    if (!link.sheet) {
      const answer = await fetch(link.href, { headers: { "HX-Request": "true" } });
      link.sheet = document.createRange().createContextualFragment(await answer.text()).querySelector("dialog");
      document.body.append(link.sheet);
    }
    showPageKeys(link.sheet);
    link.sheet.showModal();
  });

  // The row with the focus is the selected one.
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-row]");
    if (!row) return;
    row.closest("[data-rows]").querySelectorAll("[data-row][aria-selected]").forEach((other) => {
      if (other !== row) other.removeAttribute("aria-selected");
    });
    if (row.closest("table")) row.setAttribute("aria-selected", "true");
  });

  // Swipe: the row follows the finger; past the threshold it acts.
  let swipe = null;
  document.addEventListener("touchstart", (event) => {
    const row = event.target.closest("[data-swipe]");
    const { clientX, clientY } = event.touches[0];
    swipe = row && { row, x: clientX, y: clientY, dx: 0 };
  }, { passive: true });
  document.addEventListener("touchmove", (event) => {
    if (!swipe) return;
    const { clientX, clientY } = event.touches[0];
    if (!swipe.dx && Math.abs(clientY - swipe.y) > Math.abs(clientX - swipe.x)) {
      swipe = null;
      return;
    }
    swipe.dx = clientX - swipe.x;
    swipe.row.style.transform = `translateX(${swipe.dx / 2}px)`;
  }, { passive: true });
  document.addEventListener("touchcancel", () => {
    if (swipe) swipe.row.style.transform = "";
    swipe = null;
  });
  document.addEventListener("touchend", () => {
    if (!swipe) return;
    const { row, dx } = swipe;
    row.style.transform = "";
    swipe = null;
    if (Math.abs(dx) > SWIPE_PIXELS) press(row.querySelector(`[data-key="${dx > 0 ? "e" : "s"}"]`));
  });
})();
