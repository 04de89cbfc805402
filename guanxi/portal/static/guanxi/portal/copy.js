// A button with data-copy copies what stands in the field that it names, and says so for a moment.
(() => {
  "use strict";
  const MILLISECONDS = 2000;
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const field = document.querySelector(button.dataset.copy);
    field.focus();
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy");
    }
    const words = button.querySelector("span");
    const former = words.textContent;
    words.textContent = button.dataset.copied;
    setTimeout(() => { words.textContent = former; }, MILLISECONDS);
  });
})();
