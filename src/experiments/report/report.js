// Draws the report from the JSON beside it, with what charts.js has.
const data = JSON.parse(document.getElementById("report-data").textContent);
const page = document.getElementById("page");

// The parts of the page; each gives nothing where there is nothing to show.
const header = () => {
  const theme = el("button", { type: "button", class: "theme", onclick: () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  } }, "light / dark");
  return [
    el("header", {}, el("h1", {}, data.title), theme),
    el("ul", { class: "facts" },
      data.facts.map(([key, value]) => el("li", {}, `${key} `, el("b", {}, value)))),
    el("div", { class: "scores" }, data.scores.map((score) => el("div", { class: "score" },
      el("span", {}, score.label),
      el("b", {}, fixed(score.value),
        score.standard_error ? el("small", { title: "standard error" },
          ` ± ${fixed(score.standard_error)} se`) : null),
      el("span", {}, score.note))))];
};

const curves = (lines) => {
  if (!lines || lines.length === 0) return null;
  const step = data.step || "epoch";
  const best = lines[0];
  const several = lines.length > 1;
  const validated = (line) => line.points.filter((p) => p[2] !== null && p[2] !== undefined);
  const draw = (root, width, height) => {
    const [left, right, top, bottom] = [50, width - 12, 10, height - 38];
    // All of what is drawn: validation of every line, training of the best.
    const values = [...lines.flatMap((l) => validated(l).map((p) => p[2])), ...best.points.map((p) => p[1])]
      .filter(Number.isFinite);
    const x = linear(1, Math.max(2, ...lines.flatMap((l) => l.points.map((p) => p[0]))), left, right);
    const y = linear(...padded(values, 0.04), bottom, top);
    yAxis(root, y, left, right, 2);
    xAxis(root, x, bottom, left, right, x.ticks(width < 500 ? 5 : 8));
    root.append(svg("text", { x: (left + right) / 2, y: height - 4, "text-anchor": "middle" }, step));
    const path = (points, column) => points.filter((p) => Number.isFinite(p[column]))
      .map((p, n) => `${n ? "L" : "M"}${x(p[0]).toFixed(1)} ${y(p[column]).toFixed(1)}`).join("");
    const curve = (line, points, column, color, wide) => {
      root.append(withTip(svg("path", { class: "curve", d: path(points, column), fill: "none", stroke: color,
        "stroke-width": wide }), line.label));
      if (points.length >= 12) return;
      for (const p of points.filter((p) => Number.isFinite(p[column]))) {
        root.append(withTip(svg("circle", { cx: x(p[0]), cy: y(p[column]), r: 3, fill: color }),
          `${line.label}\n${step} ${p[0]}: training ${fixed(p[1])}` +
          (Number.isFinite(p[2]) ? `, ${line.measured} ${fixed(p[2])}` : "")));
      }
    };
    for (const line of [...lines].reverse()) {
      curve(line, validated(line), 2, line === best ? "var(--best)" : "var(--other)", line === best ? 2.5 : 1.2);
    }
    curve(best, best.points, 1, "var(--second)", 2);
    const chosen = best.points.find((p) => p[0] === best.epochs);
    if (chosen) {
      const at = x(chosen[0]);
      root.append(
        svg("line", { x1: at, x2: at, y1: top, y2: bottom, stroke: "var(--best)", "stroke-dasharray": "3 4" }),
        svg("text", { class: "value", x: at + (at > (left + right) / 2 ? -6 : 6), y: top + 12,
          "text-anchor": at > (left + right) / 2 ? "end" : "start" },
          `${step} ${chosen[0]}${Number.isFinite(chosen[2]) ? `: ${fixed(chosen[2])}` : ""}`));
    }
  };
  const measured = validated(best);
  const course = (points, column) => `from ${fixed(points[0][column])} at ${step} ${points[0][0]} to ` +
    `${fixed(points[points.length - 1][column])} at ${step} ${points[points.length - 1][0]}`;
  const label = `RMSE by ${step}${several ? " of the best trial" : ""}. Training ${course(best.points, 1)}` +
    (measured.length > 0 ? `; ${best.measured} ${course(measured, 2)}, least ` +
      `${fixed(Math.min(...measured.map((p) => p[2])))}.` : ".");
  return section("Learning curves",
    `RMSE by ${step}, means over the models that were trained together. ` + (data.step === "sweep"
      ? "Training errors are of one draw, those of the test part of the mean of all draws so far."
      : "Training errors are of each rating just before its update."),
    legend(...(measured.length > 0 ? [[several ? `${best.measured}, best trial` : best.measured, "best"]] : []),
      ["training", "second"], ...(several ? [[`${best.measured}, next best`, "other"]] : [])),
    chart(300, label, draw),
    figures([step, "training", ...(measured.length > 0 ? [best.measured] : [])], best.points.map((p) =>
      [p[0], fixed(p[1]), ...(measured.length > 0 ? [fixed(p[2])] : [])])));
};

