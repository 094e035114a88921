#include "cpu/ring_mf_session.hpp"

#include <algorithm>
#include <bit>
#include <mutex>
#include <utility>

#include <tusk/error.hpp>

#include "backend/training_state.hpp"
#include "cpu/block_flow.hpp"
#include "distributed/collectives.hpp"

namespace tusk {
namespace {

constexpr int kEverybody = -1;  // all processes have the item stripe
constexpr const char* kParameterNames = "model_0.now.";

template <class T>
std::span<std::byte> bytes_of(T* values, std::size_t count) {
  return std::as_writable_bytes(std::span(values, count));
}

std::size_t rows_of(const RatingBlocks& blocks, int item_stripe) {
  return static_cast<std::size_t>(blocks.first_item_row(item_stripe + 1) -
                                  blocks.first_item_row(item_stripe));
}

std::span<std::byte> factors_of(FactorRows& factors, const RatingBlocks& blocks, int item_stripe) {
  return bytes_of(
      factors.row(blocks.first_item_row(item_stripe)),
      rows_of(blocks, item_stripe) * static_cast<std::size_t>(factors.vectors()) * kLanes);
}

std::span<std::byte> biases_of(std::vector<float>& biases, const RatingBlocks& blocks,
                               int item_stripe) {
  return bytes_of(biases.data() + blocks.first_item_row(item_stripe), rows_of(blocks, item_stripe));
}

using Transfers = std::vector<std::unique_ptr<Communicator::Transfer>>;

// Forgets those that are done.
bool all_done(Transfers& transfers) {
  std::erase_if(transfers, [](const auto& transfer) { return transfer->done(); });
  return transfers.empty();
}

// A stripe's two messages; collectives have tag 0.
template <class Begin>
Transfers each_message(SgdParameters& parameters, const RatingBlocks& blocks, int item_stripe,
                       const Begin& begin) {
  Transfers transfers;
  transfers.push_back(
      begin(1 + 2 * item_stripe, factors_of(parameters.item_factors, blocks, item_stripe)));
  transfers.push_back(
      begin(2 + 2 * item_stripe, biases_of(parameters.item_bias, blocks, item_stripe)));
  return transfers;
}

Transfers send_stripe(Communicator& processes, SgdParameters& parameters,
                      const RatingBlocks& blocks, int item_stripe, int to) {
  return each_message(parameters, blocks, item_stripe, [&](int tag, std::span<std::byte> bytes) {
    return processes.send(to, tag, bytes);
  });
}

Transfers receive_stripe(Communicator& processes, SgdParameters& parameters,
                         const RatingBlocks& blocks, int item_stripe, int from) {
  return each_message(parameters, blocks, item_stripe, [&](int tag, std::span<std::byte> bytes) {
    return processes.receive(from, tag, bytes);
  });
}

void wait_for(const Transfers& transfers) {
  for (const auto& transfer : transfers) transfer->wait();
}

}  // namespace

// One epoch of this process: item stripes come before they are trained here, and go on afterwards.
class RingMfSession::Epoch {
 public:
  Epoch(RingMfSession& session, float rate)
      : session_(session),
        rate_(rate),
        flow_(make_flow(session)),
        items_(static_cast<std::size_t>(stripes())) {
    for (int item = 0; item < stripes(); ++item) {
      const int from = session_.holder_[static_cast<std::size_t>(item)];
      const int to = process_of(item, 0);
      const bool here = from == kEverybody || from == session_.rank();
      if (here && to == session_.rank()) {
        set_ready(item, 0);
      } else if (from == session_.rank()) {
        state_of(item).sending =
            send_stripe(*session_.processes_, session_.parameters_, session_.blocks_, item, to);
      }
    }
  }

  // By each of the threads.
  void work() {
    flow_.work([&] { receive_what_comes(); },
               [&](const BlockFlow::Block& block) {
                 const int item = flow_.item_stripe(block.w, block.round);
                 const double sum =
                     train_block(session_.kernels_, session_.parameters_.model(session_.fit_.mean),
                                 session_.fit_.params, rate_, session_.blocks_, session_.epoch_,
                                 flow_.user_stripe(block.w), item);
                 pass_on(item, block.round + 1);
                 return sum;
               });
  }

  // Once all blocks are trained: on all processes the sum of all, in the order of one process.
  double finish() {
    std::vector<double> sums = flow_.sums();
    std::vector<std::int64_t> bits;
    for (const double sum : sums) bits.push_back(std::bit_cast<std::int64_t>(sum));
    // Of each block one process has the sum, and the others 0.
    session_.processes_->sum(bits);
    std::ranges::transform(bits, sums.begin(),
                           [](std::int64_t sum) { return std::bit_cast<double>(sum); });
    for (int item = 0; item < stripes(); ++item) {
      wait_for(state_of(item).sending);
      session_.holder_[static_cast<std::size_t>(item)] = process_of(item, stripes() - 1);
    }
    return BlockFlow::total(sums, stripes());
  }

