// Runs before the first paint: who follows the system's theme gets the dark one without a flash.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    if (root.dataset.theme !== "system") return;
    root.dataset.bsTheme = dark.matches ? "dark" : "light";
    document.dispatchEvent(new CustomEvent("guanxi:theme"));
  };
  follow();
  dark.addEventListener("change", follow);
})();
