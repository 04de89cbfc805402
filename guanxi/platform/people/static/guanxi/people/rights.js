// The sheet of rights: what is chosen in a cell stands there in words that wrap, a quiet mark for "as others".
(() => {
  const MARK = "·";
  const show = (select) => {
    const cell = select.closest(".right");
    if (!cell) return;
    const chosen = select.selectedOptions[0].textContent;
    const isInherited = select.value === "";
    cell.querySelector(".right-words").textContent = isInherited ? MARK : chosen;
    cell.classList.toggle("inherited", isInherited);
    cell.classList.toggle("kept", select.value === "kept");
    select.title = chosen;
  };
  document.addEventListener("change", (event) => show(event.target));
  // A page that the browser brings back keeps what was chosen, but not what was written for it.
  addEventListener("pageshow", () => document.querySelectorAll(".right > select").forEach(show));
})();
