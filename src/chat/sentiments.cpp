#include "chat/sentiments.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "chat/cues.hpp"
#include "chat/numbers.hpp"

namespace tusk::chat {
namespace {

struct Sentiment {
  float stars = 0;
  std::string_view phrases;  // between bars
};

// In front of titles.
constexpr std::array kVerbs = {
    Sentiment{5,
              "really? loved/love|adored/adore|big/huge fan of|crazy about|"
              "my favourite/favorite film/movie? is|my? favourites/favorites are"},
    Sentiment{4, "liked/like|enjoyed/enjoy|fan of|am into|fond of"},
    Sentiment{3, "didnt/dont mind|did/do not mind"},
    Sentiment{2,
              "didnt/dont really? like/enjoy/love|did/do not really? like/enjoy/love|"
              "disliked/dislike|was? not a big? fan of|wasnt a big? fan of|not so much/fond of|"
              "didnt/dont care for|not/wasnt into|never liked|got bored by/with"},
    Sentiment{1,
              "hated/hate|cant/cannot/couldnt stand|can/could not stand|detested/detest|"
              "loathed/loathe|despised/despise"},
};

// Behind them, after "was" and its like.
constexpr std::array kJudgements = {
    Sentiment{5,
              "great/amazing/fantastic/excellent/brilliant/wonderful/awesome/perfect/superb|"
              "incredible/outstanding/stunning/magnificent|a? masterpiece|the? best|"
              "my favourite/favorite|one of my favourites/favorites|rocked/rocks/rules"},
    Sentiment{4,
              "good/nice/fun/enjoyable/cool/solid/entertaining/charming/funny/lovely|"
              "pretty/quite good|great fun|worth it"},
    Sentiment{3,
              "ok/okay/fine/average/alright/decent/mediocre/meh/forgettable|so so|all right|"
              "not too? bad"},
    Sentiment{2,
              "boring/bad/dull/disappointing/weak/overrated/slow/stupid/lame|"
              "not very/that? good|not great|not my thing|not for me|not my cup of tea|too long|"
              "a disappointment/bore|a let down|bored me"},
    Sentiment{1,
              "terrible/awful/horrible/garbage/trash/rubbish/crap/dreadful/unwatchable/atrocious|"
              "the? worst|a disaster|a waste of time|sucked/sucks|very/really/so bad"},
};

struct Said {
  float stars = 0;
  std::size_t words = 0;
};

Said said_at(const Utterance& text, std::size_t at, std::span<const Sentiment> all) {
  Said longest;
  for (const Sentiment& sentiment : all) {
    std::string_view rest = sentiment.phrases;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('|'), rest.size());
      const std::string_view phrase = rest.substr(0, end);
      const std::size_t words = text.match(at, {&phrase, 1});
      if (words > longest.words) longest = {sentiment.stars, words};
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return longest;
}

// Whether a verb there says what is wished, or what others think: "I'd like", "people love".
bool is_no_opinion(const Utterance& text, std::size_t at) {
  constexpr std::array<std::string_view, 8> kOthers = {"most", "sounds", "critics", "others",
                                                       "all",  "gonna",  "can",     "who"};
  std::size_t before = at;
  while (before > 0 && is_one_of(text.word(before - 1), {"really", "also", "probably", "i"})) {
    if (text.word(before - 1) == "i" && before > 1 &&
        is_one_of(text.word(before - 2), {"would", "might", "will", "may", "could", "should"})) {
      return true;
    }
    --before;
  }
  return before > 0 &&
         (is_one_of(text.word(before - 1), kWishes) || is_one_of(text.word(before - 1), kOthers));
}

class OpinionReader {
 public:
  OpinionReader(Utterance& text, const TitleFinder& titles, const GenreWords& genres)
      : text_(text), titles_(titles), genres_(genres) {}

  Opinions read() && {
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t after = read_at(at);
      at = after > at ? after : at + 1;
    }
    return std::move(opinions_);
  }