// One row for each series: a dot a fold, and mean and standard error.
const folds = (parts) => {
  if (!parts || parts.series.length === 0 || parts.series[0].values.length < 1) return null;
  const several = parts.series.length > 1;
  const draw = (root, width, height) => {
    const longest = Math.max(...parts.series.map((s) => s.label.length));
    const room = several ? Math.min(longest * 7.5 + 16, width * 0.4) : 50;
    const [left, right, top, bottom] = [room, width - 14, 6, height - 24];
    const x = linear(...padded(parts.series.flatMap((s) => s.values.filter(Number.isFinite))), left, right);
    const ticks = x.ticks(width < 500 ? 3 : 6);
    for (const tick of ticks) {
      root.append(svg("line", { class: "grid", x1: x(tick), x2: x(tick), y1: top, y2: bottom }));
    }
    xAxis(root, x, bottom, left, right, ticks, (v) => fixed(v, 3));
    parts.series.forEach((one, row) => {
      const step = (bottom - top) / parts.series.length;
      const y = top + (row + 0.5) * step;
      const color = row === 0 ? "var(--best)" : "var(--other)";
      root.append(svg("text", { class: "value", x: left - 8, y: y + 4, "text-anchor": "end" },
        several ? one.label : "folds"));
      one.values.forEach((value, fold) => Number.isFinite(value) && root.append(withTip(
        svg("circle", { cx: x(value), cy: y - 7, r: 4, fill: color, "fill-opacity": 0.55 }),
        `${one.label}, fold ${fold + 1}: ${parts.metric} ${fixed(value)}`)));
      const ends = [one.mean - one.standard_error, one.mean + one.standard_error].map(x);
      root.append(
        svg("line", { x1: ends[0], x2: ends[1], y1: y + 6, y2: y + 6, stroke: color, "stroke-width": 3 }),
        withTip(svg("rect", { x: x(one.mean) - 4, y: y + 1, width: 8, height: 10, rx: 2, fill: color }),
          `${one.label}: mean ${fixed(one.mean)} ± ${fixed(one.standard_error)}`));
    });
  };
  return section(`Fold by fold: ${parts.metric}`,
    "Dots are folds; the bar below them is their mean with its standard error.",
    chart(parts.series.length * 44 + 40, `${parts.metric} by fold. ` + parts.series.map((one) =>
      `${one.label}: mean ${fixed(one.mean)}, standard error ${fixed(one.standard_error)}`).join("; "), draw),
    figures(["", ...parts.series[0].values.map((_, fold) => `fold ${fold + 1}`), "mean", "std. error"],
      parts.series.map((one) => [one.label, ...one.values.map((v) => fixed(v)), fixed(one.mean),
        fixed(one.standard_error)])));
};

// "950", "9.1k", "91k", "1.2M".
const rounded = (count) => {
  const [unit, by] = count < 1000 ? ["", 1] : count < 999500 ? ["k", 1000] : ["M", 1e6];
  const value = count / by;
  return (by === 1 ? String(count) : value.toFixed(value < 9.95 ? 1 : 0)) + unit;
};

