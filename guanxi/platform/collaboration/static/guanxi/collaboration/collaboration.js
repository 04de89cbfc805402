// Mentions in comments. Without a script the forms work all the same.
(() => {
  // Mentions: after an @ the colleagues who may see the record are offered; Enter or a click takes one.
  const WORDS = /@([^\s@]{0,30})$/;
  const WAIT_MILLISECONDS = 150;
  let timer = 0;

  const peopleOf = (box) => box.querySelector("[data-people]");
  const close = (box) => {
    clearTimeout(timer);
    const people = peopleOf(box);
    people.hidden = true;
    people.replaceChildren();
  };
  const sought = (area) => WORDS.exec(area.value.slice(0, area.selectionStart));
  const choose = (box, item) => {
    box.querySelectorAll("[data-chosen]").forEach((other) => other.removeAttribute("data-chosen"));
    item?.setAttribute("data-chosen", "");
  };

  const offer = async (box, area) => {
    const match = sought(area);
    if (!match) return close(box);
    const answer = await fetch(`${box.dataset.mentions}?q=${encodeURIComponent(match[1])}`, {
      headers: { "HX-Request": "true" },
    });
    if (!answer.ok || !sought(area)) return close(box);
    const people = peopleOf(box);
    people.innerHTML = await answer.text();
    people.hidden = false;
    choose(box, people.querySelector("[data-name]"));
  };

  const take = (box, item) => {
    const area = box.querySelector("textarea");
    const end = area.selectionStart;
    const start = end - sought(area)[0].length;
    area.setRangeText(`@${item.dataset.name} `, start, end, "end");
    close(box);
    area.focus();
  };

  document.addEventListener("input", (event) => {
    const box = event.target.closest?.("[data-mentions]");
    if (!box) return;
    clearTimeout(timer);
    timer = setTimeout(() => offer(box, event.target), WAIT_MILLISECONDS);
  });

  document.addEventListener("keydown", (event) => {
    const box = event.target.closest?.("[data-mentions]");
    if (!box || event.isComposing) return;
    const items = [...peopleOf(box).querySelectorAll("[data-name]")];
    const place = items.findIndex((item) => item.hasAttribute("data-chosen"));
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) box.closest("form").requestSubmit();
    else if (peopleOf(box).hidden) return;
    else if (event.key === "Escape") close(box);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : items.length - 1;
      choose(box, items[(place + step) % items.length]);
    } else if ((event.key === "Enter" || event.key === "Tab") && items[place]) take(box, items[place]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  document.addEventListener("click", (event) => {
    const item = event.target.closest("[data-mentions] [data-name]");
    if (item) take(item.closest("[data-mentions]"), item);
    else document.querySelectorAll("[data-mentions]").forEach((box) => box.contains(event.target) || close(box));
  });
})();