 private:
  static constexpr int kNotHere = -1;
  struct ItemStripe {
    int ready_for = kNotHere;  // the round for which it is here
    int expected = kNotHere;   // the round for which it is under way to here
    int uses = 0;              // rounds that it was trained in here
    Transfers receiving;
    Transfers sending;
  };

  static BlockFlow make_flow(const RingMfSession& session) {
    BlockOrder order =
        draw_block_order(session.fit_.params.seed, session.epoch_, session.stripes());
    std::vector<int> own;
    for (int w = 0; w < session.stripes(); ++w) {
      if (session.owner(order.user_stripe[static_cast<std::size_t>(w)]) == session.rank()) {
        own.push_back(w);
      }
    }
    return {std::move(order), own};
  }

  int stripes() const { return session_.stripes(); }
  ItemStripe& state_of(int item) { return items_[static_cast<std::size_t>(item)]; }
  // Which process trains the item stripe in a round.
  int process_of(int item, int round) const {
    return session_.owner(flow_.user_stripe(flow_.place_of(item, round)));
  }
  // Where it is before a round.
  int source_of(int item, int round) const {
    return round > 0 ? process_of(item, round - 1)
                     : session_.holder_[static_cast<std::size_t>(item)];
  }

  void set_ready(int item, int round) {
    state_of(item).ready_for = round;
    flow_.set_ready(item, round);
  }

  // For the next round of each user stripe, and the one after it. To ask for a message also moves
  // the others on, and takes time: those of the later round are asked for only if nothing else is.
  void receive_what_comes() {
    const std::lock_guard lock(mutex_);
    bool asked = false;
    for (const int ahead : {0, 1}) {
      for (const int w : flow_.own()) {
        const int round = flow_.next_round(w) + ahead;
        if (round >= stripes()) continue;
        const int number = flow_.item_stripe(w, round);
        expect(number, round);
        ItemStripe& item = state_of(number);
        if (item.expected != round || (ahead > 0 && asked)) continue;
        asked = true;
        if (!all_done(item.receiving)) continue;
        item.expected = kNotHere;
        set_ready(number, round);
      }
    }
  }

  // Begins to receive the item stripe of a round, if it comes from elsewhere and its place is free.
  void expect(int number, int round) {
    ItemStripe& item = state_of(number);
    const int from = source_of(number, round);
    if (from == session_.rank() || from == kEverybody) return;
    if (item.ready_for != kNotHere || item.expected != kNotHere) return;
    int earlier = 0;
    for (int before = 0; before < round; ++before) {
      earlier += process_of(number, before) == session_.rank() ? 1 : 0;
    }
    if (item.uses != earlier || !all_done(item.sending)) return;
    item.receiving =
        receive_stripe(*session_.processes_, session_.parameters_, session_.blocks_, number, from);
    item.expected = round;
  }

  // Once it is trained, to where it is trained next.
  void pass_on(int number, int next_round) {
    const std::lock_guard lock(mutex_);
    ItemStripe& item = state_of(number);
    ++item.uses;
    item.ready_for = kNotHere;
    if (next_round == stripes()) return;
    const int to = process_of(number, next_round);
    if (to == session_.rank()) {
      set_ready(number, next_round);
    } else {
      item.sending =
          send_stripe(*session_.processes_, session_.parameters_, session_.blocks_, number, to);
    }
  }

