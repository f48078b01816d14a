// Leaving a page with changed texts asks first.
const forms = document.querySelectorAll("form[data-unsaved]");
let leaving = false;

const changed = () => [...document.querySelectorAll("textarea")].some((area) => area.value !== area.defaultValue);

for (const form of forms) form.addEventListener("submit", () => { leaving = true; });
addEventListener("beforeunload", (event) => {
  if (!leaving && changed()) event.preventDefault();
});