// Bars from [label, value, tip, count]: below each, how many ratings it stands for.
const bars = (rows, label, digits) => chart(240, label, (root, width, height) => {
  const [left, right, top, bottom] = [46, width - 4, 16, height - 44];
  const y = linear(0, Math.max(...rows.map((r) => r[1])) || 1, bottom, top);
  const step = (right - left) / rows.length;
  yAxis(root, y, left, right);
  root.append(svg("line", { class: "axis", x1: left, x2: right, y1: bottom, y2: bottom }));
  root.append(svg("text", { x: left - 6, y: bottom + 34, "text-anchor": "end" }, "ratings"));
  const every = (texts) => Math.ceil((Math.max(...texts.map((text) => text.length)) * 7 + 6) / step);
  const [names, counts] = [every(rows.map((r) => r[0])), every(rows.map((r) => rounded(r[3])))];
  rows.forEach(([text, value, about, count], n) => {
    const x = left + n * step;
    root.append(withTip(svg("rect", { x: x + step * 0.12, y: y(value), width: step * 0.76,
      height: Math.max(1, bottom - y(value)), rx: 2, fill: "var(--best)", "fill-opacity": 0.85 }), about));
    if (step > 34) {
      root.append(svg("text", { class: "value", x: x + step / 2, y: y(value) - 4, "text-anchor": "middle" },
        fixed(value, digits)));
    }
    if (n % names === 0) {
      root.append(svg("text", { x: x + step / 2, y: bottom + 16, "text-anchor": "middle" }, text));
    }
    if (n % counts === 0) {
      root.append(svg("text", { class: "count", x: x + step / 2, y: bottom + 34, "text-anchor": "middle" },
        rounded(count)));
    }
  });
});
const histogram = () => {
  const rows = data.data && data.data.histogram;
  if (!rows) return null;
  const all = rows.reduce((sum, r) => sum + r[1], 0);
  return section("Ratings", `${whole(data.data.ratings)} by ${whole(data.data.users)} users of ` +
    `${whole(data.data.items)} items, mean ${fixed(data.data.mean, 2)}; bars in percent.`,
    bars(rows.map(([rating, count]) => [short(rating), (100 * count) / all,
      `${short(rating)}: ${whole(count)} ratings, ${fixed((100 * count) / all, 1)}%`, count]),
    "Share of each rating. " + rows.map(([rating, count]) =>
      `${short(rating)}: ${fixed((100 * count) / all, 1)}%`).join(", "), 0),
    figures(["rating", "ratings", "percent"], rows.map(([rating, count]) =>
      [short(rating), whole(count), fixed((100 * count) / all, 1)])));
};
const errorsBy = (rows, title, who) => rows && rows.length > 0 ? section(title,
  `RMSE on ${data.errors.of}, by how many training ratings the ${who} has; below, how many ratings are ` +
  "predicted.",
  bars(rows.map(([label, count, rmse, mae]) => [label, rmse,
    `${label} training ratings: RMSE ${fixed(rmse)}, MAE ${fixed(mae)}\n${whole(count)} test ratings`, count]),
  `${title}. RMSE by training ratings: ` + rows.map(([label, , rmse]) => `${label}: ${fixed(rmse, 3)}`).join(", "), 3),
  figures([`ratings of the ${who}`, "predicted", "RMSE", "MAE"], rows.map(([label, count, rmse, mae]) =>
    [label, whole(count), fixed(rmse), fixed(mae)]))) : null;

// How many ratings are within the intervals that deviations promise.
const calibration = (found) => {
  if (!found) return null;
  const percent = (share) => `${fixed(100 * share, 1)}%`;
  const draw = (root, width, height) => {
    const [left, right, top, bottom] = [50, width - 12, 10, height - 38];
    const x = linear(0, 100, left, right);
    const y = linear(0, 100, bottom, top);
    yAxis(root, y, left, right);
    xAxis(root, x, bottom, left, right, x.ticks(width < 500 ? 5 : 10));
    root.append(
      svg("text", { x: (left + right) / 2, y: height - 4, "text-anchor": "middle" }, "promised, percent"),
      svg("line", { x1: x(0), x2: x(100), y1: y(0), y2: y(100), stroke: "var(--other)", "stroke-dasharray": "3 4" }),
      svg("path", { class: "curve", fill: "none", stroke: "var(--best)", "stroke-width": 2, d: found.levels.map(
        ([level, share], n) => `${n ? "L" : "M"}${x(100 * level).toFixed(1)} ${y(100 * share).toFixed(1)}`).join("") }));
    for (const [level, share] of found.levels) {
      root.append(withTip(svg("circle", { cx: x(100 * level), cy: y(100 * share), r: 4, fill: "var(--best)" }),
        `intervals of ${short(100 * level)}% hold ${percent(share)}`));
    }
  };
  return section("Calibration", `Of ${whole(found.ratings)} ratings of ${found.of}: how many are within the central ` +
    "intervals of their predictions, with normally distributed ratings. Above the dashed line deviations are larger " +
    `than they need be, below it they promise too much. The mean deviation is ${fixed(found.deviation, 3)}, the ` +
    `continuous ranked probability score ${fixed(found.crps)}.`,
  legend(["found", "best"], ["as promised", "other"]),
  chart(300, "Calibration. " + found.levels.map(([level, share]) =>
    `${short(100 * level)}% intervals hold ${percent(share)}`).join(", "), draw),
  figures(["promised", "found"], found.levels.map(([level, share]) => [`${short(100 * level)}%`, percent(share)])));
};

