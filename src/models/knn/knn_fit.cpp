#include "models/knn/knn_fit.hpp"

#include <algorithm>
#include <numeric>

#include <tusk/error.hpp>

#include "models/knn/knn_ratings.hpp"
#include "models/knn/neighbour_session.hpp"
#include "train/items_of_part.hpp"

namespace tusk {
// Rows with many ratings come first and together: they have most in common, which saves work.
NeighbourTable find_neighbours(NeighbourSession& session, const CsrView& matrix, int k,
                               const Observer& observer) {
  constexpr std::size_t kLeastRows = 256;  // at a time, enough for many threads
  constexpr std::int64_t kReports = 100;
  const Index rows = matrix.rows();
  const auto ratings = [&](Index row) { return std::ssize(matrix.row(row)); };
  std::vector<Index> order(static_cast<std::size_t>(rows));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](Index a, Index b) { return ratings(a) > ratings(b); });
  k = std::min(k, std::max(1, rows - 1));
  const auto width = static_cast<std::size_t>(k);
  NeighbourTable table{rows, k, std::vector<Index>(order.size() * width, kNone),
                       std::vector<float>(order.size() * width, 0)};
  std::int64_t done = 0;
  for (std::size_t first = 0; first < order.size();) {
    observer.check_stop();
    std::size_t count = 0;
    std::int64_t some_ratings = 0;
    while (first + count < order.size() &&
           (count < kLeastRows || some_ratings * kReports < matrix.size())) {
      some_ratings += ratings(order[first + count++]);
    }
    const auto some = std::span(order).subspan(first, count);
    const TopK found = session.query(some, k);
    for (std::size_t r = 0; r < count; ++r) {
      for (std::size_t n = 0; n < width && found.index[r * width + n] != kNone; ++n) {
        const std::size_t place = static_cast<std::size_t>(some[r]) * width + n;
        table.neighbour[place] = found.index[r * width + n];
        table.similarity[place] = found.score[r * width + n];
      }
    }
    first += count;
    done += some_ratings;
    observer.report(Work::neighbours, done, matrix.size());
  }
  return table;
}

KnnState fit_knn(Backend& backend, const Dataset& data, std::span<const Label> label,
                 const LabelSet& part, KnnRows rows, const KnnParams& params, const MfState& state,
                 const Observer& observer) {
  KnnState knn{params, ratings_of_part(data, label, part), {}};
  if (params.policy != NeighbourPolicy::table) return knn;
  const SeenItems seen = items_of_part(data, label, part);
  CsrView trained = seen.view();
  trained.value = knn.rating;
  const KnnRatings ratings(rows, params, state, trained);
  const KnnRatings::Measured measured = ratings.measured();
  const auto session = open_neighbours(backend, ratings.problem(measured, {}), rows);
  knn.table = find_neighbours(*session, ratings.rows(), params.neighbours, observer);
  return knn;
}

}  // namespace tusk
