// Sliders of weights: each shows its figure; publishing waits until they add up to 100.
(() => {
  const form = document.getElementById("weights");
  const sliders = [...form.querySelectorAll("input[type=range]")];
  const publish = form.querySelector("[data-publish]");
  const refresh = () => {
    let total = 0;
    for (const slider of sliders) {
      total += Number(slider.value);
      form.querySelector(`output[for="${slider.id}"]`).value = slider.value;
    }
    if (publish) publish.disabled = total !== 100;
  };
  form.addEventListener("input", refresh);
  refresh();
})();
