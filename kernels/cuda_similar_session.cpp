#include "cuda_similar_session.hpp"

#include <algorithm>

#include "backend/padded_lists.hpp"
#include "nearest_launch.hpp"
#include "similar_launch.hpp"

namespace tusk {
namespace {

// The rows that the groups are of.
std::vector<Index> row_of_groups(const GroupedQueries& queries, std::span<const Index> row) {
  std::vector<Index> rows;
  for (std::int64_t g = 0; g < queries.size(); ++g) rows.push_back(row[queries.group(g).front()]);
  return rows;
}

template <class T>
void grow(DeviceBuffer<T>& buffer, std::int64_t size, cudaStream_t stream) {
  buffer = DeviceBuffer<T>(static_cast<std::size_t>(size), stream);
}

}  // namespace

CudaSimilarSession::CudaSimilarSession(int device, const NeighbourProblem& problem,
                                       const NeighbourPlan& plan)
    : device_(choose_device(device)),
      offset_(problem.rows.offset),
      measure_(measure_of(problem.similarity)),
      similarity_(problem.similarity),
      plan_(plan),
      rows_(problem.rows, stream_),
      squares_(static_cast<std::size_t>(problem.rows.rows()), stream_),
      segment_first_(static_cast<std::size_t>(plan.ranges.ranges) *
                             static_cast<std::size_t>(problem.rows.columns) +
                         1,
                     stream_),
      segment_entry_(problem.rows.column.size(), stream_) {
  if (!problem.deviation.empty()) {
    holders_ = DeviceMatrix(problem.columns, problem.deviation, stream_);
  }
  const DeviceRows rows = rows_.rows();
  const std::size_t bytes = segment_scratch_bytes(rows, plan_.ranges);
  DeviceBuffer<unsigned char> scratch(bytes, stream_);
  launch_squares(rows, squares_.data(), stream_);
  launch_segments(rows, {plan_.ranges, segment_first_.data(), segment_entry_.data()},
                  scratch.data(), bytes, stream_);
  stream_.wait();
}

CudaSimilarSession::~CudaSimilarSession() {
  // After a failure nothing more is known of the stream, and there is nobody to tell.
  cudaSetDevice(device_);
  cudaStreamSynchronize(stream_);
}

TopK CudaSimilarSession::query(std::span<const Index> rows, int k) {
  choose_device(device_);
  const auto width = static_cast<std::size_t>(k);
  TopK result = padded_lists(rows.size(), k);
  if (rows.empty()) return result;
  const Index all = rows_.rows().rows;
  const int most = std::min(k, std::max(1, all - 1));
  const GroupedQueries queries = grouped(rows);
  const std::vector<Index> row = row_of_groups(queries, rows);
  NeighbourBatch batch = plan_batch(plan_, most, all, true);
  batch.rows = batch.lists = std::min(batch.rows, queries.size());
  reserve(batch, most, true);
  const auto batch_of = [&](std::int64_t first) {
    return std::span(row).subspan(
        static_cast<std::size_t>(first),
        static_cast<std::size_t>(std::min(batch.rows, queries.size() - first)));
  };
  const auto found_width = static_cast<std::size_t>(most);
  std::vector<Index> index(static_cast<std::size_t>(batch.rows) * found_width);
  std::vector<float> score(index.size());
  search(batch_of(0), most);
  for (std::int64_t first = 0; first < queries.size(); first += batch.rows) {
    const std::size_t count = batch_of(first).size();
    lists_.index.download(std::span(index).first(count * found_width), stream_);
    lists_.score.download(std::span(score).first(count * found_width), stream_);
    stream_.wait();
    // The GPU goes on with the next while these are brought to their places.
    if (first + batch.rows < queries.size()) search(batch_of(first + batch.rows), most);
    for (std::size_t i = 0; i < count; ++i) {
      for (const std::size_t q : queries.group(first + static_cast<std::int64_t>(i))) {
        std::copy_n(index.data() + i * found_width, found_width, result.index.data() + q * width);
        std::copy_n(score.data() + i * found_width, found_width, result.score.data() + q * width);
      }
    }
  }
  return result;
}

std::vector<NeighbourSums> CudaSimilarSession::weigh(std::span<const Index> row,
                                                     std::span<const Index> column, int k) {
  choose_device(device_);
  std::vector<NeighbourSums> result(row.size());
  if (row.empty()) return result;
  const Index all = rows_.rows().rows;
  const int most = std::min(k, all);
  const GroupedQueries queries = grouped(row);
  const std::vector<Index> group_row = row_of_groups(queries, row);
  NeighbourBatch batch = plan_batch(plan_, most, all, false);
  batch.rows = std::min(batch.rows, queries.size());
  batch.lists = std::min(batch.lists, static_cast<std::int64_t>(row.size()));
  reserve(batch, most, false);
  std::vector<Index> of;
  std::vector<Index> place;
  std::vector<Index> of_column;
  std::vector<NeighbourSums> sums(static_cast<std::size_t>(batch.lists));
  for (std::int64_t first = 0; first < queries.size(); first += batch.rows) {
    const std::int64_t last = std::min(first + batch.rows, queries.size());
    measure(std::span(group_row).subspan(static_cast<std::size_t>(first),
                                         static_cast<std::size_t>(last - first)));
    // Queries first_query .. end_query - 1, in the order of groups, are of these rows.
    auto query = queries.begin[static_cast<std::size_t>(first)];
    const auto end_query = queries.begin[static_cast<std::size_t>(last)];
    for (std::int64_t g = first; query < end_query;) {
      const auto some =
          std::span(queries.query)
              .subspan(query, std::min(end_query - query, static_cast<std::size_t>(batch.lists)));
      of.clear();
      place.clear();
      of_column.clear();
      for (const std::size_t q : some) {
        while (query >= queries.begin[static_cast<std::size_t>(g) + 1]) ++g;
        ++query;
        of.push_back(row[q]);
        place.push_back(static_cast<Index>(g - first));
        of_column.push_back(column[q]);
      }
      lists_.of.upload(of, stream_);
      lists_.place.upload(place, stream_);
      lists_.column.upload(of_column, stream_);
      NearestArguments arguments;
      arguments.lists = std::ssize(some);
      arguments.of = lists_.of.data();
      arguments.place = lists_.place.data();
      arguments.column = lists_.column.data();
      arguments.holders = holders_.rows();
      arguments.k = most;
      choose(arguments);
      launch_sums(arguments, lists_.sums.data(), stream_);
      lists_.sums.download(std::span(sums).first(some.size()), stream_);
      stream_.wait();
      for (std::size_t i = 0; i < some.size(); ++i) result[some[i]] = sums[i];
    }
  }
  return result;
}

GroupedQueries CudaSimilarSession::grouped(std::span<const Index> row) const {
  return group_queries(row, [this](Index r) {
    const auto at = static_cast<std::size_t>(r);
    return offset_[at + 1] - offset_[at];
  });
}

void CudaSimilarSession::reserve(const NeighbourBatch& batch, int k, bool own_lists) {
  const Index all = rows_.rows().rows;
  const std::int64_t candidates = batch.lists * list_capacity(k, all);
  const std::int64_t places = own_lists ? batch.lists * k : 0;
  const auto holds = [](const auto& buffer, std::int64_t size) {
    return static_cast<std::int64_t>(buffer.size()) >= size;
  };
  // The last one of those that a query takes is there only if all are.
  if (holds(similarities_, batch.rows * all) && holds(lists_.begin, batch.lists) &&
      holds(lists_.found[0], candidates) && holds(lists_.score, places) &&
      holds(lists_.sums, own_lists ? 0 : batch.lists)) {
    return;
  }
  row_ = {};
  similarities_ = {};
  lists_ = {};
  grow(row_, batch.rows, stream_);
  grow(similarities_, batch.rows * all, stream_);
  for (auto& found : lists_.found) grow(found, candidates, stream_);
  for (auto& candidate : lists_.candidate) grow(candidate, candidates, stream_);
  grow(lists_.begin, batch.lists, stream_);
  grow(lists_.end, batch.lists, stream_);
  if (own_lists) {
    grow(lists_.index, places, stream_);
    grow(lists_.score, places, stream_);
  } else {
    grow(lists_.of, batch.lists, stream_);
    grow(lists_.place, batch.lists, stream_);
    grow(lists_.column, batch.lists, stream_);
    grow(lists_.sums, batch.lists, stream_);
  }
}

void CudaSimilarSession::measure(std::span<const Index> rows) {
  row_.upload(rows, stream_);
  SimilarityArguments arguments;
  arguments.rows = rows_.rows();
  arguments.segments = {plan_.ranges, segment_first_.data(), segment_entry_.data()};
  arguments.squares = squares_.data();
  arguments.params = similarity_;
  arguments.row = row_.data();
  arguments.count = std::ssize(rows);
  arguments.similarity = similarities_.data();
  launch_similarities(measure_, arguments, stream_);
}

void CudaSimilarSession::choose(NearestArguments& arguments) {
  arguments.similarity = similarities_.data();
  arguments.rows = rows_.rows().rows;
  arguments.capacity = list_capacity(arguments.k, arguments.rows);
  arguments.found = lists_.found[0].data();
  arguments.candidate = lists_.candidate[0].data();
  arguments.begin = lists_.begin.data();
  arguments.end = lists_.end.data();
  launch_choice(arguments, stream_);
  const std::size_t bytes = sort_scratch_bytes(arguments.lists, arguments.capacity);
  if (lists_.scratch.size() < bytes) {
    grow(lists_.scratch, static_cast<std::int64_t>(bytes), stream_);
  }
  launch_sort(arguments, lists_.found[1].data(), lists_.candidate[1].data(), lists_.scratch.data(),
              bytes, stream_);
}

void CudaSimilarSession::search(std::span<const Index> rows, int k) {
  measure(rows);
  NearestArguments arguments;
  arguments.lists = std::ssize(rows);
  arguments.of = row_.data();
  arguments.k = k;
  choose(arguments);
  launch_lists(arguments, lists_.index.data(), lists_.score.data(), stream_);
}

}  // namespace tusk
