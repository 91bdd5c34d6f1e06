// A link that fills in a figure the page suggests.
document.addEventListener("click", (event) => {
  const fill = event.target.closest?.("[data-fill]");
  if (fill) {
    event.preventDefault();
    const entry = document.getElementById(fill.dataset.fillInto);
    entry.value = Number(fill.dataset.fill);
    entry.dispatchEvent(new Event("change", { bubbles: true }));
    entry.focus();
  }
});
