#include <algorithm>
#include <array>
#include <utility>

#include <tusk/chat_router.hpp>

#include "chat/cues.hpp"
#include "chat/genre_words.hpp"
#include "chat/numbers.hpp"
#include "chat/sentiments.hpp"
#include "chat/title_finder.hpp"
#include "chat/unsupported.hpp"
#include "chat/utterance.hpp"

namespace tusk {
namespace chat {
namespace {

void add_once(std::vector<std::string>& all, const std::string& one) {
  if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
}

// Reads one text, from what is most certain to what is least.
class Reading {
 public:
  Reading(std::string_view text, const GenreWords& genres, const TitleFinder& titles)
      : text_(text), genres_(genres), titles_(titles) {}

  ChatRequest read() && {
    if (text_.size() == 0) return {};
    const bool clarifies = read_clarify();
    if (!clarifies && asks_for_help()) {
      request_.intent = ChatIntent::help;
      return std::move(request_);
    }
    if (read_reset()) return std::move(request_);
    if (read_explain()) return std::move(request_);
    if (read_bare_title()) return std::move(request_);
    read_seen();
    const bool compares = read_compared();
    Opinions opinions = take_opinions(text_, titles_, genres_);
    request_.ratings = std::move(opinions.ratings);
    for (const std::string& genre : opinions.liked_genres) add_once(request_.genres, genre);
    for (const std::string& genre : opinions.disliked_genres) {
      add_once(request_.excluded_genres, genre);
    }
    read_unwanted();
    const Years years = take_years(text_);
    request_.from_year = years.from;
    request_.to_year = years.to;
    request_.unsupported = take_unsupported(text_, titles_, genres_);
    read_tone();
    read_genres();
    request_.k = take_count(text_);
    request_.intent = compares ? ChatIntent::similar_to : intent();
    if (clarifies) request_.intent = ChatIntent::clarify;
    return std::move(request_);
  }

 private:
  bool read_clarify() {
    for (std::size_t at = 0; at < text_.size(); ++at) {
      const std::size_t cue = text_.match(at, kClarifyCues);
      if (cue == 0) continue;
      text_.use(at, cue);
      return true;
    }
    return false;
  }

  // Only greetings, or a question for help at the beginning.
  bool asks_for_help() const {
    std::size_t at = skip_openers();
    while (is_one_of(text_.word(at), kGreetings)) ++at;
    if (text_.word(at) == "help" && text_.size() <= at + 2) return true;
    constexpr std::size_t kLongerThanAWord = 2;
    if (text_.match(at, kHelpCues) >= kLongerThanAWord) return true;
    if (text_.size() == at + 1 && text_.match(at, kHelpCues) > 0) return true;
    for (at = 0; at < text_.size(); ++at) {
      if (!is_one_of(text_.word(at), kGreetings)) return false;
    }
    return !is_one_of(text_.word(0), {"there", "good"}) || text_.size() > 1;
  }

  std::size_t skip_openers() const {
    std::size_t at = 0;
    while (is_one_of(text_.word(at), kOpeners)) ++at;
    return at;
  }

  bool read_reset() {
    if (!text_.has_any(kResetCues)) return false;
    request_.intent = ChatIntent::filter;
    request_.reset = true;
    return true;
  }

  bool read_explain() {
    for (std::size_t at = 0; at < text_.size(); ++at) {
      const std::size_t cue = text_.match(at, kExplainCues);
      if (cue == 0 || text_.has(at, "why not")) continue;
      request_.intent = ChatIntent::explain;
      read_explained(at + cue);
      return true;
    }
    return false;
  }

