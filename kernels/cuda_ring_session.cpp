#include "cuda_ring_session.hpp"

#include <algorithm>
#include <utility>

#include "backend/stripes.hpp"
#include "cuda/memory_plan.hpp"
#include "distributed/collectives.hpp"

namespace tusk {
namespace {

std::vector<std::unique_ptr<HogwildTrainer>> make_trainers(CudaRingWork& work, int device,
                                                           cudaStream_t stream) {
  std::vector<std::unique_ptr<HogwildTrainer>> trainers;
  const auto users = static_cast<Index>(work.user_of_row.size());
  for (std::size_t part = 0; part < work.parts.size(); ++part) {
    const Index items = work.first_item_row[part + 1] - work.first_item_row[part];
    // There is one chunk, so that nothing is copied later.
    trainers.push_back(std::make_unique<HogwildTrainer>(std::move(work.parts[part]), users, items,
                                                        work.precision, device, stream, stream));
  }
  return trainers;
}

std::size_t most_error_places(const std::vector<std::unique_ptr<HogwildTrainer>>& trainers,
                              const MfFit& fit) {
  std::size_t most = 0;
  for (const auto& trainer : trainers) most = std::max(most, trainer->error_places(fit));
  return most;
}

// Rows of `from` to those of the users or items that they are of.
void put_rows(const std::vector<float>& from, std::span<const Index> ids, std::size_t width,
              std::vector<float>& to) {
  for (std::size_t row = 0; row < ids.size(); ++row) {
    std::ranges::copy(std::span(from).subspan(row * width, width),
                      to.begin() + std::ptrdiff_t{ids[row]} * static_cast<std::ptrdiff_t>(width));
  }
}

std::vector<float> rows_of(const std::vector<float>& from, std::span<const Index> ids,
                           std::size_t width) {
  std::vector<float> rows;
  rows.reserve(ids.size() * width);
  for (const Index id : ids) {
    const auto row = std::span(from).subspan(static_cast<std::size_t>(id) * width, width);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  return rows;
}

}  // namespace

CudaRingSession::CudaRingSession(int device, CudaRingWork work)
    : device_(choose_device(device)),
      processes_(work.processes),
      check_stop_(work.check_stop),
      users_(work.users),
      user_of_row_(work.user_of_row),
      item_of_row_(ids_of_rows(work.item_row)),
      first_item_row_(work.first_item_row),
      trainers_(make_trainers(work, device, stream_)),
      device_user_of_row_(user_of_row_, stream_),
      device_item_row_(work.item_row, stream_),
      device_item_of_row_(item_of_row_, stream_),
      model_(work.fit, static_cast<Index>(user_of_row_.size()), work.items, work.rated,
             work.precision, error_places(most_error_places(trainers_, work.fit)),
             {{device_user_of_row_.data(), nullptr},
              {device_item_of_row_.data(), device_item_row_.data()}},
             stream_),
      total_(1, stream_),
      unpacked_(unpacked_floats(static_cast<Index>(user_of_row_.size()), work.items,
                                work.fit.params.factors),
                stream_) {
  stream_.wait();
  if (processes_->size() > 1) messages_.emplace(*processes_);
}

CudaRingSession::~CudaRingSession() {
  cudaSetDevice(device_);
  // After a failure nothing more is known of the streams, and there is nobody to tell; what another
  // process may never answer is ended first.
  if (failed_ && messages_) messages_->abort();
  cudaStreamSynchronize(message_stream_);
  cudaStreamSynchronize(stream_);
}

std::array<GpuMessages::Block, 2> CudaRingSession::blocks_of(int part) {
  const ModelRows rows = model_.rows();
  const auto p = static_cast<std::size_t>(part);
  const auto first = static_cast<std::size_t>(first_item_row_[p]);
  const auto count = static_cast<std::size_t>(first_item_row_[p + 1]) - first;
  return {{{rows.item + first * rows.stride, count * rows.stride},
           {rows.item_bias + first * kBiasSpacing, count * kBiasSpacing * sizeof(float)}}};
}

void CudaRingSession::pass_on(int step) {
  const int size = processes_->size();
  const int rank = processes_->rank();
  const int sent = ring_part(rank, step, parts());
  const int received = ring_part(rank, step + 2, parts());
  messages_->pass_on(blocks_of(sent), (rank + size - 1) % size, blocks_of(received),
                     (rank + 1) % size, message_stream_);
}

std::vector<SquaredError> CudaRingSession::run_epoch(std::span<const float> rate) {
  choose_device(device_);
  if (model_.retired) return {{}};
  agree(processes_.get(), check_stop_);
  try {
    return train_epoch(rate.front());
  } catch (...) {
    failed_ = true;
    throw;
  }
}

std::vector<SquaredError> CudaRingSession::train_epoch(float rate) {
  model_.clear_errors();
  DeviceModel* const model = &model_;
  for (int step = 0; step < parts(); ++step) {
    const auto turn = static_cast<std::size_t>(step % 2);
    // What arrived while the step before was trained, in the last epoch or in this one.
    arrived_[turn].hold_back(stream_);
    const int part = ring_part(processes_->rank(), step, parts());
    // The users and items of each have random numbers of their own.
    const auto blocks = static_cast<std::uint64_t>(parts() * processes_->size());
    const std::uint64_t visit =
        epoch_ * blocks + static_cast<std::uint64_t>(processes_->rank() * parts() + part);
    trainers_[static_cast<std::size_t>(part)]->start_epoch({&model, 1}, {&rate, 1}, visit);
    if (!messages_) continue;
    trained_[turn].record(stream_);
    trained_[turn].hold_back(message_stream_);
    pass_on(step);
    arrived_[turn].record(message_stream_);
  }
  ++epoch_;
  total_.clear(stream_);
  model_.add_up_errors(most_error_places(trainers_, model_.fit()), total_.data());
  std::vector<ErrorSums> own(1);
  total_.download(own, stream_);
  stream_.wait();
  SquaredError error;
  for (const auto& of_one : gather_on_all(*processes_, own)) {
    error.sum += of_one.front().squared;
    error.count += of_one.front().count;
  }
  return {error};
}

MfState CudaRingSession::state(std::size_t) const {
  choose_device(device_);
  message_stream_.wait();
  MfState state = model_.state(unpacked_);
  const auto width = static_cast<std::size_t>(state.factors);
  // The items whose parts this process has between epochs.
  const int first_part = ring_part(processes_->rank(), 0, parts());
  const int end_part = parts() == 1 ? 1 : first_part + 2;
  const std::vector<Index> items(
      item_of_row_.begin() + first_item_row_[static_cast<std::size_t>(first_part)],
      item_of_row_.begin() + first_item_row_[static_cast<std::size_t>(end_part)]);

  const bool first = processes_->rank() == 0;
  const std::vector<float> own_user_factors = std::move(state.user_factors);
  const std::vector<float> own_user_bias = std::move(state.user_bias);
  if (first) {
    state.users = users_;
    const auto users = static_cast<std::size_t>(users_);
    state.user_factors.assign(users * width, 0);
    if (state.biased) state.user_bias.assign(users, 0);
  }
  Communicator& processes = *processes_;
  // By process: ids, and rows of as many numbers each, to where they belong.
  const auto gather = [&](const std::vector<Index>& ids, const std::vector<float>& rows,
                          std::size_t count, std::vector<float>& to) {
    if (!first) {
      send_vector(processes, 0, ids);
      send_vector(processes, 0, rows);
      return;
    }
    put_rows(rows, ids, count, to);
    for (int from = 1; from < processes.size(); ++from) {
      const auto their_ids = receive_vector<Index>(processes, from);
      put_rows(receive_vector<float>(processes, from), their_ids, count, to);
    }
  };
  gather(user_of_row_, own_user_factors, width, state.user_factors);
  gather(items, rows_of(state.item_factors, items, width), width, state.item_factors);
  if (state.biased) {
    gather(user_of_row_, own_user_bias, 1, state.user_bias);
    gather(items, rows_of(state.item_bias, items, 1), 1, state.item_bias);
  }
  return first ? std::move(state) : MfState{};
}

}  // namespace tusk
