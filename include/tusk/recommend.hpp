// The best items for users.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/device.hpp>
#include <tusk/list_order.hpp>
#include <tusk/model.hpp>
#include <tusk/observer.hpp>

namespace tusk {

// The score is what orders the list: see ListOrder.
struct Recommendation : Prediction {
  Index item = 0;
  std::vector<Contribution> reasons = {};  // see RecommendOptions::reasons
  std::vector<PartRank> parts = {};        // of a model of several parts: where they have the item
  std::optional<float> deviation = {};     // of the rating, where the model knows it
};

// Which items may be recommended: those that meet all of this and, but for models that use content,
// have training ratings.
struct CandidateFilter {
  std::int64_t min_ratings = 1;              // of the item, in training
  std::vector<std::string> genres;           // it has one of these, in any case; empty: any or none
  std::vector<std::string> excluded_genres;  // it has none of these
  // Years of release, both included; an item of which it is not known is not among them.
  std::optional<int> from_year;
  std::optional<int> to_year;
  std::optional<std::vector<Index>> items;  // only these, in any order
  std::vector<Index> excluded_items;        // none of these
};

struct RecommendOptions {
  CandidateFilter candidates;
  bool exclude_seen = true;        // leave out what the user has rated in training
  std::optional<ListOrder> order;  // by default the model's own: see order_of()
  // 0: lists are best first. Up to 1: the more, the less alike their items are: see
  // src/serving/diversity.hpp. Throws UsageError where items cannot be compared.
  float diversity = 0;
  // For each item at most this many of the user's ratings, those that add most; ratings that lower
  // the score are left out. Of item-knn these are the neighbours that its prediction averages. Of a
  // model with factors they are the terms of the user's folded-in vector; a user who was trained is
  // folded in with ratings as the model predicts them, for it does not keep them: those are NaN in
  // the reasons.
  int reasons = 0;
};

// A list for one user, as a program that serves lists asks for it.
struct ListRequest {
  int k = 10;
  // Only these items, without repeats and in the order that decides ties, such as those that
  // CandidateIndex::find() gives; unset: the recommender's candidates.
  std::optional<std::span<const Index>> among = std::nullopt;
  int reasons = 0;  // as RecommendOptions::reasons, which does not count
};

// The genres that items of the catalogue have ("Action|Comedy" is two), sorted.
std::vector<std::string> genre_names(const Catalogue& catalogue);

// Users with training ratings, in order.
std::vector<Index> known_users(const Model& model);

// One of several parts of a list, for runs side by side: the parts 1 .. of hold every element once,
// in order, and differ by at most one in size.
struct Shard {
  std::size_t number = 1;
  std::size_t of = 1;

  std::span<const Index> take(std::span<const Index> all) const;
};
// "2/8". Throws UsageError.
Shard parse_shard(std::string_view text);

// Called with the list of each user, in their order.
using OnList = std::function<void(Index user, std::span<const Recommendation> list)>;

// The longest list.
inline constexpr int kMostRecommendations = 1'000'000;

class Diversity;
class DotTopKSession;
class ListScorer;

// Any number of threads may use a recommender at a time.
class Recommender {
 public:
  // The device is borrowed and must outlive the recommender, which shares the model. Throws
  // UsageError if no item may be recommended, or for a genre or an order that the model does not
  // have.
  Recommender(Device& device, std::shared_ptr<const Model> model,
              const RecommendOptions& options = {});
  // The model, too, is borrowed.
  Recommender(Device& device, const Model& model, const RecommendOptions& options = {});
  ~Recommender();

  // At most k items, best first; of equal scores the item with more training ratings comes first,
  // then that of smaller index. For a user without training ratings it is popular() of a model that
  // serves such users, and throws InputError of others, whose list would be somebody else's. Throws
  // UsageError unless 1 <= k <= kMostRecommendations.
  std::vector<Recommendation> recommend(std::string_view user_id, int k) const;
  std::vector<Recommendation> recommend(std::int64_t user_id, int k) const {
    return recommend(std::to_string(user_id), k);
  }

