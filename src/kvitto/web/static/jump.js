// A click on a phrase that does not resolve selects it in the text field below.
for (const link of document.querySelectorAll("[data-jump]")) {
  link.addEventListener("click", (event) => {
    const field = document.getElementById(link.dataset.jump);
    if (!field) return;
    const at = field.value.indexOf(link.dataset.phrase);
    event.preventDefault();
    field.closest("details").open = true;
    field.focus();
    if (at >= 0) field.setSelectionRange(at, at + link.dataset.phrase.length);
  });
}
