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

const settingsText = (settings) =>
  Object.entries(settings).map(([key, value]) => `${key} ${value}`).join("\n");
const trialTip = (search, trial) =>
  `trial ${trial.trial}: ${search.metric} ${fixed(trial.score)} ± ${fixed(trial.standard_error)}` +
  `${trial.tie ? " (tie)" : ""}\n${settingsText(trial.settings)}` +
  (trial.epochs ? `\nepochs ${trial.epochs}` : "");

const searchTable = (search) => {
  const epochs = search.trials.some((t) => t.epochs) &&
    !search.parameters.some((p) => p.name === "epochs");
  const columns = [
    { title: "rank", value: (t) => t.rank, show: (t) => (t.rank ? `${t.rank}${t.tie ? " =" : ""}` : "–") },
    { title: search.metric, value: (t) => t.score, show: (t) => fixed(t.score) },
    { title: "std. error", value: (t) => t.standard_error, show: (t) => fixed(t.standard_error) },
    ...search.parameters.map((p) => ({ title: p.name, value: (t) => t.settings[p.name],
      show: (t) => t.settings[p.name] ?? "default" })),
    ...(epochs ? [{ title: "epochs", value: (t) => t.epochs, show: (t) => t.epochs ?? "" }] : []),
    ...["rmse", "mae"].filter((name) => name !== search.metric).map((name) => (
      { title: name, value: (t) => t[name], show: (t) => fixed(t[name]) })),
    { title: "trial", value: (t) => t.trial, show: (t) => t.trial },
    { title: "status", text: true, value: (t) => t.status, show: (t) => t.status }];
  return section("Trials",
    `Means over ${search.folds} folds, best first. “=” marks a tie: over the folds it differs from ` +
    "the best by no more than the standard error of that difference.",
    ...table(columns, search.trials,
      { name: (t) => (t.rank === 1 ? "best" : t.status === "ok" ? "" : "off") }));
};

// One parameter against the score.
const parameterPanel = (search, parameter) => {
  // What was cut has the score of a few epochs, which tells of the learning rate only.
  const ended = search.trials.filter((t) => t.score !== null && t.status === "ok");
  const shown = (ended.length > 1 ? ended : search.trials.filter((t) => t.score !== null))
    .filter((t) => parameter.name in t.settings);
  if (shown.length < 2) return null;
  const values = shown.map((t) => t.settings[parameter.name]);
  const numbers = values.every((v) => typeof v === "number");
  const names = [...new Set(values.map(String))];
  const kept = withoutOutliers([search.trials[0].score, ...shown.map((t) => t.score)],
    search.higher_is_better);
  const draw = (root, width, height) => {
    const [left, right, top, bottom] = [50, width - 8, 8, height - 24];
    const y = linear(...padded(kept), bottom, top);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const x = !numbers ? (v) => left + ((names.indexOf(String(v)) + 0.5) / names.length) * (right - left)
      : parameter.logarithmic && low > 0 ? logarithmic(low, high, left + 8, right - 8)
        : linear(low, high, left + 8, right - 8);
    yAxis(root, y, left, right, 3);
    const ticks = !numbers ? names : new Set(values).size <= 6 ? [...new Set(values)].sort((a, b) => a - b) : x.ticks(4);
    xAxis(root, x, bottom, left, right, ticks, numbers ? short : String);
    // A trial with the default has no place on the axis.
    const best = search.trials[0];
    if (!(parameter.name in best.settings)) {
      root.append(
        withTip(svg("line", { x1: left, x2: right, y1: y(best.score), y2: y(best.score),
          stroke: "var(--best)", "stroke-width": 2, "stroke-dasharray": "5 4" }), trialTip(search, best)),
        svg("text", { class: "value", x: right, y: y(best.score) - 5, "text-anchor": "end" }, "best: the default"));
    }
    // The best last, on top.
    for (const trial of [...shown].sort((a, b) => (b.rank || 1e9) - (a.rank || 1e9))) {
      const first = trial.rank === 1;
      const place = Math.min(bottom, Math.max(top, y(trial.score)));
      root.append(withTip(svg("circle", {
        cx: x(trial.settings[parameter.name]), cy: place, r: first ? 6 : trial.tie ? 4.5 : 3.5,
        fill: first || trial.tie ? "var(--best)" : "var(--other)",
        "fill-opacity": first ? 1 : 0.65,
        stroke: first ? "var(--card)" : "none", "stroke-width": 1.5,
      }), trialTip(search, trial)));
    }
  };
  return el("div", {}, el("h3", {}, parameter.name),
    chart(190, `${search.metric} against ${parameter.name}`, draw));
};
const parameters = (search) => {
  const panels = search.parameters.map((p) => parameterPanel(search, p)).filter((p) => p);
  if (panels.length === 0) return null;
  return section(`Each parameter against ${search.metric}`,
    "A dot is a trial" + (search.higher_is_better ? "; higher is better. " : "; lower is better. ") +
    "Trials far worse than most lie on the edge; those that halving cut, and those that leave a parameter at its " +
    "default, are not shown.",
    legend(["the best, and ties with it", "best", "dot"], ["the others", "other", "dot"]),
    el("div", { class: "panels" }, panels));
};

