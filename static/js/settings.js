// The settings: copying a secret that is shown once.
for (const button of document.querySelectorAll("[data-copy]")) {
  const box = document.getElementById(button.dataset.copy);
  button.hidden = false;
  box.addEventListener("focus", () => box.select());
  if (document.activeElement === box) box.select();
  button.addEventListener("click", async () => {
    box.select();
    try {
      await navigator.clipboard.writeText(box.value);
    } catch { // not a secure address: the selection is copied as by hand
      document.execCommand("copy");
    }
    document.getElementById("copied").textContent = "Copied.";
  });
}
