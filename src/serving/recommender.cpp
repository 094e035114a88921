#include <algorithm>
#include <iterator>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/id_table.hpp>
#include <tusk/recommend.hpp>
#include <tusk/title_index.hpp>

#include "backend/padded_lists.hpp"
#include "data/id_forms.hpp"
#include "lists/best_places.hpp"
#include "lists/candidates.hpp"
#include "lists/list_scorer.hpp"
#include "serving/diversity.hpp"
#include "serving/user_ratings.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

[[noreturn]] void unknown_user(const Model& model, std::string_view id) {
  throw InputError(
      fmt::format("user {} has no training ratings in this model{}, so any list would be somebody "
                  "else's. Train on data with this user's ratings, or check the id",
                  short_text(id), known_ids_text(model.users, id)));
}

constexpr float kNotKept = std::numeric_limits<float>::quiet_NaN();

std::shared_ptr<const Model> borrowed(const Model& model) {
  return {std::shared_ptr<const void>(), &model};
}

// Whether it has a list of its own for users whom it does not know.
bool serves_unknown_users(const Model& model) {
  const Capabilities& can = model.algorithm().capabilities;
  return can.one_list_for_all || can.serves_unknown_users;
}

void check_count(int k) {
  if (k < 1 || k > kMostRecommendations) {
    throw UsageError(
        fmt::format("{} recommendations asked for; it must be 1 to {}", k, kMostRecommendations));
  }
}

void check_users(std::span<const Index> users, Index count) {
  for (const Index user : users) {
    if (user < 0 || user >= count) {
      throw UsageError(
          fmt::format("there is no user number {}; they go from 0 to {}", user, count - 1));
    }
  }
}

// With the score of its prior filled in.
ListOrder used_order(const ListOrder& order, const Model& model) {
  return {used_rank_by(order.by, model), resolved(order, model), order.risk};
}

}  // namespace

Recommender::Recommender(Device& device, std::shared_ptr<const Model> model,
                         const RecommendOptions& options)
    : model_(std::move(model)),
      candidates_(find_candidates(*model_, options.candidates)),
      exclude_(options.exclude_seen ? model_->seen().view() : CsrView()),
      reasons_(options.reasons),
      order_(used_order(options.order ? *options.order : order_of(*model_), *model_)) {
  if (candidates_.empty()) {
    throw UsageError("no item may be recommended: none with training ratings meets the conditions");
  }
  scorer_ = std::make_unique<ListScorer>(device, *model_, order_);
  if (options.diversity != 0) {
    diversity_ = std::make_unique<Diversity>(backend_of(device), *model_, scorer_->predictor(),
                                             options.diversity);
  }
  session_ = scorer_->open_session(candidates_, exclude_);
}

Recommender::Recommender(Device& device, const Model& model, const RecommendOptions& options)
    : Recommender(device, borrowed(model), options) {}

Recommender::~Recommender() = default;

const Predictor& Recommender::predictor() const { return scorer_->predictor(); }

std::vector<Recommendation> Recommender::recommend(std::string_view user_id, int k) const {
  check_count(k);
  const auto user = model_->users.find(user_id);
  if (user && model_->knows_user(*user)) {
    return std::move(recommend(std::span(&*user, 1), k).front());
  }
  if (!serves_unknown_users(*model_)) unknown_user(*model_, user_id);
  return popular(k);
}

std::vector<std::vector<Recommendation>> Recommender::recommend(std::span<const Index> users,
                                                                int k) const {
  return lists(users, {k, std::nullopt, reasons_});
}

std::vector<Recommendation> Recommender::list(Index user, const ListRequest& request) const {
  return std::move(lists({&user, 1}, request).front());
}

Recommender::Lists Recommender::lists(std::span<const Index> users,
                                      const ListRequest& request) const {
  const int k = request.k;
  check_count(k);
  check_users(users, model_->state().users);
  const Predictor& predictor = scorer_->predictor();
  Lists lists = without_rest(
      session_ && !request.among
          ? scorer_->lists(predictor, users, session_->query(users, width(k)))
          : scorer_->lists(predictor, users, request.among.value_or(std::span(candidates_)),
                           exclude_, width(k)),
      k);
  add_deviations(lists, predictor, users);
  if (request.reasons > 0) add_reasons(lists, users, request.reasons);
  return lists;
}

