// How well a model's lists of best items find the items that users like.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
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

// What a relevant item adds to NDCG before it is discounted by its rank.
enum class Gain {
  binary,       // 1
  linear,       // its test rating: trec_eval's ndcg_cut of graded relevance
  exponential,  // 2^rating - 1 (Burges et al.: "Learning to Rank using Gradient Descent", 2005)
};

// "binary", "linear", "exponential". parse_gain throws UsageError.
std::string_view to_string(Gain gain);
Gain parse_gain(std::string_view text);

// Of ratings from 1 to 5, the lowest that means "liked".
inline constexpr float kUsualRelevance = 4;
// The lowest rating that means "liked" where none is given: 4 on scales that end between 4 and 5,
// and the same place of a scale from 1 to 5 on others.
float usual_relevance(RatingScale scale);

struct RankingOptions {
  int k = 10;  // length of a list
  // A test rating of so much or more makes its item relevant. Unset: usual_relevance() of the
  // model's scale, and every test item of weights (Model::of_weights()); in metrics filled in but
  // of weights.
  std::optional<float> relevance;
  CandidatePolicy candidates;
  std::uint64_t seed = 1;  // of sampled candidates
  ListOrder order;         // in metrics with the score of its prior filled in
  Gain gain = Gain::binary;
  std::vector<int> other_k = {};  // further lengths, which the same lists are judged at
};

// Throws UsageError for options out of range.
void check_ranking_options(const RankingOptions& options);

// Which test items are relevant: "relevant from 4", "every test item relevant".
std::string relevance_text(std::optional<float> relevance);

// Of one user's list, or means over users. The definitions are trec_eval's, with relevance 0 or 1:
// P_k, recall_k, ndcg_cut_k, map_cut_k, recip_rank of the list, success_k, Rprec of the list; but
// for capped_recall. Where items have equal scores, each is the expected value over all orders of
// those items, every order equally likely (McSherry, Najork: "Computing Information Retrieval
// Performance Measures Efficiently in the Presence of Tied Scores", 2008).
struct ListMetrics {
  double precision = 0;  // hits / k, even where the list is shorter
  double recall = 0;     // hits / relevant
  // The sum over hits of gain / log2(rank + 1), over that of the ideal list: the min(k, relevant)
  // hits of the largest gains, best first.
  double ndcg = 0;
  // The sum over hits of the precision down to their rank, over the number of relevant items: all
  // of them, also where they are more than k. Its mean is MAP.
  double average_precision = 0;
  double reciprocal_rank = 0;  // 1 / rank of the first hit, 0 without one. Its mean is MRR.
  double hit_rate = 0;         // 1 with a hit, 0 without one
  // The hits down to the rank that is the number of relevant items, over that number: Rprec of the
  // list, which may be shorter.
  double r_precision = 0;
  // hits / min(k, relevant): Recall@R of Liang et al.: "Variational Autoencoders for Collaborative
  // Filtering", 2018.
  double capped_recall = 0;
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
    {"capped_recall", "capR", &ListMetrics::capped_recall},
});
static_assert(sizeof(ListMetrics) == kListFigures.size() * sizeof(double), "a figure is missing");

// Items of one score, of which a list has none, some or all.
struct TieGroup {
  std::int64_t items = 1;
  std::int64_t relevant = 0;  // of them
  double gain = 0;            // of these together; of binary gains their number
};

// Judges the list of length `k` that `groups` make, best first; the last of them that it has places
// for may reach beyond it, and groups after that one change nothing. `relevant` counts all relevant
// items of the user, on the list or not. k >= 1, relevant >= 1. O(k) and exact but for rounding.
ListMetrics judge_list(std::span<const TieGroup> groups, std::int64_t relevant, int k);
// The same with gains. `gains` has those of all relevant items, the largest first.
ListMetrics judge_list(std::span<const TieGroup> groups, std::span<const double> gains, int k);

// The figures of one user's list.
struct JudgedUser {
  Index user = 0;
  std::int64_t relevant = 0;  // test items
  ListMetrics figures;
};

// Means are over users with a training rating and a relevant test rating; they are NaN if there is
// none. Relevant items without training ratings are on no list and count as missed.
struct RankingMetrics {
  RankingOptions options;
  // What the scores behind lists are: "rating", "sum", or "score" of a model's own that is neither.
  std::string rank_by = "rating";
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
  // Mean over lists of how unlike their items are by genres: over all pairs, 1 - cosine. Nothing
  // where no genres are known.
  std::optional<double> diversity;
  std::vector<JudgedUser> judged;      // each user, in rising order
  std::vector<RankingMetrics> others;  // with the lengths of RankingOptions::other_k, in that order
};

// The metrics of a length that was judged.
const RankingMetrics& of_length(const RankingMetrics& metrics, int k);

// A figure of RankingMetrics with a name, for tables.
struct RankingFigure {
  std::string_view key;
  std::string heading;  // "NDCG@10"
  double value = 0;     // NaN without a user
  int decimals = 4;     // that are worth showing
};
std::vector<RankingFigure> ranking_figures(const RankingMetrics& metrics);

// "top 10, candidates all-unseen, relevant from 4, ranked by rating".
std::string protocol_text(const RankingMetrics& metrics);

// A list as it was judged. Tied items have the order that lists are shown in.
struct JudgedList {
  Index user = 0;
  std::span<const Index> item;   // best first, at most k
  std::span<const float> score;  // one for each
};
// Called with each user's list, of the largest length that is judged, in rising order of users.
using OnJudgedList = std::function<void(const JudgedList&)>;

// Makes and judges the list of every user of `test`, a batch of users at a time. Test ratings that
// the model was trained on are left out; there is at most one of an item by a user. Items tie
// whose scores are equal as floats. The figures depend neither on the numbers of items nor on the
// number of threads. Throws UsageError for options out of range or an order that the model does not
// have, Interrupted.
RankingMetrics evaluate_ranking(Device& device, const Model& model, const RatingList& test,
                                const RankingOptions& options = {}, const Observer& observer = {},
                                const OnJudgedList& on_list = {});

// The same of users who were not trained and are folded in (strong generalization: Marlin:
// "Modeling User Rating Profiles for Collaborative Filtering", 2004): the rows of `fold_in`, users
// x the model's items with values, see Predictor::fold_in(). `test` has their numbers as users.
// Throws UsageError for a model that cannot fold in users.
RankingMetrics evaluate_ranking_of_new_users(Device& device, const Model& model,
                                             const CsrView& fold_in, const RatingList& test,
                                             const RankingOptions& options = {},
                                             const Observer& observer = {},
                                             const OnJudgedList& on_list = {});

// The lists of those users of the model's own data who have test ratings, folded in or not.
RankingMetrics evaluate_ranking_of_part(Device& device, const Model& model, const Dataset& data,
                                        const HeldOutPart& part, const RankingOptions& options = {},
                                        const Observer& observer = {},
                                        const OnJudgedList& on_list = {});

}  // namespace tusk
