// What the page shows of a search: its trials, each parameter, two of them together.
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
    ...["rmse", "mae"].filter((name) => name !== search.metric && search.trials.some((t) => name in t)).map((name) => (
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
    chart(190, `${search.metric} of ${shown.length} trials against ${parameter.name}; the best has ` +
      `${search.trials[0].settings[parameter.name] ?? "the default"}. The table of trials has the figures.`, draw));
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

// A parameter's values in groups for a heat map: each value by itself, or ranges of about as many
// values where there are many. null where there are fewer than two.
const kMostGroups = 6;
const groupsOf = (parameter, trials) => {
  const values = [...new Set(trials.map((t) => t.settings[parameter.name]))];
  if (values.length < 2) return null;
  const group = (label, has) => ({ label, has: (t) => has(t.settings[parameter.name]) });
  if (!values.every((v) => typeof v === "number")) {
    return values.length > 12 ? null : values.map((v) => group(String(v), (other) => other === v));
  }
  values.sort((a, b) => a - b);
  if (values.length <= kMostGroups) return values.map((v) => group(short(v), (other) => other === v));
  return Array.from({ length: kMostGroups }, (_, n) => {
    const of = values.slice(Math.round((n * values.length) / kMostGroups),
      Math.round(((n + 1) * values.length) / kMostGroups));
    const [low, high] = [of[0], of[of.length - 1]];
    return group(low === high ? short(low) : `${short(low)}–${short(high)}`, (v) => v >= low && v <= high);
  });
};

// Two parameters together: in each cell the best score of the trials in it. The first two to be shown
// are those whose groups differ most in their best scores.
const heatMap = (search) => {
  const ended = search.trials.filter((t) => t.score !== null && t.status === "ok");
  const bestOf = (trials) => trials.reduce((best, t) =>
    (!best || (search.higher_is_better ? t.score > best.score : t.score < best.score) ? t : best), null);
  const effects = search.parameters.map((parameter) => {
    const with_it = ended.filter((t) => parameter.name in t.settings);
    const groups = groupsOf(parameter, with_it);
    if (!groups) return null;
    const best = groups.map((g) => bestOf(with_it.filter(g.has)).score);
    return { name: parameter.name, groups, effect: Math.max(...best) - Math.min(...best) };
  }).filter((e) => e).sort((a, b) => b.effect - a.effect);
  if (effects.length < 2) return null;
  const place = el("div", { class: "heat" });
  let [across, down] = effects;
  const show = () => {
    const cells = down.groups.map((row) => across.groups.map((column) => {
      const trials = ended.filter((t) => across.name in t.settings && down.name in t.settings &&
        column.has(t) && row.has(t));
      return { row, column, count: trials.length, best: bestOf(trials) };
    }));
    const scores = withoutOutliers(cells.flat().filter((c) => c.best).map((c) => c.best.score),
      search.higher_is_better);
    const top = bestOf(cells.flat().map((c) => c.best).filter((t) => t));
    const [least, most] = [Math.min(...scores), Math.max(...scores)];
    // 0 for the worst that has a colour of its own, 1 for the best.
    const merit = (score) => {
      const share = most > least ? (score - least) / (most - least) : 1;
      return Math.min(1, Math.max(0, search.higher_is_better ? share : 1 - share));
    };
    const draw = (root, width) => {
      const room = Math.min(width * 0.3, Math.max(...down.groups.map((g) => g.label.length)) * 7 + 14);
      const [left, upper, high] = [room, 4, 40];
      const step = (width - left - 2) / across.groups.length;
      const digits = step > 56 ? 4 : 3;
      cells.forEach((row, r) => {
        root.append(svg("text", { x: left - 8, y: upper + r * high + high / 2 + 4, "text-anchor": "end" },
          down.groups[r].label));
        row.forEach((cell, c) => {
          const about = `${across.name} ${cell.column.label}, ${down.name} ${cell.row.label}: ` + (cell.best
            ? `${search.metric} ${fixed(cell.best.score)}, the best of ${cell.count} ` +
              `${cell.count === 1 ? "trial" : "trials"}` : "no trial");
          const share = cell.best ? merit(cell.best.score) : 0;
          root.append(withTip(svg("rect", { class: "cell", tabindex: "0", role: "img", "aria-label": about,
            x: left + c * step + 1, y: upper + r * high + 1, width: Math.max(1, step - 2), height: high - 2, rx: 3,
            fill: cell.best ? `color-mix(in srgb, var(--best) ${Math.round(6 + 46 * share)}%, var(--card))`
              : "var(--page)",
            ...(cell.best === top && top ? { stroke: "var(--second)", "stroke-width": 2.5 } : {}) },
          svg("title", {}, about)), about));
          if (!cell.best || step < 38) return;
          root.append(svg("text", { class: "value", x: left + (c + 0.5) * step,
            y: upper + r * high + high / 2 + 4, "text-anchor": "middle", "pointer-events": "none" },
            fixed(cell.best.score, digits)));
        });
      });
      const below = upper + cells.length * high + 16;
      let end = -Infinity;
      across.groups.forEach((g, c) => {
        const at = left + (c + 0.5) * step;
        const half = g.label.length * 3.3;
        if (at - half < end + 4 || at + half > width) return;
        end = at + half;
        root.append(svg("text", { x: at, y: below, "text-anchor": "middle" }, g.label));
      });
      root.append(svg("text", { class: "value", x: (left + width) / 2, y: below + 19, "text-anchor": "middle" },
        across.name));
    };
    place.replaceChildren(chart(cells.length * 40 + 46,
      `The best ${search.metric} by ${across.name} and ${down.name}: the best of all is ${fixed(top.score)} with ` +
      `${across.name} ${top.settings[across.name]} and ${down.name} ${top.settings[down.name]}`, draw, "group"));
  };
  const choice = (label, chosen, take) => el("label", {}, `${label} `,
    el("select", { onchange: (event) => { take(effects[Number(event.target.value)]); show(); } },
      effects.map((e, n) => el("option", { value: n, selected: e === chosen ? "" : null }, e.name))));
  show();
  return section("Two parameters together",
    `In each cell the best ${search.metric} of its trials; the darker, the better, and framed the best of all. ` +
    "Where a parameter has many values, a cell is a range of them.",
    effects.length > 2 ? el("div", { class: "choices" }, choice("across", across, (e) => { across = e; }),
      choice("down", down, (e) => { down = e; })) : el("p", {}, `across: ${across.name}, down: ${down.name}`),
    place);
};

// A search, or one of several, each without another fold.
const searchParts = (search) => [
  section("The best setting", search.best_text, el("div", { class: "chips" },
    Object.entries(search.best).map(([key, value]) => el("code", {}, `${key} = ${value}`))),
  el("pre", {}, search.best_command)),
  searchTable(search), heatMap(search), parameters(search), curves(search.curves), folds(search.fold_scores)];
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