Recommender::Lists Recommender::recommend_new(const CsrView& ratings, int k) const {
  return new_lists(ratings, {k, std::nullopt, reasons_});
}

std::vector<Recommendation> Recommender::list(const CsrView& ratings,
                                              const ListRequest& request) const {
  if (ratings.rows() != 1) throw UsageError("a list is for the ratings of one user");
  return std::move(new_lists(ratings, request).front());
}

Recommender::Lists Recommender::new_lists(const CsrView& ratings,
                                          const ListRequest& request) const {
  const int k = request.k;
  check_count(k);
  if (ratings.columns != model_->state().items) {
    throw UsageError("the ratings of new users must have the model's items for columns");
  }
  const auto folded = scorer_->predictor().fold_in(ratings);
  const CsrView exclude = exclude_.offset.empty() ? CsrView() : ratings;
  std::vector<Index> rows(static_cast<std::size_t>(ratings.rows()));
  std::iota(rows.begin(), rows.end(), 0);
  Lists lists = without_rest(
      session_ && !request.among
          ? scorer_->lists(*folded, rows, query_new(*folded, exclude, width(k)))
          : scorer_->lists(*folded, rows, request.among.value_or(std::span(candidates_)), exclude,
                           width(k)),
      k);
  add_deviations(lists, *folded, rows);
  if (request.reasons == 0) return lists;
  for (const Index row : rows) {
    add_reasons(lists[static_cast<std::size_t>(row)], *folded, row, request.reasons);
  }
  return lists;
}

std::vector<Recommendation> Recommender::recommend_for_text(std::string_view text, int k) const {
  check_count(k);
  if (!model_->algorithm().capabilities.uses_content) {
    throw UsageError(fmt::format("a model of kind {} knows no words to find items by",
                                 model_->algorithm().name));
  }
  const auto likeness = scorer_->predictor().text_scores(text, candidates_);
  if (!likeness) {
    throw InputError(fmt::format("the model knows no word of {}", in_quotes(text)));
  }
  const std::vector<Index> nobody(candidates_.size(), kNone);
  std::vector<Prediction> predictions = scorer_->predictor().predict(nobody, candidates_);
  const std::vector<Index> named =
      TitleIndex(model_->catalogue, model_->ratings_of_items()).named(text);
  for (std::size_t c = 0; c < candidates_.size(); ++c) {
    const bool is_named = std::find(named.begin(), named.end(), candidates_[c]) != named.end();
    predictions[c].score = is_named ? 1 : (*likeness)[c];
    predictions[c].evidence = Evidence::content;
  }
  Lists lists(1);
  for (const std::size_t place :
       best_places(std::span<const Prediction>(predictions), width(k), &Prediction::score)) {
    if (predictions[place].score <= 0) break;
    lists.front().push_back({predictions[place], candidates_[place], {}});
  }
  return std::move(without_rest(std::move(lists), k).front());
}

std::vector<Recommendation> Recommender::popular(int k) const {
  return popular(ListRequest{k, std::nullopt, 0});
}

std::vector<Recommendation> Recommender::popular(const ListRequest& request) const {
  const int k = request.k;
  check_count(k);
  const auto candidates = request.among.value_or(std::span(candidates_));
  if (serves_unknown_users(*model_)) {
    const Index nobody = kNone;
    Lists lists = without_rest(
        scorer_->lists(scorer_->predictor(), {&nobody, 1}, candidates, {}, width(k)), k);
    for (Recommendation& entry : lists.front()) entry.evidence = Evidence::global;
    return std::move(lists.front());
  }
  std::vector<Prediction> predictions;
  for (const Index item : candidates) {
    const std::vector<float>& rating = model_->popularity.rating;
    const float score = rating.empty() ? model_->predict_by_state(kNone, item).score
                                       : rating[static_cast<std::size_t>(item)];
    predictions.push_back({score, model_->scale().clip(score), Evidence::global});
  }
  Lists lists(1);
  for (const std::size_t place :
       best_places(std::span<const Prediction>(predictions), width(k), &Prediction::score)) {
    lists.front().push_back({predictions[place], candidates[place], {}});
  }
  return std::move(without_rest(std::move(lists), k).front());
}

