#include "chat/chat_lists.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/figures.hpp>
#include <tusk/list_order.hpp>

#include "catalogue/genres.hpp"
#include "chat/genre_words.hpp"
#include "model/row_products.hpp"
#include "serving/user_ratings.hpp"
#include "support/text.hpp"
#include "support/unicode.hpp"

namespace tusk::chat {
namespace {

constexpr int kReasons = 2;

bool has_all(std::string_view genres, const std::vector<std::string>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(),
                     [&](const std::string& genre) { return has_genre(genres, genre); });
}

// Items whose genres are all there and, for a tone, light or dark; genres that were asked for are
// never against it.
std::vector<Index> items_with(const Catalogue& catalogue, const ChatQuestion& question) {
  const std::vector<std::string> light = light_genres(catalogue);
  const std::vector<std::string> dark = dark_genres(catalogue);
  const bool toned = question.tone.has_value();
  const bool lighter = question.tone == ChatTone::lighter;
  std::vector<Index> items;
  for (std::size_t i = 0; i < catalogue.genres.size(); ++i) {
    const std::string_view genres = catalogue.genres[i];
    const bool wanted =
        question.genres.empty() ||
        (question.all_genres ? has_all(genres, question.genres) : has_any(genres, question.genres));
    if (wanted && (!toned || has_any(genres, lighter ? light : dark))) {
      items.push_back(static_cast<Index>(i));
    }
  }
  return items;
}

// The first k that are neither skipped nor hidden nor rated.
std::vector<ChatItem> first_of(std::vector<ChatItem> all, const ChatState& state,
                               const std::set<Index>& skipped) {
  std::erase_if(all, [&](const ChatItem& one) {
    return skipped.contains(one.item) || state.hidden.contains(one.item) ||
           state.ratings.contains(one.item);
  });
  all.resize(std::min(all.size(), static_cast<std::size_t>(state.k)));
  return all;
}

}  // namespace

std::vector<int> known_years(const Model& model, std::span<const Index> items) {
  std::vector<int> years;
  for (const Index item : items) {
    if (const int year = item_year(model.catalogue, item); year != 0) years.push_back(year);
  }
  std::sort(years.begin(), years.end());
  return years;
}

YearRange years_beyond(std::span<const int> years, ChatTone tone) {
  if (years.empty()) return {};
  if (tone == ChatTone::newer) return {years[(years.size() - 1) / 2] + 1, std::nullopt};
  return {std::nullopt, years[years.size() / 2] - 1};
}

YearRange years_beyond_items(const Model& model, std::span<const Index> items, ChatTone tone) {
  if (const auto years = known_years(model, items); !years.empty()) {
    return years_beyond(years, tone);
  }
  std::vector<Index> all(static_cast<std::size_t>(model.items.size()));
  std::iota(all.begin(), all.end(), Index{0});
  const std::vector<int> years = known_years(model, all);
  if (years.empty()) return {};
  constexpr std::size_t kFifth = 5;
  const std::size_t fifth = (years.size() - 1) / kFifth;
  if (tone == ChatTone::newer) return {years[years.size() - 1 - fifth], std::nullopt};
  return {std::nullopt, years[fifth]};
}

std::vector<std::string> titles_of(const Model& model, const std::vector<ChatItem>& list) {
  std::vector<std::string> titles;
  for (const ChatItem& one : list) titles.push_back(title_of(model, one.item));
  return titles;
}

ChatLists::ChatLists(std::shared_ptr<const OpenModel> open)
    : open_(std::move(open)),
      model_(open_->model()),
      predicts_ratings_(predicts_ratings(model_)),
      can_be_personal_(!model_.algorithm().capabilities.one_list_for_all) {}

std::optional<float> ChatLists::rating_of(float stars) const {
  const RatingScale scale = model_.scale();
  constexpr float kMiddle = 3;
  if (model_.of_weights() || scale.low == scale.high) {
    if (stars < kMiddle) return std::nullopt;
    return model_.of_weights() ? 1 : scale.high;
  }
  if (scale.high == kMostStars) return scale.clip(stars);
  const float part = (std::max(stars, 1.0f) - 1) / (kMostStars - 1);
  return scale.clip(scale.low + part * (scale.high - scale.low));
}