  // The same lists for many users, by index, in their order; each is the same whatever users are
  // asked for together. A user without training ratings gets the list of the scores that are left
  // without one.
  std::vector<std::vector<Recommendation>> recommend(std::span<const Index> users, int k) const;

  // The same for users who were not trained: the rows of `ratings`, users x the model's items with
  // values, see Predictor::fold_in(). exclude_seen leaves out what the row holds.
  std::vector<std::vector<Recommendation>> recommend_new(const CsrView& ratings, int k) const;

  // The list of one user of the model, as recommend() gives it.
  std::vector<Recommendation> list(Index user, const ListRequest& request) const;
  // That of a user who was not trained: `ratings` has one row, see recommend_new().
  std::vector<Recommendation> list(const CsrView& ratings, const ListRequest& request) const;
  // That of popular(), without reasons.
  std::vector<Recommendation> popular(const ListRequest& request) const;

  // Of the model's own users, opened for these lists.
  const Predictor& predictor() const;

  // At most k items that are like what the text describes, "dark space thriller", those first whose
  // title it is, with
  // Evidence::content and ratings as predicted for nobody in particular. Throws UsageError for a
  // model that knows no words, InputError if it knows none of these.
  std::vector<Recommendation> recommend_for_text(std::string_view text, int k) const;

  // At most k items for anybody, with Evidence::global: those that the model itself has for users
  // whom it does not know (`popular`, `hybrid`), or by Model::popularity's damped mean ratings.
  std::vector<Recommendation> popular(int k) const;

  // The same for any number of users, kNone for popular(), a batch at a time, so that at most about
  // so many bytes are needed beside the model. Whether to stop is asked before each batch. Throws
  // UsageError if the bytes are too few for one user, Interrupted.
  void for_each_list(std::span<const Index> users, int k, std::uint64_t bytes,
                     const OnList& on_list, const Observer& observer = {}) const;
  // The same of recommend_new(); on_list is called with rows of `ratings` for users.
  void for_each_new_list(const CsrView& ratings, int k, std::uint64_t bytes, const OnList& on_list,
                         const Observer& observer = {}) const;

  // Of all lists that recommend() has returned: how many end inside a tie, with items left out
  // whose scores equal the last one's.
  std::int64_t tied_lists() const { return tied_lists_; }

  // The same lists without predictions. Rows may be padded, see TopK.
  TopK top_k(std::span<const Index> users, int k) const;

  // In the order that decides ties.
  std::span<const Index> candidates() const { return candidates_; }

  // With the score of its prior filled in.
  const ListOrder& order() const { return order_; }

  // About how many users one call of recommend() may take if this recommender and that call are to
  // need at most so many bytes beside the model. Throws UsageError if that is none.
  std::int64_t users_within(std::uint64_t bytes, int k) const;

 private:
  using Lists = std::vector<std::vector<Recommendation>>;

  // How many items are looked for, for lists of k.
  int width(int k) const;
  // Counts the lists that end inside a tie and leaves k items of each, unlike each other if asked.
  Lists without_rest(Lists lists, int k) const;
  // How many users lists are made for at a time.
  std::size_t batch_of(int k, std::uint64_t bytes) const;
  TopK query_new(const Predictor& users, const CsrView& exclude, int k) const;
  Lists lists(std::span<const Index> users, const ListRequest& request) const;
  Lists new_lists(const CsrView& ratings, const ListRequest& request) const;
  // Of lists of users of `predictor`, in this order.
  void add_deviations(Lists& lists, const Predictor& predictor, std::span<const Index> users) const;
  void add_reasons(Lists& lists, std::span<const Index> users, int reasons) const;
  void add_reasons(std::vector<Recommendation>& list, const Predictor& folded, Index row,
                   int reasons) const;

  std::shared_ptr<const Model> model_;
  std::vector<Index> candidates_;
  CsrView exclude_;
  int reasons_;
  ListOrder order_;
  std::unique_ptr<ListScorer> scorer_;
  std::unique_ptr<Diversity> diversity_;     // if that is wanted
  std::unique_ptr<DotTopKSession> session_;  // where scores are dot products
  mutable std::atomic<std::int64_t> tied_lists_ = 0;
};

}  // namespace tusk
