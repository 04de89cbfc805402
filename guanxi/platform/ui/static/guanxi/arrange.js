// Rows of a layout are dragged by their handle; their places travel with them, so nothing is sent before it is saved.
(() => {
  "use strict";

  const start = () => {
    document.querySelectorAll("[data-rows]").forEach((list) => {
      if (list.sortable) return;
      list.sortable = new Sortable(list, {
        group: list.dataset.rows,
        handle: ".grip",
        draggable: "[data-row]",
        animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
        ghostClass: "ghost",
      });
    });
  };
  document.addEventListener("DOMContentLoaded", start);
  document.addEventListener("htmx:afterSettle", start);

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-open-on-change]")) event.target.form.requestSubmit();
  });

  // The button that was pressed keeps the focus, so that a row can be moved several steps by the keyboard.
  let pressed = "";
  document.addEventListener("click", (event) => {
    const button = event.target.closest("#arrange button[name=do]");
    if (button) pressed = button.value;
  });
  document.addEventListener("htmx:afterSettle", () => {
    document.querySelector(`#arrange button[value="${CSS.escape(pressed)}"]`)?.focus();
  });
})();
