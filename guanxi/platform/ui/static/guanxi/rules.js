// Fields that are shown only while others have certain values. The server decides what is kept; this saves the eye.
// [data-shown-when] holds conditions as an address has them: ["stage", "is", "won"], ["any", …, …].
(() => {
  const valuesOf = (form, name) => {
    const controls = [...form.elements].filter((control) => control.name === name);
    const isTicked = (control) => !["checkbox", "radio"].includes(control.type) || control.checked;
    return controls.filter(isTicked).map((control) => control.value).filter((value) => value !== "");
  };

  const OPERATORS = {
    is: (found, wanted) => found.some((value) => wanted.includes(value)),
    is_not: (found, wanted) => !found.some((value) => wanted.includes(value)),
    filled: (found) => found.length > 0,
    empty: (found) => found.length === 0,
    contains: (found, [wanted]) => found.some((value) => value.toLowerCase().includes(wanted.toLowerCase())),
    at_least: (found, [wanted]) => found.some((value) => Number(value) >= Number(wanted)),
    at_most: (found, [wanted]) => found.some((value) => Number(value) <= Number(wanted)),
  };

  const holds = (form, [head, ...rest]) => {
    if (head === "all") return rest.every((part) => holds(form, part));
    if (head === "any") return rest.some((part) => holds(form, part));
    const [operator, ...wanted] = rest;
    return OPERATORS[operator]?.(valuesOf(form, head), wanted.map(String)) ?? true;
  };

  const apply = (form) => {
    form.querySelectorAll("[data-shown-when]").forEach((field) => {
      field.hidden = !holds(form, JSON.parse(field.dataset.shownWhen));
      field.querySelectorAll("input, select, textarea").forEach((control) => (control.disabled = field.hidden));
    });
  };

  document.addEventListener("input", (event) => event.target.form && apply(event.target.form));
  document.addEventListener("DOMContentLoaded", () => [...document.forms].forEach(apply));
})();