std::optional<std::vector<Index>> ChatLists::candidates_of(const ChatState& state) const {
  const ChatQuestion& question = *state.question;
  CandidateFilter filter;
  filter.excluded_genres = state.excluded_genres;
  filter.from_year = question.from_year;
  filter.to_year = question.to_year;
  if (question.all_genres || question.tone) {
    filter.items = items_with(model_.catalogue, question);
  } else {
    filter.genres = question.genres;
  }
  const bool any = filter.items || filter.from_year || filter.to_year || !filter.genres.empty() ||
                   !filter.excluded_genres.empty();
  if (!any) return std::nullopt;
  return open_->candidates().find(filter);
}

MadeList ChatLists::make(const ChatState& state, const std::set<Index>& skipped) const {
  const ChatQuestion& question = *state.question;
  if (question.intent == ChatIntent::similar_to) return similar(state, skipped);
  const auto candidates = candidates_of(state);
  if (candidates && candidates->empty()) return {};
  const std::size_t k = static_cast<std::size_t>(state.k) + skipped.size() + state.hidden.size() +
                        state.ratings.size();
  ListRequest request;
  request.k = static_cast<int>(std::min<std::size_t>(k, kMostRecommendations));
  if (candidates) request.among = *candidates;
  request.reasons = kReasons;
  const bool for_person = question.intent != ChatIntent::popular && knows_person(state);
  MadeList made = for_person ? personal(state, request) : popular(request);
  // Lists of content and of rank sums may have nothing for a taste: a single dislike, say.
  if (made.items.empty()) made = popular(request);
  made.items = first_of(std::move(made.items), state, skipped);
  return made;
}

NewUsers ChatLists::person(const ChatState& state) const {
  std::map<Index, float> all = state.ratings;
  if (state.user) {
    const UserRatings own = ratings_of_user(model_, open_->recommender().predictor(), *state.user);
    for (std::size_t r = 0; r < own.item.size(); ++r) all.emplace(own.item[r], own.rating[r]);
  }
  NewUsers users;
  users.items = model_.items.size();
  users.id = {"me"};
  for (const auto& [item, rating] : all) {
    users.item.push_back(item);
    users.rating.push_back(rating);
  }
  users.offset.push_back(std::ssize(users.item));
  return users;
}

std::vector<Recommendation> ChatLists::personal(const Recommender& recommender,
                                                const ChatState& state,
                                                const ListRequest& request) const {
  if (state.ratings.empty()) return recommender.list(*state.user, request);
  return recommender.list(person(state).ratings(), request);
}

MadeList ChatLists::personal(const ChatState& state, const ListRequest& request) const {
  MadeList made;
  made.source = state.ratings.empty() ? ChatSource::user : ChatSource::folded_in;
  for (const Recommendation& entry : personal(open_->recommender(), state, request)) {
    made.items.push_back({entry.item, entry.score, std::nullopt, reason_of(entry)});
    if (predicts_ratings_) made.items.back().rating = entry.rating;
  }
  return made;
}

MadeList ChatLists::popular(const ListRequest& request) const {
  MadeList made{ChatSource::popular, {}};
  for (const Recommendation& entry : open_->recommender().popular(request)) {
    made.items.push_back({entry.item, entry.score, std::nullopt, popularity_of(entry.item)});
  }
  return made;
}

const CatalogueVectors& ChatLists::vectors() const {
  std::call_once(vectors_once_, [&] { vectors_.emplace(model_); });
  return *vectors_;
}

// Of every item the mean over the seeds of how like them it is. Seeds that the model cannot compare
// are compared by content.
std::vector<double> ChatLists::likeness(std::span<const Index> seeds, ChatSource& source) const {
  std::vector<double> sum(open_->candidates().ratings().size(), 0);
  source = ChatSource::content;
  for (const Index seed : seeds) {
    if (model_.algorithm().capabilities.compares_items) {
      try {
        const auto found = open_->similar().find(
            seed, static_cast<int>(std::clamp<std::size_t>(sum.size(), 1, kMostSimilar)),
            open_->similar_options());
        for (const auto& [item, similarity] : found) {
          sum[static_cast<std::size_t>(item)] += static_cast<double>(similarity);
        }
        source = ChatSource::similar;
        continue;
      } catch (const InputError&) {  // it has no training ratings, or its factors are all 0
      }
    }
    const auto cosine = products_with_row(vectors().view(), seed);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += cosine[i];
  }
  for (double& one : sum) one /= static_cast<double>(seeds.size());
  return sum;
}

