// A step that takes a moment cannot be started twice by a second click.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", () => {
    for (const button of form.querySelectorAll("button[type=submit]")) {
      button.setAttribute("aria-busy", "true");
      setTimeout(() => { button.disabled = true; }, 0);
    }
  });
}
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