let clips = 0;
const curves = (lines) => {
  if (!lines || lines.length === 0) return null;
  const best = lines[0];
  const validated = (line) => line.points.filter((p) => p[2] !== null && p[2] !== undefined);
  const draw = (root, width, height) => {
    const [left, right, top, bottom] = [50, width - 12, 10, height - 38];
    // Room for where validation errors settle, and as much below for the training errors, which
    // fall on.
    const measured = lines.flatMap((l) => validated(l).map((p) => p[2])).filter(Number.isFinite);
    const values = measured.length > 0 ? measured : best.points.map((p) => p[1]).filter(Number.isFinite);
    const least = Math.min(...values);
    const most = [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.9)];
    const room = Math.max(most - least, least * 0.03);
    const x = linear(1, Math.max(2, ...lines.flatMap((l) => l.points.map((p) => p[0]))), left, right);
    const y = linear(measured.length > 0 ? least - room : least, least + room * 1.2, bottom, top);
    yAxis(root, y, left, right, 3);
    xAxis(root, x, bottom, left, right, x.ticks(width < 500 ? 4 : 8));
    const inside = `inside-${++clips}`;
    root.append(svg("clipPath", { id: inside },
      svg("rect", { x: left, y: top - 4, width: right - left + 6, height: bottom - top + 4 })));
    const plot = svg("g", { "clip-path": `url(#${inside})` });
    root.append(plot);
    root.append(svg("text", { x: (left + right) / 2, y: height - 4, "text-anchor": "middle" }, "epoch"));
    const path = (points, column) => points.filter((p) => Number.isFinite(p[column]))
      .map((p, n) => `${n ? "L" : "M"}${x(p[0]).toFixed(1)} ${y(p[column]).toFixed(1)}`).join("");
    for (const line of [...lines].reverse()) {
      const points = validated(line);
      const color = line === best ? "var(--best)" : "var(--other)";
      plot.append(withTip(svg("path", { d: path(points, 2), fill: "none", stroke: color,
        "stroke-width": line === best ? 2.5 : 1.2 }), line.label));
      if (points.length < 12) {
        for (const p of points) {
          plot.append(withTip(svg("circle", { cx: x(p[0]), cy: y(p[2]), r: 3, fill: color }),
            `${line.label}\nepoch ${p[0]}: validation ${fixed(p[2])}, train ${fixed(p[1])}`));
        }
      }
    }
    plot.append(svg("path", { d: path(best.points, 1), fill: "none", stroke: "var(--second)",
      "stroke-width": 2 }));
    const chosen = best.points.find((p) => p[0] === best.epochs);
    if (chosen) {
      const at = x(chosen[0]);
      root.append(
        svg("line", { x1: at, x2: at, y1: top, y2: bottom, stroke: "var(--best)", "stroke-dasharray": "3 4" }),
        svg("text", { class: "value", x: at + (at > (left + right) / 2 ? -6 : 6), y: top + 12,
          "text-anchor": at > (left + right) / 2 ? "end" : "start" },
          `epoch ${chosen[0]}${Number.isFinite(chosen[2]) ? `: ${fixed(chosen[2])}` : ""}`));
    }
  };
  const several = lines.length > 1;
  return section("Learning curves",
    "RMSE by epoch, means over the models that were trained together. Training errors are of each " +
    "rating just before its update.",
    legend([several ? "validation, best trial" : "validation", "best"], ["training", "second"],
      ...(several ? [["validation, next best", "other"]] : [])),
    chart(300, "RMSE by epoch", draw));
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
    chart(parts.series.length * 44 + 40, `${parts.metric} by fold`, draw));
};