 private:
  // Reads what begins at `at` and returns where that ends, or `at`.
  std::size_t read_at(std::size_t at) {
    if (text_[at].used) return at;
    if (const std::size_t end = read_stars_first(at); end > at) return end;
    if (const std::size_t end = read_given(at); end > at) return end;
    const Said verb = said_at(text_, at, kVerbs);
    if (verb.words > 0 && !is_bare_like(at, verb) && !is_no_opinion(text_, at)) {
      if (const std::size_t end = read_liked(at, verb); end > at) return end;
    }
    return begins_clause(at) ? read_judged(at) : at;
  }

  // "like Heat" at the beginning compares.
  bool is_bare_like(std::size_t at, const Said& verb) const {
    return verb.words == 1 && text_.word(at) == "like" &&
           !(at > 0 && is_one_of(text_.word(at - 1), {"i", "we", "really", "also", "do"}));
  }

  bool begins_clause(std::size_t at) const {
    constexpr std::array<std::string_view, 16> kBefore = {
        "and", "but",     "saw",   "watched", "seen",     "thought", "think", "found",
        "so",  "because", "while", "though",  "although", "that",    "my",    "or"};
    return at == 0 || !text_[at].between.empty() || is_one_of(text_.word(at - 1), kBefore) ||
           text_[at - 1].used || text_[at].quoted;
  }

  // "loved Toy Story, Shrek and Up"; genres that are loved or hated.
  std::size_t read_liked(std::size_t first, const Said& verb) {
    std::size_t at = skip_before_title(text_, first + verb.words);
    std::size_t end = first;
    while (at < text_.size()) {
      TitleFound found = titles_.named(text_, at);
      const GenreMatch genre = genres_.match(text_, at);
      const bool is_title = found.words > genre.words || (found.words > 0 && text_[at].capital);
      if (genre.words > 0 && !is_title) {
        auto& genres = verb.stars > 2 ? opinions_.liked_genres : opinions_.disliked_genres;
        genres.insert(genres.end(), genre.genres->begin(), genre.genres->end());
        found.words = genre.words;
      } else {
        if (found.words == 0 && end == first) found = titles_.meant(text_, at, text_[at].capital);
        if (found.words == 0) break;
        opinions_.ratings.push_back({found.title, verb.stars});
      }
      text_.use(at, found.words);
      end = at + found.words;
      const auto next = next_in_list(end);
      if (!next) break;
      at = skip_before_title(text_, *next);
    }
    if (end > first) text_.use(first, verb.words);
    return end;
  }

  // Where a list of titles goes on behind a comma, "and" or "or"; not before another opinion.
  std::optional<std::size_t> next_in_list(std::size_t at) const {
    if (at >= text_.size()) return std::nullopt;
    const bool comma = text_[at].between == ",";
    std::size_t next = at;
    if (is_one_of(text_.word(at), {"and", "or"})) ++next;
    if (!comma && next == at) return std::nullopt;
    if (said_at(text_, next, kVerbs).words > 0) return std::nullopt;
    const TitleFound title = titles_.named(text_, next);
    if (title.words > 0 && judged_after(next + title.words).words > 0) return std::nullopt;
    return next;
  }

  // "5 stars for Spirited Away", "4/5 to Heat".
  std::size_t read_stars_first(std::size_t at) {
    const Stars stars = stars_at(text_, at);
    const std::size_t place = at + stars.words;
    if (stars.words == 0 || !is_one_of(text_.word(place), {"for", "to"})) return at;
    return rate(place + 1, stars, at);
  }

