// The search field narrows the table while one types; without this script its form asks the server.
for (const field of document.querySelectorAll("[data-filter]")) {
  const rows = document.querySelectorAll(`#${field.dataset.filter} tbody tr`);
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLowerCase();
    for (const row of rows) row.hidden = !row.dataset.text.includes(wanted);
  });
}