// One more than is listed tells whether a list ends inside a tie; diverse lists choose among many.
int Recommender::width(int k) const {
  constexpr std::int64_t kLeastPool = 100;
  constexpr std::int64_t kPool = 10;
  const std::int64_t pool = diversity_ ? std::max(kLeastPool, kPool * k) : std::int64_t{k} + 1;
  return static_cast<int>(std::min<std::int64_t>(pool, std::ssize(candidates_)));
}

Recommender::Lists Recommender::without_rest(Lists lists, int k) const {
  const auto length = static_cast<std::size_t>(k);
  for (auto& list : lists) {
    if (diversity_) {
      list = diversity_->choose(std::move(list), length);
    } else if (list.size() > length) {
      if (list[length].score == list[length - 1].score) ++tied_lists_;
      list.resize(length);
    }
  }
  return lists;
}

std::size_t Recommender::batch_of(int k, std::uint64_t bytes) const {
  // Few enough that a line of progress moves and an interrupt is soon heard.
  constexpr std::int64_t kMostUsers = 8192;
  constexpr std::int64_t kMostEntries = 1 << 20;  // of lists, which are written
  const auto items = std::max<std::int64_t>(1, model_->state().items);
  const bool by_pairs = !session_ && !scorer_->has_rows();
  const std::int64_t most = std::min({kMostUsers, kMostEntries / width(k),
                                      by_pairs ? scorer_->pairs_at_once() / items : kMostUsers});
  return static_cast<std::size_t>(
      std::min(users_within(bytes, k), std::max<std::int64_t>(most, 1)));
}

void Recommender::for_each_list(std::span<const Index> users, int k, std::uint64_t bytes,
                                const OnList& on_list, const Observer& observer) const {
  check_count(k);
  const std::size_t batch = batch_of(k, bytes);
  std::optional<std::vector<Recommendation>> for_anybody;
  for (std::size_t first = 0; first < users.size(); first += batch) {
    observer.check_stop();
    const auto now = users.subspan(first, std::min(batch, users.size() - first));
    std::vector<Index> known;
    std::copy_if(now.begin(), now.end(), std::back_inserter(known),
                 [](Index user) { return user != kNone; });
    const Lists lists = known.empty() ? Lists() : recommend(known, k);
    auto list = lists.begin();
    for (const Index user : now) {
      if (user == kNone && !for_anybody) for_anybody = popular(k);
      on_list(user, user == kNone ? *for_anybody : *list++);
    }
    observer.report(Work::lists, static_cast<std::int64_t>(first + now.size()), std::ssize(users));
  }
}

void Recommender::for_each_new_list(const CsrView& ratings, int k, std::uint64_t bytes,
                                    const OnList& on_list, const Observer& observer) const {
  check_count(k);
  const auto batch = static_cast<Index>(batch_of(k, bytes));
  for (Index first = 0; first < ratings.rows(); first += batch) {
    observer.check_stop();
    const Index count = std::min(batch, ratings.rows() - first);
    const Lists lists = recommend_new(ratings.some_rows(first, count), k);
    for (Index u = 0; u < count; ++u) {
      on_list(first + u, lists[static_cast<std::size_t>(u)]);
    }
    observer.report(Work::lists, first + count, ratings.rows());
  }
}

TopK Recommender::query_new(const Predictor& users, const CsrView& exclude, int k) const {
  const ListVectors vectors = scorer_->list_vectors(users);
  return session_->query_new(vectors.view, exclude, k);
}

void Recommender::add_deviations(Lists& lists, const Predictor& predictor,
                                 std::span<const Index> users) const {
  if (!model_->learned().knows_deviations()) return;
  std::vector<Index> user;
  std::vector<Index> item;
  for (std::size_t u = 0; u < lists.size(); ++u) {
    for (const Recommendation& entry : lists[u]) {
      user.push_back(users[u]);
      item.push_back(entry.item);
    }
  }
  const std::vector<float> deviations = predictor.deviations(user, item);
  auto deviation = deviations.begin();
  for (auto& list : lists) {
    for (Recommendation& entry : list) entry.deviation = *deviation++;
  }
}

