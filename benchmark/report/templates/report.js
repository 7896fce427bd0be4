"use strict";

// A wide table fades at the edge behind which there is more, and only a table that scrolls is a stop of the keyboard.
for (const region of document.querySelectorAll(".scroll")) {
  const update = () => {
    const hidden = region.scrollWidth - region.clientWidth;
    region.toggleAttribute("data-more", hidden > 1 && region.scrollLeft < hidden - 1);
    if (hidden > 1) region.setAttribute("tabindex", "0");
    else region.removeAttribute("tabindex");
  };
  new ResizeObserver(update).observe(region);
  region.addEventListener("scroll", update, { passive: true });
}

// Draws the interactive charts in place of their pictures; where that fails, the pictures stay.
(async function () {
  const specifications = JSON.parse(document.getElementById("chart-specifications").textContent);
  const options = {
    mode: "vega-lite",
    renderer: "svg", // its colours are CSS variables, so the style sheet alone switches light and dark
    actions: false,
    ast: true, // Vega's own interpreter of expressions: the policy of the page forbids eval
    tooltip: { theme: "custom" },
  };
  if (document.fonts) {
    // Vega measures texts as it draws
    await Promise.all([document.fonts.load("400 12px 'Report Sans'"), document.fonts.load("600 12px 'Report Sans'")]);
  }
  for (const place of document.querySelectorAll("[data-chart]")) {
    const picture = Array.from(place.childNodes);
    const live = document.createElement("div");
    live.className = "live";
    place.append(live);
    try {
      await vegaEmbed(live, specifications[place.dataset.chart], options);
      picture.forEach((node) => node.remove());
      live.classList.add("drawn");
    } catch (error) {
      live.remove();
      console.error(error);
    }
  }
  document.documentElement.dataset.charts = "drawn";
})();