  // The titles behind "why", which other words may stand before.
  void read_explained(std::size_t at) {
    constexpr std::array<std::string_view, 52> kFillers = {
        "did",     "you",      "recommend",    "suggest",    "suggested", "recommended", "pick",
        "picked",  "choose",   "chose",        "list",       "listed",    "show",        "showed",
        "include", "included", "say",          "put",        "give",      "me",          "is",
        "was",     "are",      "do",           "think",      "i",         "id",          "would",
        "ill",     "like",     "love",         "enjoy",      "should",    "watch",       "see",
        "have",    "for",      "the",          "film",       "movie",     "title",       "of",
        "to",      "on",       "recommending", "suggesting", "about",     "your",        "choice",
        "why",     "will",     "come"};
    for (; at < text_.size(); ++at) {
      const bool filler = is_one_of(text_.word(at), kFillers);
      const TitleFound found =
          filler ? titles_.named(text_, at) : titles_.meant(text_, at, is_name(at));
      if (found.words > 0) {
        request_.titles = titles_.take_list(text_, at);
        return;
      }
      if (!filler) return;
    }
  }

  // Whether it looks like a title even if it is none that is known.
  bool is_name(std::size_t at) const { return text_[at].capital || text_[at].quoted; }

  // Nothing but a title: "Star Wars".
  bool read_bare_title() {
    const TitleFound found = titles_.named(text_, 0);
    if (found.words != text_.size()) return false;
    const std::size_t command = std::max(text_.match(0, kMoreCues), text_.match(0, kPopularCues));
    if (command == text_.size()) return false;
    request_.intent = ChatIntent::similar_to;
    request_.titles.push_back(found.title);
    return true;
  }

  // "I've already seen Jaws", unless an opinion of it follows.
  void read_seen() {
    for (std::size_t at = 0; at < text_.size(); ++at) {
      const std::size_t cue = text_.match(at, kSeenCues);
      if (cue == 0 || (at > 0 && is_one_of(text_.word(at - 1), {"because", "since", "if"})))
        continue;
      Utterance rest = text_;
      if (!take_opinions(rest, titles_, genres_).ratings.empty()) return;
      if (titles_.named(text_, at + cue).words == 0) continue;
      request_.excluded_titles = titles_.take_list(text_, at + cue);
      seen_ = true;
      text_.use(at, cue);
      return;
    }
  }

  // "without romance or Titanic", "but not Heat".
  void read_unwanted() {
    bool unwanted = false;
    bool any_title = false;  // whether a title needs no capital
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t except = text_.match(at, kExceptCues);
      const std::size_t cue = std::max(except, text_.match(at, kNotCues));
      if (cue > 0) {
        unwanted = !text_.has(at, "not") || at == 0 || text_.word(at - 1) != "why";
        any_title = except > 0;
        at += cue;
      } else if (const std::size_t words = unwanted ? take_unwanted(at, any_title) : 0; words > 0) {
        at += words;
      } else {
        unwanted = unwanted && is_one_of(text_.word(at), kNotFillers) && !text_[at].used;
        ++at;
      }
    }
  }

  // The title or genre at `at`; returns how many words it has.
  std::size_t take_unwanted(std::size_t at, bool any_title) {
    const GenreMatch genre = genres_.match(text_, at);
    TitleFound title = titles_.named(text_, at);
    const bool stands_out = text_[at].capital || text_[at].quoted;
    if (title.words == 0 && genre.words == 0 && any_title && stands_out) {
      title = titles_.meant(text_, at, false);
    }
    const bool names = title.words > 1 || stands_out || (any_title && !is_number(text_.word(at)));
    // "Thriller" is a genre, whatever is called so; "Aliens" is a title.
    const bool is_genre = title.words == genre.words && genre.own_name;
    std::size_t words = 0;
    if (title.words >= std::max<std::size_t>(genre.words, 1) && names && !is_genre) {
      add_once(request_.excluded_titles, title.title);
      words = title.words;
    } else if (genre.words > 0 && text_[at].between.find('.') == std::string::npos) {
      for (const std::string& name : *genre.genres) add_once(request_.excluded_genres, name);
      words = genre.words;
    }
    text_.use(at, words);
    return words;
  }