void Recommender::add_reasons(Lists& lists, std::span<const Index> users, int reasons) const {
  for (std::size_t u = 0; u < users.size(); ++u) {
    const UserRatings own = ratings_of_user(*model_, scorer_->predictor(), users[u]);
    const std::vector<std::int64_t> offset = {0, std::ssize(own.item)};
    const auto folded =
        scorer_->predictor().fold_in({offset, own.item, own.rating, model_->seen().items});
    add_reasons(lists[u], *folded, 0, reasons);
    if (!own.predicted) continue;
    for (Recommendation& recommendation : lists[u]) {
      for (Contribution& reason : recommendation.reasons) reason.rating = kNotKept;
    }
  }
}

void Recommender::add_reasons(std::vector<Recommendation>& list, const Predictor& folded, Index row,
                              int reasons) const {
  std::vector<Index> items;
  for (const Recommendation& recommendation : list) items.push_back(recommendation.item);
  auto all = folded.contributions(row, items);
  for (std::size_t r = 0; r < list.size(); ++r) {
    std::erase_if(all[r], [](const Contribution& one) { return !(one.part > 0); });
    all[r].resize(std::min(all[r].size(), static_cast<std::size_t>(reasons)));
    list[r].reasons.assign(all[r].begin(), all[r].end());  // in no more memory than they take
  }
}

TopK Recommender::top_k(std::span<const Index> users, int k) const {
  check_count(k);
  check_users(users, model_->state().users);
  if (session_) return session_->query(users, k);
  if (scorer_->has_rows()) {
    const RowSelector selector(candidates_, model_->state().items);
    return scorer_->best_rows(scorer_->predictor(), users, selector, exclude_, k);
  }
  TopK top = padded_lists(users.size(), k);
  const auto lists = scorer_->lists(scorer_->predictor(), users, candidates_, exclude_, k);
  for (std::size_t u = 0; u < lists.size(); ++u) {
    for (std::size_t r = 0; r < lists[u].size(); ++r) {
      const std::size_t at = u * static_cast<std::size_t>(k) + r;
      top.index[at] = lists[u][r].item;
      top.score[at] = lists[u][r].score;
    }
  }
  return top;
}

std::int64_t Recommender::users_within(std::uint64_t bytes, int k) const {
  check_count(k);
  // Scores that are not the model's own; copies of the candidates as floats and as bytes; a user's
  // factors while they are compared; an entry of a list where it is found, where it is returned,
  // and as a Recommendation with its reasons.
  const auto factors = static_cast<std::uint64_t>(model_->state().factors);
  const std::uint64_t packed =
      scorer_->state_bytes() +
      candidates_.size() * ((factors + 2) * sizeof(float) + factors + 4 * sizeof(float));
  const auto entries = static_cast<std::uint64_t>(width(k));
  const std::uint64_t entry =
      40 + sizeof(Recommendation) + static_cast<std::uint64_t>(reasons_) * sizeof(Contribution);
  const std::uint64_t user = factors * sizeof(float) + 512 + entries * entry;
  // Where scores are found pair by pair, a user's with every candidate, many together.
  const bool by_pairs = !session_ && !scorer_->has_rows();
  const std::uint64_t pairs = by_pairs ? candidates_.size() * PairBatch::kPairBytes : 0;
  const std::uint64_t most_pairs =
      pairs + (by_pairs ? PairBatch::kMostPairs * PairBatch::kPairBytes : 0);
  if (bytes < packed + user + pairs) {
    throw ParameterError(
        "memory", size_text(bytes),
        fmt::format(
            "at least {} bytes, which {}{} candidates and one user's {} recommendations take",
            packed + user + pairs, scorer_->table_bytes() > 0 ? "tables of the model, " : "",
            candidates_.size(), entries));
  }
  const std::uint64_t left = bytes - packed;
  const std::uint64_t with_all_pairs = left > most_pairs ? (left - most_pairs) / user : 0;
  return static_cast<std::int64_t>(std::max(left / (user + pairs), with_all_pairs));
}

}  // namespace tusk