  RingMfSession& session_;
  float rate_;
  BlockFlow flow_;
  std::mutex mutex_;  // of what follows
  std::vector<ItemStripe> items_;
};

RingMfSession::RingMfSession(std::shared_ptr<ThreadPool> threads, const CpuKernels& kernels,
                             const MfProblem& problem)
    : stop_(std::move(threads)),
      threads_(stop_->threads()),
      kernels_(kernels),
      processes_(problem.processes),
      fit_(problem.fits.front()),
      blocks_(problem.ratings, problem.label, fit_.train, threads_, processes_.get()) {
  for (int rank = 0; rank < processes_->size(); ++rank) {
    owner_.resize(static_cast<std::size_t>(blocks_.first_stripe(rank + 1)), rank);
  }
  holder_.assign(static_cast<std::size_t>(stripes()), kEverybody);
  const Index end = blocks_.first_user_row(blocks_.first_stripe(rank() + 1));
  parameters_ = SgdParameters(fit_.params, blocks_, end - blocks_.own_first_row(), threads_);
}

std::vector<SquaredError> RingMfSession::run_epoch(std::span<const float> rate) {
  if (retired_) return {{}};
  agree(processes_.get(), [&] { stop_->check_stop(); });
  Epoch epoch(*this, rate.front());
  // More threads than user stripes would find nothing to do.
  const int own = blocks_.first_stripe(rank() + 1) - blocks_.first_stripe(rank());
  threads_.parallel_for(std::clamp(own, 1, threads_.threads()),
                        [&](std::int64_t, int) { epoch.work(); });
  const SquaredError error{epoch.finish(), blocks_.size()};
  ++epoch_;
  return {error};
}

SgdParameters RingMfSession::gathered() const {
  // What is sent is only read.
  auto& own = const_cast<SgdParameters&>(parameters_);
  const auto users = [&](SgdParameters& from, int of, Index first_row) {
    const Index begin = blocks_.first_user_row(blocks_.first_stripe(of));
    const auto rows =
        static_cast<std::size_t>(blocks_.first_user_row(blocks_.first_stripe(of + 1)) - begin);
    return std::pair(
        bytes_of(from.user_factors.row(begin - first_row),
                 rows * static_cast<std::size_t>(from.user_factors.vectors()) * kLanes),
        bytes_of(from.user_bias.data() + (begin - first_row), rows));
  };
  const auto [own_factors, own_biases] = users(own, rank(), blocks_.own_first_row());
  if (rank() > 0) {
    messages::send(*processes_, 0, own_factors);
    messages::send(*processes_, 0, own_biases);
    for (int item = 0; item < stripes(); ++item) {
      if (holder_[static_cast<std::size_t>(item)] == rank()) {
        wait_for(send_stripe(*processes_, own, blocks_, item, 0));
      }
    }
    return {};
  }
  SgdParameters all;
  all.user_factors = FactorRows(static_cast<Index>(blocks_.user_row().size()), fit_.params.factors);
  all.user_bias.resize(blocks_.user_row().size());
  all.item_factors = own.item_factors;
  all.item_bias = own.item_bias;
  std::ranges::copy(own_factors, users(all, 0, 0).first.begin());
  std::ranges::copy(own_biases, users(all, 0, 0).second.begin());
  for (int from = 1; from < processes_->size(); ++from) {
    messages::receive(*processes_, from, users(all, from, 0).first);
    messages::receive(*processes_, from, users(all, from, 0).second);
  }
  for (int item = 0; item < stripes(); ++item) {
    const int from = holder_[static_cast<std::size_t>(item)];
    if (from > 0) wait_for(receive_stripe(*processes_, all, blocks_, item, from));
  }
  return all;
}

MfState RingMfSession::state(std::size_t) const {
  const SgdParameters all = gathered();
  if (rank() == 0) return state_of(all, blocks_, fit_);
  return {};
}

void RingMfSession::save(TrainingState& state) const {
  state.counts["session"] = {static_cast<std::int64_t>(epoch_), retired_ ? 1 : 0, 0};
  const SgdParameters all = gathered();
  if (rank() > 0) return;
  each_array(all, kParameterNames,
             [&](const std::string& name, const float* numbers, std::size_t count) {
               state.numbers[name].assign(numbers, numbers + count);
             });
}

void RingMfSession::restore(const TrainingState& state) {
  const auto& counts = state.counts_of("session", 3);
  epoch_ = static_cast<std::uint64_t>(counts[0]);
  retired_ = counts[1] != 0;
  SgdParameters& own = parameters_;
  const std::size_t users = blocks_.user_row().size();
  const std::size_t items = blocks_.item_row().size();
  const auto width = static_cast<std::size_t>(own.user_factors.vectors()) * kLanes;
  // The rows of users of each process, and all items.
  const auto distribute = [&](const std::string& name, float* values, std::size_t rows,
                              std::size_t in_row, bool of_users) {
    std::vector<float> all;
    agree(processes_.get(), [&] {
      if (rank() == 0) all = state.numbers_of(kParameterNames + name, rows * in_row);
    });
    for (int to = 0; to < processes_->size(); ++to) {
      std::size_t begin = 0;
      std::size_t count = rows;
      if (of_users) {
        begin = static_cast<std::size_t>(blocks_.first_user_row(blocks_.first_stripe(to)));
        count =
            static_cast<std::size_t>(blocks_.first_user_row(blocks_.first_stripe(to + 1))) - begin;
      }
      if (rank() == 0 && to == 0) {
        std::ranges::copy(std::span(all).subspan(begin * in_row, count * in_row), values);
      } else if (rank() == 0) {
        messages::send(*processes_, to,
                       std::as_bytes(std::span(all).subspan(begin * in_row, count * in_row)));
      } else if (rank() == to) {
        messages::receive(*processes_, 0, bytes_of(values, count * in_row));
      }
    }
  };
  distribute("user_factors", own.user_factors.data(), users, width, true);
  distribute("item_factors", own.item_factors.data(), items, width, false);
  distribute("user_bias", own.user_bias.data(), users, 1, true);
  distribute("item_bias", own.item_bias.data(), items, 1, false);
  std::ranges::fill(holder_, kEverybody);
}

}  // namespace tusk