// How lists are found to be, as texts.
const lists = (found) => found ? section("Lists", `Means over users: ${found.protocol}.`,
  ...table(found.header.map((title, c) => ({ title, text: c === 0, value: (row) => row[c],
    show: (row) => row[c] })), found.rows)) : null;

const models = (compared) => {
  if (!compared) return null;
  const figure = (title, key, digits = 4) => ({ title, value: (m) => m[key], show: (m) => fixed(m[key], digits) });
  // The figures of lists of the first length stand beside those of the others.
  const ofLength = (ranking, length) => length === 0 ? ranking : ranking.others[length - 1];
  const columns = [
    { title: "model", text: true, value: (m) => m.label, show: (m) => m.label },
    ...(compared.models.some((m) => "rmse" in m) ? [figure("RMSE", "rmse"), figure("MAE", "mae")] : []),
    ...(compared.models.some((m) => "calibration" in m) ? [["in 50%", "coverage_50", 3], ["in 90%", "coverage_90", 3],
      ["CRPS", "crps", 4], ["deviation", "mean_deviation", 4]].map(([title, key, digits]) => ({ title,
      value: (m) => m.calibration && m.calibration[key],
      show: (m) => (m.calibration ? fixed(m.calibration[key], digits) : "–") })) : []),
    ...(compared.models[0].ranking ? compared.lists.map(({ title, key, length }) => ({ title,
      value: (m) => ofLength(m.ranking, length)[key],
      show: (m) => fixed(ofLength(m.ranking, length)[key]) })) : []),
    { title: `difference in ${compared.metric}`, value: (m) => m.difference,
      show: (m) => (m.difference === null ? "–" : (m.difference > 0 ? "+" : "") + fixed(m.difference)) },
    { title: "p (Holm)", value: (m) => m.p, show: (m) => (m.p === null ? "–" : m.p < 0.0001 ? "< 0.0001" : fixed(m.p)) },
    figure("seconds", "seconds", 1)];
  return section("Models", `Means over the same ${compared.folds} folds, best ${compared.metric} first. ` +
    "Differences are from the best; p is of a paired t-test over folds, corrected for the training " +
    "ratings that folds share and for the number of comparisons.",
    ...table(columns, compared.models, { name: (m) => (m.difference === null ? "best" : "") }));
};

const command = () => {
  const copy = el("button", { type: "button", class: "copy", onclick: async () => {
    try {
      await navigator.clipboard.writeText(data.command);
      copy.textContent = "copied";
    } catch {
      getSelection().selectAllChildren(text);
    }
  } }, "copy");
  const text = el("pre", {}, data.command);
  return section("Reproduce", `Tusk ${data.version}, ${data.device}. On the CPU the same command gives ` +
    "the same figures, whatever the number of threads.", text, copy);
};

page.replaceChildren(...[
  ...header(), models(data.compared), ...searches(), lists(data.lists), curves(data.curves),
  folds(data.fold_scores), samples(data.samples), itemMap(data.map),
  data.errors ? el("div", { class: "halves" },
    errorsBy(data.errors.by_user, "Errors by user activity", "user"),
    errorsBy(data.errors.by_item, "Errors by item popularity", "item")) : null,
  calibration(data.calibration), histogram(), command(),
  data.searches ? el("footer", {}, "A selection score is the mean over the folds that also chose the setting; " +
    "it flatters. A test score is of ratings that had no part in any choice.") : null,
].filter((part) => part));
