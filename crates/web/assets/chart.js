// Draws the charts of the top page from the numbers in its attributes. The table below them says the same without script.
"use strict";
(() => {
  const host = document.querySelector("[data-chart]");
  if (!host || !window.uPlot) return;
  const read = (name) => JSON.parse(host.dataset[name]);
  const starts = read("starts");
  const lang = document.documentElement.lang || "ja";
  const number = new Intl.NumberFormat(lang);
  const two = (value) => String(value).padStart(2, "0");

  // Japan has no daylight saving: nine hours ahead, the whole year.
  function label(index, full) {
    if (!Number.isInteger(index) || starts[index] === undefined) return "";
    const at = new Date((starts[index] + 9 * 3600) * 1000);
    const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate()];
    switch (host.dataset.unit) {
      case "hour": return full || starts.length > 24 ? `${month}/${day} ${two(at.getUTCHours())}:00` : `${two(at.getUTCHours())}:00`;
      case "month": return `${year}/${two(month)}`;
      default: return full || starts.length > 180 ? `${year}/${month}/${day}` : `${month}/${day}`;
    }
  }

  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const font = () => `12px ${getComputedStyle(document.body).fontFamily}`;
  const short = new Intl.NumberFormat(lang, { notation: "compact", useGrouping: "always" });

  function plot(place) {
    const { series, label: name, unit } = place.dataset;
    const [ink, line, bar] = [color("--faint"), color("--line"), color(series === "amount" ? "--act" : "--good")];
    const axis = { stroke: ink, font: font(), grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
    const options = {
      width: place.clientWidth,
      height: 220,
      scales: { x: { time: false, range: [-0.5, starts.length - 0.5] }, y: { range: (u, least, most) => [0, most > 0 ? most * 1.08 : 1] } },
      legend: { markers: { show: false } },
      cursor: { y: false, drag: { x: false, y: false } },
      series: [
        { label: place.dataset.when, value: (u, value, s, index) => (index === null ? "–" : label(index, true)) },
        {
          label: name, stroke: bar, fill: bar, points: { show: false }, paths: uPlot.paths.bars({ size: [0.75, 40] }),
          value: (u, value) => (value === null || value === undefined ? "–" : number.format(value) + unit),
        },
      ],
      axes: [
        { ...axis, grid: { show: false }, space: host.dataset.unit === "hour" ? 84 : 64, incrs: host.dataset.unit === "hour" ? [1, 2, 3, 6, 12, 24, 48, 168, 336, 720, 2160, 4320, 8640] : [1, 2, 5, 7, 10, 14, 20, 30, 60, 90, 180, 360, 1000], values: (u, splits) => splits.map((index) => label(index, false)) },
        { ...axis, size: 64, incrs: [1, 2, 5, 10, 20, 50].concat([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power))), values: (u, splits) => splits.map((value) => short.format(value)) },
      ],
    };
    place.replaceChildren();
    return new uPlot(options, [starts.map((start, index) => index), read(series)], place);
  }

  const places = [...host.querySelectorAll("[data-series]")];
  let plots = [];
  const draw = () => { plots.forEach((one) => one.destroy()); plots = places.map(plot); };
  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  let width = host.clientWidth;
  new ResizeObserver(() => {
    if (host.clientWidth === width) return;
    width = host.clientWidth;
    plots.forEach((one, index) => one.setSize({ width: places[index].clientWidth, height: 220 }));
  }).observe(host);
})();
