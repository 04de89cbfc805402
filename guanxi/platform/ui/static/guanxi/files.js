// Files: choosing them sends them, and so does dropping them. Without a script the forms work all the same.
(() => {
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-send]") && event.target.files.length) event.target.form.requestSubmit();
  });
  const placeBelow = (event) => {
    const place = event.target.closest?.("[data-drop]");
    const hasFiles = event.dataTransfer?.types.includes("Files");
    return place?.querySelector("[data-send]") && hasFiles ? place : null;
  };
  for (const kind of ["dragenter", "dragover"]) {
    document.addEventListener(kind, (event) => {
      const place = placeBelow(event);
      if (!place) return;
      event.preventDefault();
      place.dataset.over = "";
    });
  }
  document.addEventListener("dragleave", (event) => {
    const place = placeBelow(event);
    if (place && !place.contains(event.relatedTarget)) delete place.dataset.over;
  });
  document.addEventListener("drop", (event) => {
    const place = placeBelow(event);
    if (!place) return;
    event.preventDefault();
    delete place.dataset.over;
    const field = place.querySelector("[data-send]");
    field.files = event.dataTransfer.files;
    field.form.requestSubmit();
  });
})();
