// What the page shows of a trained model: lists for some of its users, and a map of its items.
const samples = (sample) => {
  if (!sample || sample.users.length === 0) return null;
  const score = sample.rated ? 2 : 4;
  const person = (user) => el("div", {},
    el("h3", {}, `User ${user.id}, with ${user.kind}: ${whole(user.ratings)}`),
    el("h4", {}, "rated highest"),
    el("ul", {}, user.liked.map(([title, rating]) => el("li", {}, el("b", {}, short(rating)), ` ${title}`))),
    el("h4", {}, "is shown"),
    el("ol", {}, user.shown.map(([title, value, held_out]) => el("li", { class: held_out === null ? "" : "hit" },
      `${title} `, el("small", {}, fixed(value, score) +
        (held_out === null ? "" : `; rated ${short(held_out)} in the test part`))))));
  return section("Lists of three users", "Users with few, with a middling number of and with many training ratings: " +
    `what they rated highest, and the ${sample.users[0].shown.length} items that the model shows them, ` +
    `${sample.order}. Behind an item is ${sample.rated ? "the rating that is predicted" : "its score"}` +
    `${sample.held_out ? ", and the user's own rating where it was held out" : ""}.`,
  el("div", { class: "users" }, sample.users.map(person)));
};

// Items at their places; those with the most ratings have their titles, as far as there is room.
const itemMap = (map) => {
  if (!map) return null;
  const items = map.items;
  const most = items[0][3];
  const draw = (root, width, height) => {
    const [left, right, top, bottom] = [8, width - 8, 8, height - 8];
    const x = linear(...padded(items.map((i) => i[1])), left, right);
    const y = linear(...padded(items.map((i) => i[2])), bottom, top);
    root.append(svg("rect", { class: "frame-line", x: left, y: top, width: right - left, height: bottom - top,
      rx: 4, fill: "none" }));
    const radius = (count) => 1.5 + 4.5 * Math.sqrt(count / most);
    for (const [title, across, up, count] of [...items].reverse()) {
      root.append(withTip(svg("circle", { cx: x(across).toFixed(1), cy: y(up).toFixed(1), r: radius(count).toFixed(1),
        fill: "var(--best)", "fill-opacity": 0.4 }), `${title}\n${whole(count)} training ratings`));
    }
    const taken = [];
    for (const [title, across, up, count] of items.slice(0, width < 600 ? 40 : 90)) {
      const text = title.length > 26 ? `${title.slice(0, 25)}…` : title;
      const label = svg("text", { class: "value place" }, text);
      root.append(label);
      const long = label.getComputedTextLength();
      const reach = radius(count) + 3;
      const box = (from, base) => ({ base, left: from, right: from + long, top: base - 11, bottom: base + 3 });
      // Right of the dot, left of it, above, below: the first place that is free.
      const free = [box(x(across) + reach, y(up) + 4), box(x(across) - reach - long, y(up) + 4),
        box(x(across) - long / 2, y(up) - reach - 2), box(x(across) - long / 2, y(up) + reach + 10)]
        .find((b) => b.left >= left && b.right <= right && b.top >= top && b.bottom <= bottom &&
          taken.every((t) => b.right < t.left || b.left > t.right || b.bottom < t.top || b.top > t.bottom));
      if (!free) {
        label.remove();
        continue;
      }
      taken.push(free);
      label.setAttribute("x", free.left.toFixed(1));
      label.setAttribute("y", free.base.toFixed(1));
    }
  };
  const percent = map.shares.map((share) => `${fixed(100 * share, 0)}%`).join(" and ");
  return section("A map of the items", `The ${whole(items.length)} items with the most training ratings, at the first ` +
    `two principal components of their factors, which hold ${percent} of what the factors differ by. Near items have ` +
    "like factors; larger dots have more ratings.",
  chart(520, `A map of ${whole(items.length)} items by their factors; the most rated are ` +
    `${items.slice(0, 10).map((i) => i[0]).join(", ")}`, draw),
  figures(["item", "first", "second", "ratings"], items.slice(0, 100).map((i) =>
    [i[0], short(i[1]), short(i[2]), whole(i[3])])));
};
