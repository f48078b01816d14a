// A server-drawn chart becomes interactive when it comes into view. If anything fails, the picture stays.
const near = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    near.unobserve(entry.target);
    draw(entry.target).catch((reason) => console.warn("The chart stays a picture.", reason));
  }
}, { rootMargin: "200px" });

const narrow = matchMedia("(max-width: 560px)").matches;

async function draw(figure) {
  const plot = figure.querySelector(".plot");
  if (!plot) return;
  const [answer] = await Promise.all([
    fetch(`${figure.dataset.chart}?narrow=${narrow}`), import(figure.dataset.vega), document.fonts.load("12px Inter"),
  ]);
  if (!answer.ok) throw new Error(`${answer.status}`);
  const stage = document.createElement("div");
  await window.vegaEmbed(stage, await answer.json(), {
    renderer: "svg", actions: false, ast: true, defaultStyle: false, tooltip: { disableDefaultStyle: true },
  });
  const drawn = stage.querySelector("svg");
  const [width, height] = ["width", "height"].map((name) => drawn.getAttribute(name));
  if (!drawn.hasAttribute("viewBox")) drawn.setAttribute("viewBox", `0 0 ${width} ${height}`);
  plot.replaceChildren(stage);
  figure.dataset.live = "";
}

for (const figure of document.querySelectorAll("[data-chart]")) near.observe(figure);
