#include "train/train_priors.hpp"

#include <vector>

#include <tusk/error.hpp>

#include "distributed/collectives.hpp"

namespace tusk {

std::shared_ptr<const FactorPriors> trained_priors(Backend& backend, const MfState& state,
                                                   const Dataset& data,
                                                   std::span<const Label> label,
                                                   const LabelSet& part) {
  Communicator* const processes = data.processes.get();
  std::vector<std::int64_t> of_users(static_cast<std::size_t>(data.users.size()), 0);
  std::vector<std::int64_t> of_items(static_cast<std::size_t>(data.items.size()), 0);
  data.ratings().each([&](Index user, std::size_t at) {
    if (!part.test(label[at])) return;
    ++of_users[static_cast<std::size_t>(user)];
    ++of_items[static_cast<std::size_t>(data.item[at])];
  });
  sum_of_all(processes, of_users);
  sum_of_all(processes, of_items);
  std::vector<std::int64_t> offset = {0};
  std::vector<Index> item;
  std::vector<float> rating;
  for (const std::size_t user : evenly_spread(of_users, kNoiseUsers)) {
    for (auto at = static_cast<std::size_t>(data.offset[user]);
         at < static_cast<std::size_t>(data.offset[user + 1]); ++at) {
      if (!part.test(label[at])) continue;
      item.push_back(data.item[at]);
      rating.push_back(data.rating[at]);
    }
    offset.push_back(std::ssize(item));
  }
  // A user has ratings on one process alone, and those of a later process are later users.
  sum_of_all(processes, offset);
  append_on_first(processes, item);
  append_on_first(processes, rating);
  if (!is_first(processes)) return nullptr;
  try {
    return std::make_shared<const FactorPriors>(estimate_priors(state, {of_users, of_items},
                                                                {offset, item, rating, state.items},
                                                                [&] { backend.check_stop(); }));
  } catch (const Interrupted&) {
    return nullptr;
  }
}

}  // namespace tusk
