// The board: cards are dragged by mouse or finger, moved by M and the arrows, or by the menu of a card.
// The server decides: when it refuses, the card goes back where it came from.
(() => {
  const board = () => document.querySelector("[data-board]");
  const laneOf = (card) => card.closest("[data-lane]");
  const say = (text) => (board().querySelector("[data-said]").textContent = text);
  let moving = null;

  const send = (card, from, before) => {
    const { moveUrl, query } = board().dataset;
    const url = moveUrl.replace("/0/", `/${card.dataset.card}/move/`) + query;
    const values = { lane: laneOf(card).dataset.lane, version: card.dataset.version };
    const back = () => from.querySelector("[data-cards]").insertBefore(card, before);
    const refused = (event) => {
      if (event.detail.requestConfig?.path !== url) return;
      back();
      say(card.querySelector("a").textContent);
    };
    document.body.addEventListener("htmx:responseError", refused, { once: true });
    document.body.addEventListener("htmx:sendError", refused, { once: true });
    htmx.ajax("POST", url, { values, swap: "none" }).then(() => {
      document.body.removeEventListener("htmx:responseError", refused);
      document.body.removeEventListener("htmx:sendError", refused);
    });
  };

  const moveTo = (card, lane) => {
    const from = laneOf(card);
    if (!lane || lane === from) return;
    const before = card.nextElementSibling;
    lane.querySelector("[data-cards]").prepend(card);
    card.focus();
    card.scrollIntoView({ block: "nearest", inline: "nearest" });
    say(lane.getAttribute("aria-label"));
    send(card, from, before);
  };

  // The answer carries the card's new version, which the next move shows that it has seen.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const moved = event.detail.xhr.responseText.match(/data-moved="(\d+)" data-version="(\d+)"/);
    const card = moved && document.querySelector(`[data-card="${moved[1]}"]`);
    if (card) card.dataset.version = moved[2];
  });

  const start = () => {
    board()?.querySelectorAll("[data-cards]").forEach((cards) => {
      if (cards.sortable || !cards.querySelector("[data-move], :scope:empty") && cards.children.length) return;
      cards.sortable = new Sortable(cards, {
        group: "lanes",
        draggable: "[data-card]",
        delay: 180,
        delayOnTouchOnly: true,
        animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
        ghostClass: "ghost",
        onStart: (event) => (event.item.before = event.item.nextElementSibling),
        onEnd: ({ item, from, to }) => from !== to && send(item, laneOf(from), item.before),
      });
    });
  };
  document.addEventListener("DOMContentLoaded", start);
  document.addEventListener("htmx:afterSettle", start);

  document.addEventListener("keydown", (event) => {
    const card = event.target.closest?.("[data-card]");
    if (!card || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "m" && card.querySelector("[data-move]")) {
      moving = card;
      card.classList.add("moving");
    } else if (moving && ["ArrowLeft", "ArrowRight"].includes(event.key)) {
      const lane = laneOf(card);
      moveTo(card, event.key === "ArrowLeft" ? lane.previousElementSibling : lane.nextElementSibling);
    } else if (moving && ["Escape", "Enter"].includes(event.key)) {
      moving.classList.remove("moving");
      moving = null;
    } else if (["ArrowDown", "ArrowUp"].includes(event.key)) {
      (event.key === "ArrowDown" ? card.nextElementSibling : card.previousElementSibling)?.focus();
    } else if (event.key === "Enter" && event.target === card) {
      card.querySelector("a").click();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    const dialog = board().querySelector(".move-menu");
    const card = button.closest("[data-card]");
    dialog.returnValue = "";
    dialog.addEventListener("close", () => {
      moveTo(card, board().querySelector(`[data-lane="${CSS.escape(dialog.returnValue)}"]`));
    }, { once: true });
    dialog.showModal();
  });
})();
