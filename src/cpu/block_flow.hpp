// The blocks of an epoch in the order that training has to keep, and no other: each is trained once
// its user stripe and its item stripe have been trained in the rounds before, by whichever thread
// is free. So the result is that of round after round, but no thread waits for the end of a round.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include "backend/block_order.hpp"

namespace tusk {

class BlockFlow {
 public:
  struct Block {
    int w = 0;  // place of its user stripe in the order
    int round = 0;
  };

  // All rounds of the user stripes in `own`, which are places in the order. The item stripes are
  // not ready yet.
  BlockFlow(BlockOrder order, const std::vector<int>& own);

  int stripes() const { return static_cast<int>(order_.round.size()); }
  int user_stripe(int w) const { return order_.user_stripe[static_cast<std::size_t>(w)]; }
  int item_stripe(int w, int round) const { return order_.item_stripe_of(w, number(round)); }
  // The place of the user stripe that an item stripe is trained with in a round.
  int place_of(int item_stripe, int round) const {
    const int w = place_[static_cast<std::size_t>(item_stripe)] - number(round) + stripes();
    return w % stripes();
  }
  const std::vector<int>& own() const { return own_; }
  // The first round of an own user stripe that is not trained yet; stripes() if all are.
  int next_round(int w) const {
    return round_of_[static_cast<std::size_t>(w)].load(std::memory_order_acquire);
  }

  // That the item stripe, trained in all rounds before, can be trained in this one.
  void set_ready(int item_stripe, int round) {
    ready_[static_cast<std::size_t>(item_stripe)].store(round, std::memory_order_release);
  }

  // Trains blocks until there are none left. Called by several threads at a time. look() is called
  // before each look for a block that is ready; train(block) returns the block's sum of squared
  // errors, and sets its item stripe ready for the next round if it is here then. After an
  // exception, which is passed on, the other threads end, too.
  template <class Look, class Train>
  void work(const Look& look, const Train& train);

  // Of each block, [rounds, stripes]; 0 of those that are not own.
  const std::vector<double>& sums() const { return sums_; }
  // The sum of such sums, in the order of rounds.
  static double total(const std::vector<double>& sums, int stripes);

 private:
  int number(int round) const { return order_.round[static_cast<std::size_t>(round)]; }
  bool is_ready(int w, int round) const {
    return ready_[static_cast<std::size_t>(item_stripe(w, round))].load(
               std::memory_order_acquire) == round;
  }
  // A block that is ready, of the earliest round, which no other thread then has.
  std::optional<Block> take();
  bool ended() const;

  BlockOrder order_;
  std::vector<int> own_;
  std::vector<int> place_;                  // by item stripe: its place in the order
  std::vector<std::atomic<int>> ready_;     // by item stripe: the round it is ready for
  std::vector<std::atomic<int>> round_of_;  // by place: the next round
  std::vector<std::atomic<bool>> taken_;    // by place
  std::vector<double> sums_;
  std::atomic<bool> failed_ = false;
};

template <class Look, class Train>
void BlockFlow::work(const Look& look, const Train& train) {
  try {
    for (int idle = 0; !failed_.load(std::memory_order_relaxed);) {
      look();
      const std::optional<Block> block = take();
      if (!block) {
        if (ended()) return;
        // Blocks take longer than this.
        if (++idle < 100) {
          std::this_thread::yield();
        } else {
          std::this_thread::sleep_for(std::chrono::microseconds(20));
        }
        continue;
      }
      idle = 0;
      const auto w = static_cast<std::size_t>(block->w);
      sums_[static_cast<std::size_t>(block->round * stripes()) + w] = train(*block);
      round_of_[w].store(block->round + 1, std::memory_order_release);
      taken_[w].store(false, std::memory_order_release);
    }
  } catch (...) {
    failed_ = true;
    throw;
  }
}

}  // namespace tusk
