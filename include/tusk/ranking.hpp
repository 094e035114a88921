// How well a model's lists of best items find the items that users like.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/device.hpp>
#include <tusk/evaluate.hpp>
#include <tusk/list_order.hpp>
#include <tusk/model.hpp>
#include <tusk/observer.hpp>

namespace tusk {

// Which items a user's list is chosen from. Of each kind only items with training ratings, and none
// that the user has rated in training.
struct CandidatePolicy {
  enum class Kind {
    all_unseen,  // all of them
    rated_only,  // those in the user's test ratings
    sampled,     // the relevant ones in the user's test ratings and `negatives` others, drawn at
                 // random. Figures depend on that number and may order models differently from
                 // those over all items (Krichene, Rendle: "On Sampled Metrics for Item
                 // Recommendation", 2020): they compare with nothing else.
  };
  Kind kind = Kind::all_unseen;
  int negatives = 0;
};

// "all-unseen", "rated-only", "sampled:N". Throws UsageError.
CandidatePolicy parse_candidates(std::string_view text);
std::string to_string(const CandidatePolicy& policy);

struct RankingOptions {
  int k = 10;           // length of a list
  float relevance = 4;  // a test rating of so much or more makes its item relevant
  CandidatePolicy candidates;
  std::uint64_t seed = 1;  // of sampled candidates
  ListOrder order;         // in metrics with the score of its prior filled in
};

// Throws UsageError for options out of range.
void check_ranking_options(const RankingOptions& options);

// Of one user's list, or means over users. The definitions are trec_eval's, with relevance 0 or 1:
// P_k, recall_k, ndcg_cut_k, map_cut_k, recip_rank of the list, success_k, Rprec of the list. Where
// items have equal scores, each is the expected value over all orders of those items, every order
// equally likely (McSherry, Najork: "Computing Information Retrieval Performance Measures
// Efficiently in the Presence of Tied Scores", 2008).
struct ListMetrics {
  double precision = 0;  // hits / k, even where the list is shorter
  double recall = 0;     // hits / relevant
  // The sum over hits of 1 / log2(rank + 1), over that of the ideal list: min(k, relevant) hits.
  double ndcg = 0;
  // The sum over hits of the precision down to their rank, over the number of relevant items: all
  // of them, also where they are more than k. Its mean is MAP.
  double average_precision = 0;
  double reciprocal_rank = 0;  // 1 / rank of the first hit, 0 without one. Its mean is MRR.
  double hit_rate = 0;         // 1 with a hit, 0 without one
  // The hits down to the rank that is the number of relevant items, over that number: Rprec of the
  // list, which may be shorter.
  double r_precision = 0;
};

// A figure of ListMetrics.
struct ListFigure {
  std::string_view key;      // "hit_rate"; as a metric it is "hit-rate"
  std::string_view heading;  // of a column
  double ListMetrics::*value;
};
// All of them, in the order of tables.
inline constexpr auto kListFigures = std::to_array<ListFigure>({
    {"precision", "P", &ListMetrics::precision},
    {"recall", "R", &ListMetrics::recall},
    {"ndcg", "NDCG", &ListMetrics::ndcg},
    {"map", "MAP", &ListMetrics::average_precision},
    {"mrr", "MRR", &ListMetrics::reciprocal_rank},
    {"hit_rate", "hit", &ListMetrics::hit_rate},
    {"r_precision", "R-P", &ListMetrics::r_precision},
});
static_assert(sizeof(ListMetrics) == kListFigures.size() * sizeof(double), "a figure is missing");

// Items of one score, of which a list has none, some or all.
struct TieGroup {
  std::int64_t items = 1;
  std::int64_t relevant = 0;  // of them
};

// Judges the list of length `k` that `groups` make, best first; the last of them that it has places
// for may reach beyond it, and groups after that one change nothing. `relevant` counts all relevant
// items of the user, on the list or not. k >= 1, relevant >= 1. O(k) and exact but for rounding.
ListMetrics judge_list(std::span<const TieGroup> groups, std::int64_t relevant, int k);

// Means are over users with a training rating and a relevant test rating; they are NaN if there is
// none. Relevant items without training ratings are on no list and count as missed.
struct RankingMetrics {
  RankingOptions options;
  std::int64_t users = 0;
  std::int64_t users_without_relevant = 0;  // left out: their test ratings are all below
  std::int64_t relevant = 0;                // relevant test ratings of those users
  std::int64_t relevant_unknown_items = 0;  // of those, of items without training ratings
  std::int64_t relevant_unknown_users = 0;  // left out: of users without training ratings
  // Users whose last place on the list is inside a tie: other items of that score are left out.
  std::int64_t tied_users = 0;
  Index catalogue = 0;  // items with training ratings
  ListMetrics mean;
  // The following are expected values over the orders of tied items, too, independent by user.
  double coverage = 0;    // share of the catalogue that is on any list
  double popularity = 0;  // mean number of training ratings of the items on lists
  // Mean of -log2(share of training users who rated the item) over the items on lists (Zhou et al.:
  // "Solving the apparent diversity-accuracy dilemma of recommender systems", 2010).
  double novelty = 0;
};

// A figure of RankingMetrics with a name, for tables.
struct RankingFigure {
  std::string_view key;
  std::string heading;  // "NDCG@10"
  double value = 0;     // NaN without a user
  int decimals = 4;     // that are worth showing
};
std::vector<RankingFigure> ranking_figures(const RankingMetrics& metrics);

// "top 10, candidates all-unseen, relevant from 4, ranked by rating".
std::string protocol_text(const RankingOptions& options);

// Makes and judges the list of every user of `test`, a batch of users at a time. Test ratings that
// the model was trained on are left out; there is at most one of an item by a user. Items tie
// whose scores are equal as floats. The figures depend neither on the numbers of items nor on the
// number of threads. Throws UsageError for options out of range or an order that the model does not
// have, Interrupted.
RankingMetrics evaluate_ranking(Device& device, const Model& model, const RatingList& test,
                                const RankingOptions& options = {}, const Observer& observer = {});

}  // namespace tusk