// Bars from [label, value, tip].
const bars = (rows, label, digits) => chart(220, label, (root, width, height) => {
  const [left, right, top, bottom] = [46, width - 4, 16, height - 24];
  const y = linear(0, Math.max(...rows.map((r) => r[1])) || 1, bottom, top);
  const step = (right - left) / rows.length;
  yAxis(root, y, left, right);
  root.append(svg("line", { class: "axis", x1: left, x2: right, y1: bottom, y2: bottom }));
  const every = Math.ceil((Math.max(...rows.map((r) => r[0].length)) * 7 + 6) / step);
  rows.forEach(([text, value, about], n) => {
    const x = left + n * step;
    root.append(withTip(svg("rect", { x: x + step * 0.12, y: y(value), width: step * 0.76,
      height: Math.max(1, bottom - y(value)), rx: 2, fill: "var(--best)", "fill-opacity": 0.85 }), about));
    if (step > 34) {
      root.append(svg("text", { class: "value", x: x + step / 2, y: y(value) - 4, "text-anchor": "middle" },
        fixed(value, digits)));
    }
    if (n % every === 0) {
      root.append(svg("text", { x: x + step / 2, y: bottom + 16, "text-anchor": "middle" }, text));
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
      `${short(rating)}: ${whole(count)} ratings, ${fixed((100 * count) / all, 1)}%`]),
    "share of each rating in percent", 0));
};
const errorsBy = (rows, title, who) => rows && rows.length > 0 ? section(title,
  `RMSE on ${data.errors.of}, by how many training ratings the ${who} has.`,
  bars(rows.map(([label, count, rmse, mae]) => [label, rmse,
    `${label} training ratings: RMSE ${fixed(rmse)}, MAE ${fixed(mae)}\n${whole(count)} test ratings`]),
  title, 3)) : null;

const models = (compared) => {
  if (!compared) return null;
  const figure = (title, key, digits = 4) => ({ title, value: (m) => m[key], show: (m) => fixed(m[key], digits) });
  const columns = [
    { title: "model", text: true, value: (m) => m.label, show: (m) => m.label },
    figure("RMSE", "rmse"), figure("MAE", "mae"),
    ...(compared.models[0].ranking ? compared.lists.map(({ title, key }) => ({ title,
      value: (m) => m.ranking[key], show: (m) => fixed(m.ranking[key]) })) : []),
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

// A search, or one of several, each without another fold.
const searchParts = (search) => [
  section("The best setting", search.best_text, el("div", { class: "chips" },
    Object.entries(search.best).map(([key, value]) => el("code", {}, `${key} = ${value}`))),
  el("pre", {}, search.best_command)),
  searchTable(search), parameters(search), curves(search.curves), folds(search.fold_scores)];
const searches = () => {
  if (!data.searches) return [];
  if (data.searches.length === 1) return searchParts(data.searches[0]);
  const place = el("div");
  const show = (n) => place.replaceChildren(...searchParts(data.searches[n]).filter((p) => p));
  show(0);
  return [section("Nested cross-validation", "Each search is made without one fold, on which its best setting " +
    "is then tested once.", el("label", {}, "Search without fold ",
    el("select", { onchange: (event) => show(Number(event.target.value)) },
      data.searches.map((s, n) => el("option", { value: n },
        `${n + 1}: selection ${fixed(s.trials[0].score)}, test ${fixed(s.test_score)}`))))), place];
};

page.replaceChildren(...[
  ...header(), models(data.compared), ...searches(), curves(data.curves), folds(data.fold_scores),
  data.errors ? el("div", { class: "halves" },
    errorsBy(data.errors.by_user, "Errors by user activity", "user"),
    errorsBy(data.errors.by_item, "Errors by item popularity", "item")) : null,
  histogram(), command(),
  data.searches ? el("footer", {}, "A selection score is the mean over the folds that also chose the setting; " +
    "it flatters. A test score is of ratings that had no part in any choice.") : null,
].filter((part) => part));