  // What the list is to be like. Returns whether the text compares at all.
  bool read_compared() {
    for (std::size_t at = 0; at < text_.size(); ++at) {
      std::size_t cue = std::max(text_.match(at, kLikeCues), text_.match(at, kBecauseCues));
      const bool like = cue == 0 && text_.word(at) == "like" && compares_by_like(at);
      if (like) cue = 1;
      if (cue == 0) continue;
      const std::size_t before = at;
      if (is_pronoun(at + cue)) {
        text_.use(before, cue + 1);
        return true;
      }
      std::vector<std::string> titles = titles_.take_list(text_, at + cue);
      if (titles.empty()) continue;
      request_.titles = std::move(titles);
      text_.use(before, cue);
      return true;
    }
    return false;
  }

  // "more like that", "similar to these": what was talked about.
  bool is_pronoun(std::size_t at) const {
    if (!is_one_of(text_.word(at), {"that", "it", "this", "these", "those", "them"})) return false;
    if (text_[at].capital) return false;
    return at + 1 >= text_.size() || !text_[at + 1].between.empty() ||
           is_one_of(text_.word(at + 1),
                     {"but", "please", "from", "without", "only", "and", "with"});
  }

  // "something like Heat", and not "I like", "I'd like", "feel like".
  bool compares_by_like(std::size_t at) const {
    if (at == 0) return true;
    constexpr std::array<std::string_view, 15> kOpinions = {
        "i",   "we",       "dont",  "didnt",  "doesnt", "really", "also", "do",
        "not", "probably", "never", "always", "she",    "he",     "kids"};
    return !is_one_of(text_.word(at - 1), kWishes) && !is_one_of(text_.word(at - 1), kOpinions);
  }

  void read_tone() {
    struct Cues {
      ChatTone tone;
      std::span<const std::string_view> phrases;
    };
    const std::array<Cues, 4> all = {{{ChatTone::lighter, kLighterCues},
                                      {ChatTone::darker, kDarkerCues},
                                      {ChatTone::newer, kNewerCues},
                                      {ChatTone::older, kOlderCues}}};
    for (std::size_t at = 0; at < text_.size(); ++at) {
      for (const auto& [tone, phrases] : all) {
        const std::size_t words = text_.match(at, phrases);
        if (words == 0 || genres_.match(text_, at).words > words) continue;
        const bool negated = text_.match_before(at, kNotTone) > 0;
        request_.tone = negated ? opposite(tone) : tone;
        text_.use(at, words);
        break;
      }
    }
  }

  static ChatTone opposite(ChatTone tone) {
    switch (tone) {
      case ChatTone::lighter:
        return ChatTone::darker;
      case ChatTone::darker:
        return ChatTone::lighter;
      case ChatTone::newer:
        return ChatTone::older;
      case ChatTone::older:
        break;
    }
    return ChatTone::newer;
  }

  void read_genres() {
    bool all = true;
    std::size_t last = 0;  // behind the last genre
    bool last_adjective = false;
    std::size_t wanted = 0;
    for (std::size_t at = 0; at < text_.size();) {
      const GenreMatch found = genres_.match(text_, at);
      if (found.words == 0) {
        ++at;
        continue;
      }
      for (const std::string& genre : *found.genres) add_once(request_.genres, genre);
      if (wanted > 0) all = all && joins(last, at, last_adjective && found.adjective);
      text_.use(at, found.words);
      at += found.words;
      last = at;
      last_adjective = found.adjective;
      wanted += found.genres->size();
    }
    request_.all_genres = all && wanted > 1 && request_.genres.size() > 1;
  }

  // Whether genres with so many words between them are to be had together: "sci-fi horror", but not
  // "comedies or westerns".
  bool joins(std::size_t first, std::size_t last, bool adjectives) const {
    for (std::size_t at = first; at < last; ++at) {
      if (text_.word(at) == "or" || (text_.word(at) == "and" && !adjectives)) return false;
      if (text_[at].between == ",") return adjectives;
    }
    return adjectives || text_[last].between != ",";
  }

