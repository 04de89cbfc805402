// The card steps through the records of the list from which the person came, in its order and beyond its page.
(() => {
  const KEPT = "guanxi:rows";
  const nav = document.querySelector("[data-steps]");
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  const place = kept ? kept.cards.indexOf(location.pathname) : -1;
  if (!nav || place < 0) return;

  // A step beyond the page of the list reads the next one, keeps its order and goes to its first or last card.
  const turn = async (address, step) => {
    const answer = await fetch(address);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const rows = page.getElementById("list-rows");
    const cards = [...(rows?.querySelectorAll("[data-open]") ?? [])].map((link) => link.pathname);
    if (!cards.length) return;
    const path = address.split("?")[0];
    const { first, previous, next } = rows.dataset;
    const pages = { previous: previous && path + previous, next: next && path + next };
    sessionStorage.setItem(KEPT, JSON.stringify({ address, cards, first: Number(first), ...pages }));
    location.assign(step > 0 ? cards[0] : cards.at(-1));
  };

  for (const link of nav.querySelectorAll("[data-step-to]")) {
    const step = Number(link.dataset.stepTo);
    const card = kept.cards[place + step];
    const page = step > 0 ? kept.next : kept.previous;
    if (card) link.href = card;
    else if (page) {
      link.href = page;
      link.addEventListener("click", (event) => {
        event.preventDefault();
        turn(page, step);
      });
    } else {
      link.removeAttribute("data-key");
      link.setAttribute("role", "link"); // without an address it would be no link, and have no name
      link.setAttribute("aria-disabled", "true");
    }
  }
  const back = nav.querySelector("[data-place]");
  back.href = kept.address;
  back.textContent = (kept.first + place).toLocaleString("en");
  nav.hidden = false;
})();
