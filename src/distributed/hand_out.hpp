// Ratings that several processes have read, each to the process that has its user.
#pragma once

#include <cstdint>
#include <numeric>
#include <type_traits>
#include <vector>

#include <tusk/types.hpp>

#include "distributed/collectives.hpp"

namespace tusk {

// Ratings by user, of all users: those of other processes have none.
struct OwnRatings {
  std::vector<std::int64_t> offset;
  std::vector<Index> item;
  std::vector<float> rating;
};

// Sends the ratings of each user to the process that owner(user) says, and returns those that come.
// The users whose ratings a process has read come after those of the processes before it.
// each_rating(user, visit) calls visit(at, item) for those of the user that are taken.
template <class Owner, class EachRating>
OwnRatings hand_out(CsrView ratings, Communicator& processes, const Owner& owner,
                    const EachRating& each_rating) {
  const auto users = static_cast<std::size_t>(ratings.rows());
  const auto values_for = [&](int to, const auto& value) {
    std::vector<std::remove_cvref_t<decltype(value(std::size_t{}, std::size_t{}))>> values;
    for (std::size_t u = 0; u < users; ++u) {
      if (owner(u) != to) continue;
      each_rating(u, [&](std::size_t at, std::size_t) { values.push_back(value(u, at)); });
    }
    return values;
  };
  OwnRatings own;
  own.offset.assign(users + 1, 0);
  // What comes by rank is in the order of users.
  exchange<Index>(
      processes,
      [&](int to) {
        return values_for(to, [](std::size_t u, std::size_t) { return static_cast<Index>(u); });
      },
      [&](int, std::vector<Index> some) {
        for (const Index user : some) ++own.offset[static_cast<std::size_t>(user) + 1];
      });
  std::partial_sum(own.offset.begin(), own.offset.end(), own.offset.begin());
  const auto append_to = [](auto& values) {
    return [&](int, std::remove_cvref_t<decltype(values)> some) {
      values.insert(values.end(), some.begin(), some.end());
    };
  };
  own.item.reserve(static_cast<std::size_t>(own.offset.back()));
  own.rating.reserve(static_cast<std::size_t>(own.offset.back()));
  exchange<Index>(
      processes,
      [&](int to) {
        return values_for(to, [&](std::size_t, std::size_t at) { return ratings.column[at]; });
      },
      append_to(own.item));
  exchange<float>(
      processes,
      [&](int to) {
        return values_for(to, [&](std::size_t, std::size_t at) { return ratings.value[at]; });
      },
      append_to(own.rating));
  return own;
}

}  // namespace tusk