MadeList ChatLists::similar(const ChatState& state, const std::set<Index>& skipped) const {
  const std::vector<Index>& seeds = state.question->seeds;
  MadeList made;
  const std::vector<double> like = likeness(seeds, made.source);
  // Candidates come with more ratings first, which a stable sort keeps.
  const auto candidates = candidates_of(state);
  for (const Index item : candidates ? *candidates : open_->candidates().find({})) {
    const double score = like[static_cast<std::size_t>(item)];
    if (score <= 0 || std::find(seeds.begin(), seeds.end(), item) != seeds.end()) continue;
    made.items.push_back({item, static_cast<float>(score), std::nullopt, {}});
  }
  std::stable_sort(made.items.begin(), made.items.end(),
                   [](const ChatItem& a, const ChatItem& b) { return a.score > b.score; });
  made.items = first_of(std::move(made.items), state, skipped);
  for (ChatItem& one : made.items) one.reason = likeness_to(one.item, seeds);
  return made;
}

ChatItem ChatLists::explain(const ChatState& state, Index item) const {
  ChatItem explained{item, 0, std::nullopt, {}};
  if (knows_person(state) && model_.knows_item(item)) {
    const std::vector<Index> one = {item};
    const auto list = personal(open_->with_seen(), state, {1, one, kReasons});
    if (!list.empty()) {
      explained.score = list.front().score;
      if (predicts_ratings_) explained.rating = list.front().rating;
      explained.reason = reason_of(list.front());
    }
  }
  if (explained.reason.empty() && state.question && !state.question->seeds.empty()) {
    explained.reason = likeness_to(item, state.question->seeds);
  }
  if (explained.reason.empty()) explained.reason = popularity_of(item);
  return explained;
}

// "because you rated Heat (1995) 5 and Fargo (1996) 4".
std::string ChatLists::reason_of(const Recommendation& entry) const {
  std::vector<std::string> rated;
  for (const Contribution& reason : entry.reasons) {
    const std::string title = title_of(model_, reason.item);
    if (title.empty() || reason.item == entry.item) continue;
    const bool has_rating = !model_.of_weights() && !std::isnan(reason.rating);
    rated.push_back(title + (has_rating ? " " + exact_text(reason.rating) : ""));
  }
  if (rated.empty()) return {};
  return fmt::format("because you {} {}", model_.of_weights() ? "took" : "rated", list_text(rated));
}

std::string ChatLists::popularity_of(Index item) const {
  const auto i = static_cast<std::size_t>(item);
  const std::string count = count_text(open_->candidates().ratings()[i], "rating");
  const std::vector<float>& mean = model_.popularity.rating;
  if (mean.empty() || model_.of_weights() || open_->candidates().ratings()[i] == 0) return count;
  return fmt::format("{}, {} on average", count, rating_text(mean[i], model_.scale()));
}

// "also Crime and Thriller, like Heat (1995)".
std::string ChatLists::likeness_to(Index item, std::span<const Index> seeds) const {
  const auto genres_of = [&](Index of) {
    return std::string_view(model_.catalogue.genres[static_cast<std::size_t>(of)]);
  };
  Index nearest = seeds.front();
  std::vector<std::string> most;
  for (const Index seed : seeds) {
    std::vector<std::string> shared;
    each_genre(genres_of(item), [&](std::string_view name) {
      if (has_genre(genres_of(seed), name)) shared.emplace_back(name);
    });
    if (shared.size() <= most.size()) continue;
    most = std::move(shared);
    nearest = seed;
  }
  const std::string to = "like " + title_of(model_, nearest);
  return most.empty() ? to : fmt::format("{}, also {}", to, list_text(most));
}

}  // namespace tusk::chat
