// The command palette: opens at once, asks while one types, moves by the arrow keys, acts on Enter. Without it the
// links with data-palette lead to the same as a page. And the star of a record, which needs no reload.
(() => {
  const dialog = document.querySelector("dialog.palette");
  const root = document.getElementById("palette");
  const input = root?.querySelector("input[name=q]");
  let isEnterWaiting = false;

  const options = () => [...root.querySelectorAll("[role=option]")];
  const active = () => root.querySelector("[role=option][aria-selected=true]");
  const activate = (option) => {
    active()?.removeAttribute("aria-selected");
    if (!option) {
      input.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  };
  const move = (step) => {
    const all = options();
    if (all.length) activate(all[(all.indexOf(active()) + step + all.length) % all.length]);
  };
  const isCurrent = () => document.getElementById("palette-results").dataset.words === input.value.trim();

  const press = (option) => {
    if (!option) return;
    dialog?.close();
    option.click();
  };

  // New lines: the first is the chosen one, and an Enter that came before them acts on it.
  const settle = () => {
    const all = options();
    all.forEach((option, place) => (option.id = `palette-option-${place}`));
    input.setAttribute("aria-expanded", String(all.length > 0));
    activate(all[0]);
    if (isEnterWaiting && isCurrent()) {
      isEnterWaiting = false;
      press(active());
    }
  };

  const open = () => {
    if (!dialog) return input?.focus();
    if (dialog.open) return input.select();
    const here = document.querySelector("main [data-record]");
    root.querySelector("input[name=on]").value = here?.dataset.record ?? "";
    input.value = "";
    dialog.showModal();
    input.focus();
    htmx.trigger(input, "open");
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-palette]")) {
      event.preventDefault();
      open();
    } else if (event.target === dialog) {
      dialog.close();
    } else if (event.target.closest("dialog.palette a[role=option]")) {
      dialog.close();
    }
  });

  if (input) {
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      switch (event.key) {
        case "ArrowDown":
          move(1);
          break;
        case "ArrowUp":
          move(-1);
          break;
        case "Enter":
          if (isCurrent()) press(active());
          else isEnterWaiting = true;
          break;
        default:
          isEnterWaiting = false;
          return;
      }
      event.preventDefault();
    });
    root.addEventListener("pointermove", (event) => {
      const option = event.target.closest("[role=option]");
      if (option && option !== active()) activate(option);
    });
    root.addEventListener("htmx:afterSettle", settle);
    root.addEventListener("htmx:sendError", () => (isEnterWaiting = false));
    if (!dialog) settle();
  }

  document.addEventListener("click", (event) => {
    const star = event.target.closest("button.star");
    if (!star) return;
    event.preventDefault();
    const isOn = star.getAttribute("aria-pressed") !== "true";
    const show = (value) => {
      star.setAttribute("aria-pressed", String(value));
      star.value = value ? "0" : "1";
    };
    show(isOn);
    const address = star.getAttribute("formaction") ?? star.form.getAttribute("action");
    htmx.ajax("POST", address, { target: star, swap: "none", values: { is_favourite: isOn ? "1" : "0" } });
    star.addEventListener("htmx:responseError", () => show(!isOn), { once: true });
  });
})();
