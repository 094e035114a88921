// How items, ratings and numbers are put into words.

// What the server has: set once the model and its items are known.
export const catalogue = {
  model: null,
  hasTitles: true,
};

export const noun = (count = 2) => {
  const word = catalogue.hasTitles ? "film" : "item";
  return count === 1 ? word : `${word}s`;
};

export const counted = (count, word = null) =>
  `${whole(count)} ${word ? word + (count === 1 ? "" : "s") : noun(count)}`;

const articles = "The|A|An|Les|Le|La|L'|Los|Las|El|Il|Lo|I|Der|Die|Das|Den|Det|Un|Une|Una";
const moved = new RegExp(`^(.+), (${articles})$`, "i");

// "Shawshank Redemption, The (1994)" as people say it: "The Shawshank Redemption".
export const nameOf = (item) => {
  if (!item.title) return `Item ${item.id}`;
  const name = item.title.replace(/\s*\((?:1[89]|20)\d\d\)\s*$/, "") || item.title;
  const match = moved.exec(name);
  if (!match) return name;
  return match[2].endsWith("'") ? match[2] + match[1] : `${match[2]} ${match[1]}`;
};

export const yearOf = (item) =>
  item.year ?? (/\(((?:1[89]|20)\d\d)\)\s*$/.exec(item.title ?? "")?.[1] || null);

// With its year, where a name alone may be another item's.
export const fullName = (item) => {
  const year = yearOf(item);
  return year ? `${nameOf(item)} (${year})` : nameOf(item);
};

export const genresOf = (item) =>
  (Array.isArray(item.genres) ? item.genres : String(item.genres ?? "").split("|")).filter((genre) => genre);

export const whole = (number) => Number(number).toLocaleString("en-US");

export const decimal = (number, digits = 1) =>
  Number(number).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });

export const starsText = (stars) => `${stars} ${stars === 1 ? "star" : "stars"}`;

// The scale's rating for one to five stars: on 0.5 to 5 and 1 to 5 it is their number.
export const ratingOfStars = (stars) => {
  const { low, high, step } = catalogue.model.scale;
  const rating = low >= 0 && low <= high / 5 ? stars * high / 5 : low + (stars - 1) / 4 * (high - low);
  const rounded = step > 0 ? low + Math.round((rating - low) / step) * step : rating;
  return Math.min(high, Math.max(low, rounded));
};

// Whether there is more to say than that something is liked.
export const takesStars = () =>
  !catalogue.model.implicit && catalogue.model.scale.low < catalogue.model.scale.high;

// What a visitor gives, as a verb and a noun.
export const given = () => (takesStars() ? "rated" : "liked");
export const opinionNoun = () => (takesStars() ? "rating" : "like");

// Digits that a predicted rating is worth: two of five, four of a hundred.
export const ratingText = (rating) => decimal(rating, catalogue.model.scale.high > 20 ? 0 : 1);

export const ofScale = () => `of ${Number(catalogue.model.scale.high)}`;

export const listed = (texts, last = "and") =>
  texts.length < 2 ? texts.join("") : `${texts.slice(0, -1).join(", ")} ${last} ${texts.at(-1)}`;