  // "I give Gladiator 4 stars", "rate Her 3", "my rating for Titanic is 2".
  std::size_t read_given(std::size_t first) {
    constexpr std::array<std::string_view, 2> kGive = {"i/id? give/gave/rate/rated/score",
                                                       "my? rating for/of"};
    const std::size_t give = text_.match(first, kGive);
    if (give == 0) return first;
    const std::size_t at = skip_before_title(text_, first + give);
    // A title may end in a number: "give Apollo 13 4".
    const TitleFound title = titles_.named(text_, at);
    if (title.words == 0) return first;
    std::size_t place = at + title.words;
    constexpr std::array<std::string_view, 7> kBefore = {"a", "is", "with", "an", "as", "at", "to"};
    place += text_.match(place, kBefore);
    const Stars stars = number_at(text_, place);
    if (stars.words == 0) return first;
    opinions_.ratings.push_back({title.title, stars.stars});
    text_.use(first, place + stars.words - first);
    return place + stars.words;
  }

  std::size_t rate(std::size_t at, const Stars& stars, std::size_t first) {
    const TitleFound title = titles_.meant(text_, skip_before_title(text_, at), true);
    if (title.words == 0) return first;
    const std::size_t end = skip_before_title(text_, at) + title.words;
    opinions_.ratings.push_back({title.title, stars.stars});
    text_.use(first, end - first);
    return end;
  }

  // "Speed was boring", "Memento 5/5", "Heat: great".
  std::size_t read_judged(std::size_t at) {
    const TitleFound title = titles_.named(text_, at);
    if (title.words == 0) return at;
    std::size_t from = at + title.words;
    // "Alien and Aliens were great".
    std::vector<std::string> judged = {title.title};
    while (text_.word(from) == "and") {
      const TitleFound other = titles_.named(text_, from + 1);
      if (other.words == 0) break;
      judged.push_back(other.title);
      from += 1 + other.words;
    }
    const Said verdict = judged_after(from);
    if (verdict.words == 0) return at;
    for (const std::string& one : judged) opinions_.ratings.push_back({one, verdict.stars});
    text_.use(at, from + verdict.words - at);
    return from + verdict.words;
  }

  // A judgement of what stands before `at`.
  Said judged_after(std::size_t at) const {
    constexpr std::array<std::string_view, 7> kCopulas = {
        "was/is/were/are/its/it/thats/wasnt/isnt/seemed/felt/gets/got/deserves",
        "it/which was/is",
        "that was",
        "they were/are",
        "i found",
        "i thought it? was",
        "is really"};
    constexpr std::array<std::string_view, 14> kDegrees = {
        "really",  "very",   "just",   "so",    "absolutely", "pretty",   "quite",
        "totally", "simply", "rather", "a bit", "kind of",    "actually", "truly"};
    if (at >= text_.size()) return {};
    const std::size_t copula = text_.match(at, kCopulas);
    const bool negated = copula > 0 && is_one_of(text_.word(at), {"wasnt", "isnt"});
    const bool colon = text_[at].between.find_first_of(":-=") != std::string::npos;
    std::size_t place = at + copula;
    if (const Stars stars = colon ? number_at(text_, place) : stars_at(text_, place);
        stars.words > 0) {
      return {stars.stars, place + stars.words - at};
    }
    const Said plain = said_at(text_, place, kJudgements);
    const std::size_t degree = text_.match(place, kDegrees);
    const Said after = degree > 0 ? said_at(text_, place + degree, kJudgements) : Said();
    const Said said = plain.words > 0 ? plain : Said{after.stars, after.words + degree};
    if ((plain.words == 0 && after.words == 0) || (copula == 0 && !colon && !is_verb(place))) {
      return {};
    }
    const float stars = negated ? (said.stars > 3 ? 2 : 3) : said.stars;
    return {stars, copula + said.words};
  }

  bool is_verb(std::size_t at) const {
    return is_one_of(text_.word(at), {"sucked", "sucks", "rocked", "rocks", "rules", "bored"});
  }

  Utterance& text_;
  const TitleFinder& titles_;
  const GenreWords& genres_;
  Opinions opinions_;
};

}  // namespace

Opinions take_opinions(Utterance& text, const TitleFinder& titles, const GenreWords& genres) {
  return OpinionReader(text, titles, genres).read();
}

}  // namespace tusk::chat
