// Charts on ECharts. Markup: <div class="chart-box"><button class="chart-switch">…<div data-chart="KIND">…<script type="application/json">
// Colours come from the CSS tokens, so light and dark need no second definition. The shapes of the data:
//   fall   {steps: [[label, value, isTotal]], low, high}       what moved a figure from its first total to its last
//   trend  {labels, series: [{name, values, is_reference}], low, high, unit}   own line solid, comparison dashed grey
//   bars   {labels, values, reference: [], money, pale_last}    amounts over time, a dashed line for the target
//   rows   {labels, values, unit}                                how much of each, horizontal
(() => {
  const chinese = document.documentElement.lang.startsWith("zh");
  const MINUS = "−";
  let token, font;

  const readTokens = () => {
    const style = getComputedStyle(document.documentElement);
    token = (name) => style.getPropertyValue(`--gx-${name}`).trim();
    font = style.getPropertyValue("--gx-font");
  };

  const trim = (value, decimals) => String(Number(value.toFixed(decimals)));
  const scaled = (value) => {
    const size = Math.abs(value);
    const scales = chinese ? [[1e8, " 亿"], [1e4, " 万"]] : [[1e9, "B"], [1e6, "M"], [1e3, "K"]];
    const scale = scales.find(([least]) => size >= least);
    return scale ? trim(value / scale[0], 1) + scale[1] : trim(value, 1);
  };
  const signed = (value) => (value >= 0 ? "+" : MINUS) + Math.abs(value).toFixed(1);

  const faint = () => ({ color: token("ink-3"), fontSize: 11, fontFamily: font });
  const strong = () => ({ color: token("ink"), fontSize: 11, fontFamily: font, fontWeight: 500 });
  const grid = (more) => ({ left: 4, right: 8, top: 12, bottom: 2, containLabel: true, ...more });
  const categories = (data, interval) => ({
    type: "category", data, axisTick: { show: false },
    axisLine: { lineStyle: { color: token("line-strong") } }, axisLabel: { ...faint(), interval, hideOverlap: true },
  });
  const amounts = (more) => ({
    type: "value", splitNumber: 3, splitLine: { lineStyle: { color: token("line-soft") } },
    axisLabel: { ...faint(), formatter: scaled }, ...more,
  });
  const line = (data, color, more) => ({
    type: "line", data, symbol: "none", itemStyle: { color }, lineStyle: { width: 2, color }, ...more,
  });
  const everyFew = (labels) => Math.max(0, Math.ceil(labels.length / 5) - 1);

  const fall = ({ steps, low, high }) => {
    let running = 0;
    const hidden = [], shown = [];
    for (const [, value, isTotal] of steps) {
      const from = isTotal ? low : Math.min(running, running + value);
      const colour = isTotal ? "ink" : value >= 0 ? "closer" : "away";
      hidden.push(from - low);
      shown.push({
        value: isTotal ? value - low : Math.abs(value),
        itemStyle: { color: isTotal ? token("c5") : token(`${colour}-fill`), borderRadius: 2 },
        label: {
          ...strong(), show: true, position: "top", color: token(colour),
          formatter: isTotal ? value.toFixed(1) : signed(value),
        },
      });
      running = isTotal ? value : running + value;
    }
    return {
      grid: grid({ top: 20 }), xAxis: categories(steps.map(([label]) => label), 0),
      yAxis: { type: "value", show: false, min: 0, max: high - low },
      series: [
        { type: "bar", stack: "fall", silent: true, itemStyle: { color: "transparent" }, data: hidden, barWidth: "58%" },
        { type: "bar", stack: "fall", data: shown, barWidth: "58%", tooltip: { show: false } },
      ],
    };
  };

  // Steps that end on the bounds: 40, 50 … 90 instead of 40, 60, 80 and 90 right above it.
  const stepOf = (length) => [20, 10, 5, 25, 50].find((step) => length % step === 0 && length / step >= 2 && length / step <= 5);

  const trend = ({ labels, series, low, high }) => ({
    grid: grid({ right: 44 }), tooltip: { trigger: "axis" }, xAxis: { ...categories(labels, everyFew(labels)), boundaryGap: false },
    yAxis: amounts({ min: low, max: high, interval: stepOf(high - low) }),
    series: series.map(({ name, values, is_reference: isReference }) => line(values, token(isReference ? "c5" : "c1"), {
      name,
      lineStyle: { width: isReference ? 1.5 : 2, type: isReference ? "dashed" : "solid", color: token(isReference ? "c5" : "c1") },
      areaStyle: isReference ? undefined : { color: token("c1"), opacity: 0.08 },
      endLabel: isReference
        ? { ...faint(), show: true, formatter: name }
        : { ...strong(), show: true, fontSize: 12, fontWeight: 600, formatter: ({ value }) => trim(value, 1) },
    })),
  });

  const bars = ({ labels, values, reference, pale_last: paleLast }) => ({
    grid: grid({ top: 16 }), tooltip: { trigger: "axis", valueFormatter: scaled },
    xAxis: categories(labels, everyFew(labels)), yAxis: amounts({}),
    series: [
      {
        type: "bar", barWidth: "52%",
        data: values.map((value, place) => ({
          value,
          itemStyle: { color: token(paleLast && place === values.length - 1 ? "h3" : "c1"), borderRadius: [2, 2, 0, 0] },
        })),
      },
      ...(reference?.length ? [line(reference, token("c3"), { lineStyle: { width: 1.5, type: "dashed", color: token("c3") } })] : []),
    ],
  });

  const rows = ({ labels, values, unit = "" }) => ({
    grid: grid({ left: 0, right: 48 }), xAxis: { show: false, type: "value" },
    yAxis: { ...categories(labels, 0), inverse: true, axisLine: { show: false } },
    series: [{
      type: "bar", barWidth: 10, data: values, itemStyle: { color: token("c1"), borderRadius: 2 },
      label: { ...strong(), show: true, position: "right", formatter: ({ value }) => scaled(value) + unit },
    }],
  });

  const builders = { fall, trend, bars, rows };

  const tableRows = (kind, data) => {
    if (kind === "fall") return data.steps.map(([label, value, isTotal]) => [label, isTotal ? value.toFixed(1) : signed(value)]);
    if (kind === "trend") {
      const head = ["", ...data.series.map(({ name }) => name)];
      return [head, ...data.labels.map((label, place) => [label, ...data.series.map(({ values }) => values[place] ?? "—")])];
    }
    return data.labels.map((label, place) => [label, scaled(data.values[place])]);
  };

  const buildTable = (kind, data) => {
    const table = document.createElement("table");
    table.className = "tbl tight plain chart-table";
    for (const cells of tableRows(kind, data)) {
      const row = table.insertRow();
      cells.forEach((text, place) => {
        const cell = row.insertCell();
        cell.textContent = text;
        if (place) cell.className = "r num";
      });
    }
    return table;
  };

  const draw = (element) => {
    const data = JSON.parse(element.parentElement.querySelector("script").textContent);
    const chart = echarts.getInstanceByDom(element) ?? echarts.init(element, null, { renderer: "canvas" });
    const { tooltip, ...option } = builders[element.dataset.chart](data);
    chart.setOption({
      animation: false, textStyle: { fontFamily: font }, aria: { enabled: false }, ...option,
      tooltip: {
        renderMode: "richText", backgroundColor: token("surface"), borderColor: token("line"),
        textStyle: { color: token("ink"), fontSize: 12, fontFamily: font }, ...tooltip,
      },
    }, true);
  };

  const drawAll = () => {
    readTokens();
    document.querySelectorAll("[data-chart]").forEach(draw);
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest(".chart-switch");
    if (!button) return;
    const box = button.closest(".chart-box");
    const element = box.querySelector("[data-chart]");
    if (!box.querySelector(".chart-table")) {
      box.append(buildTable(element.dataset.chart, JSON.parse(box.querySelector("script").textContent)));
    }
    const isTable = box.dataset.view !== "table";
    box.dataset.view = isTable ? "table" : "chart";
    button.setAttribute("aria-pressed", String(isTable));
    if (!isTable) echarts.getInstanceByDom(element).resize();
  });
  document.addEventListener("guanxi:theme", drawAll);
  document.addEventListener("htmx:afterSettle", drawAll);
  addEventListener("resize", () => {
    document.querySelectorAll("[data-chart]").forEach((element) => echarts.getInstanceByDom(element)?.resize());
  });
  drawAll();
})();
