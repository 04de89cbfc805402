// The frame: menus that close, display choices without a reload, toasts with undo, focus that survives a swap.
(() => {
  const TOAST_MILLISECONDS = 8000;
  const root = document.documentElement;

  // Menus are <details class="menu">: a click elsewhere or Escape closes them.
  const closeMenus = (except) => {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(except ?? null)) menu.open = false;
    });
  };
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = event.target.closest?.("details.menu[open]");
    closeMenus();
    menu?.querySelector("summary").focus();
  });

  // A menu that would reach beyond the sheet opens towards its other side.
  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (!menu.matches?.("details.menu") || !menu.open) return;
    menu.classList.remove("at-end");
    const pop = menu.querySelector(":scope > .pop");
    const sheet = menu.closest(".gx-body");
    if (!pop || !sheet || getComputedStyle(pop).position !== "absolute") return;
    menu.classList.toggle("at-end", pop.getBoundingClientRect().right > sheet.getBoundingClientRect().right);
  }, true);

  // A menu of ticks says on its button what is ticked.
  document.addEventListener("change", (event) => {
    const pick = event.target.closest("details.pick");
    if (!pick) return;
    const ticked = [...pick.querySelectorAll("input:checked")].map((box) => box.parentElement.textContent.trim());
    const summary = pick.querySelector("summary");
    summary.textContent = ticked.join(summary.dataset.between) || summary.dataset.empty;
  });

  // Theme and density: the form works alone; with a script the page changes at once and the cookie follows.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-display]")) return;
    event.preventDefault();
    const { name, value } = event.submitter;
    const body = new FormData(form, event.submitter);
    fetch(form.action, { method: "POST", body, redirect: "manual" });
    form.querySelectorAll(`button[name="${name}"]`).forEach((button) => {
      button.setAttribute("aria-pressed", String(button === event.submitter));
    });
    if (name === "density") root.dataset.density = value;
    if (name === "theme") {
      const systemDark = matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = value;
      root.dataset.bsTheme = value === "dark" || (value === "system" && systemDark) ? "dark" : "light";
      document.dispatchEvent(new CustomEvent("guanxi:theme"));
    }
  });

  // Toast: one at a time, 8 seconds, waits while the pointer or the focus is on it; Z undoes.
  let toastTimer = 0;
  const hideToast = () => document.getElementById("toast").replaceChildren();
  const startToastTimer = () => {
    clearTimeout(toastTimer);
    toastTimer = setTimeout(hideToast, TOAST_MILLISECONDS);
  };
  const showToast = ({ message, undo, tone }) => {
    const toast = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
    toast.querySelector("[data-message]").textContent = message;
    if (tone) toast.classList.add(tone);
    const button = toast.querySelector("[data-undo]");
    if (undo) {
      button.addEventListener("click", () => {
        hideToast();
        htmx.ajax("POST", undo, { swap: "none" });
      });
    } else {
      button.remove();
    }
    for (const pause of ["pointerenter", "focusin"]) toast.addEventListener(pause, () => clearTimeout(toastTimer));
    for (const go of ["pointerleave", "focusout"]) toast.addEventListener(go, startToastTimer);
    document.getElementById("toast").replaceChildren(toast);
    startToastTimer();
  };
  document.addEventListener("toast", (event) => showToast(event.detail));
  document.querySelectorAll("#toast > .toast-x").forEach((toast) => {
    const button = toast.querySelector("[data-url]");
    button?.addEventListener("click", () => htmx.ajax("POST", button.dataset.url, { swap: "none" }));
    startToastTimer();
  });

  // Tabs and chips that do not fit scroll sideways: the chosen one is in sight from the start, as is the middle of a
  // picture of relationships.
  const showChosen = () => {
    document.querySelectorAll(":is(.tabs, .chips) > [aria-current]").forEach((chosen) => {
      const row = chosen.parentElement;
      const [inner, outer] = [chosen.getBoundingClientRect(), row.getBoundingClientRect()];
      if (inner.right > outer.right) row.scrollLeft += inner.right - outer.right + 24;
    });
    document.querySelectorAll(".rel-box").forEach((box) => (box.scrollLeft = (box.scrollWidth - box.clientWidth) / 2));
  };
  showChosen();
  document.addEventListener("htmx:afterSettle", showChosen);

  // A request that fails without an answer of ours says so instead of doing nothing.
  document.addEventListener("htmx:sendError", () => {
    showToast({ message: document.getElementById("toast").dataset.offline, tone: "danger" });
  });
  document.addEventListener("htmx:responseError", (event) => {
    const answer = event.detail.xhr;
    if (answer.getResponseHeader("HX-Trigger")) return;
    showToast({ message: document.getElementById("toast").dataset.failed, tone: "danger" });
  });

  // A form in place: Enter saves from every field but a text of several lines, Escape leaves as "Cancel" does.
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("[data-place-form]");
    if (!form || event.isComposing) return;
    if (event.key === "Escape") form.querySelector("[data-cancel]").click();
    else if (event.key === "Enter" && event.target.matches("select, input[type=checkbox]")) form.requestSubmit();
    else return;
    event.preventDefault();
  });

  // When the focused row leaves with a swap, the row now at its place takes the focus.
  let lostPlace = null;
  document.addEventListener("htmx:beforeSwap", () => {
    const row = document.activeElement?.closest("[data-row]");
    const rows = row && [...row.closest("[data-rows]").querySelectorAll("[data-row]")];
    lostPlace = rows ? { list: row.closest("[data-rows]").id, index: rows.indexOf(row) } : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!lostPlace || (document.activeElement && document.activeElement !== document.body)) return;
    const rows = document.getElementById(lostPlace.list)?.querySelectorAll("[data-row]") ?? [];
    rows[Math.min(lostPlace.index, rows.length - 1)]?.focus();
    lostPlace = null;
  });
})();