  bool has_conditions() const {
    return !request_.excluded_genres.empty() || request_.from_year || request_.to_year ||
           request_.tone || request_.k || !request_.excluded_titles.empty();
  }

  // Whether a cue of a question is there that "don't" does not stand before.
  template <std::size_t N>
  bool asks_by(const std::array<std::string_view, N>& cues) const {
    for (std::size_t at = 0; at < text_.size(); ++at) {
      const bool negated =
          at > 0 && is_one_of(text_.word(at - 1), {"dont", "not", "to", "no", "never"});
      if (!negated && text_.match(at, cues) > 0) return true;
    }
    return false;
  }

  ChatIntent intent() {
    const bool asks = asks_by(kAskCues);
    const bool wants = !request_.genres.empty();
    if (!request_.ratings.empty()) return intent_with_ratings(asks, wants);
    const bool filters = text_.match(skip_openers(), kFilterCues) > 0;
    if (text_.has_any(kWhatElseCues) && text_.has_any(kSimilarWords)) return ChatIntent::similar_to;
    if (text_.has_any(kPopularCues) && !text_.has_any(kPersonalCues) && !filters) {
      return ChatIntent::popular;
    }
    const bool counted = request_.k.has_value() || !has_conditions();
    if (text_.has_any(kMoreCues) && !wants && counted && !request_.from_year) {
      return ChatIntent::more;
    }
    if (filters && (wants || has_conditions()) && !(wants && asks_by(kCommandCues))) {
      return ChatIntent::filter;
    }
    if (wants) return ChatIntent::recommend_genre;
    if (has_conditions()) {
      const bool only_count = request_.k && !request_.from_year && !request_.to_year &&
                              !request_.tone && request_.excluded_genres.empty();
      const bool listed = only_count && !asks_by(kNouns);
      return asks && !listed && !seen_ ? ChatIntent::recommend_genre : ChatIntent::filter;
    }
    return asks ? ChatIntent::recommend_genre : ChatIntent::unknown;
  }

  // "I loved Alien" alone, or with a question behind it.
  ChatIntent intent_with_ratings(bool asks, bool wants) {
    if (text_.has_any(kWhatElseCues)) {
      for (const TitleStars& rating : request_.ratings) {
        if (rating.stars > 3) request_.titles.push_back(rating.title);
      }
      if (!request_.titles.empty()) {
        std::erase_if(request_.ratings, [](const TitleStars& rating) { return rating.stars > 3; });
        return ChatIntent::similar_to;
      }
    }
    return wants || (asks && asks_by(kCommandCues)) || has_conditions()
               ? ChatIntent::recommend_genre
               : ChatIntent::rate;
  }

  static constexpr std::array<std::string_view, 2> kSimilarWords = {"similar",
                                                                    "like that/it/those"};

  Utterance text_;
  const GenreWords& genres_;
  const TitleFinder& titles_;
  ChatRequest request_;
  bool seen_ = false;  // whether titles are said to be known
};

}  // namespace
}  // namespace chat

struct ChatRouter::Data {
  const Catalogue& catalogue;
  const TitleIndex& titles;
  chat::GenreWords genres;
};

ChatRouter::ChatRouter(const Catalogue& catalogue, const TitleIndex& titles)
    : data_(new Data{catalogue, titles, chat::GenreWords(catalogue)}) {}
ChatRouter::~ChatRouter() = default;

ChatRequest ChatRouter::parse(std::string_view text, std::span<const std::string> listed) const {
  if (text.size() > kMostChatText) return {};
  const chat::TitleFinder titles(data_->catalogue, data_->titles, data_->genres, listed);
  return chat::Reading(text, data_->genres, titles).read();
}

}  // namespace tusk
