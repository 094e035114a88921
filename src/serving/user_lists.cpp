// For whom lists are made.
#include <fmt/format.h>

#include <tusk/parameters.hpp>
#include <tusk/recommend.hpp>

#include "support/text.hpp"

namespace tusk {

std::vector<Index> known_users(const Model& model) {
  std::vector<Index> users;
  for (Index user = 0; user < model.state().users; ++user) {
    if (model.knows_user(user)) users.push_back(user);
  }
  return users;
}

std::span<const Index> Shard::take(std::span<const Index> all) const {
  const auto cut = [&](std::size_t n) { return all.size() / of * n + all.size() % of * n / of; };
  return all.subspan(cut(number - 1), cut(number) - cut(number - 1));
}

Shard parse_shard(std::string_view text) {
  const auto parts = split_text(text, "/");
  const auto number = parse_int(parts.front());
  const auto of = parts.size() == 2 ? parse_int(parts[1]) : std::nullopt;
  if (!number || !of || *number < 1 || *number > *of) {
    throw ParameterError("shard",
                         fmt::format("{} is not i/n, such as 2/8: part 2 of 8", short_text(text)));
  }
  return {static_cast<std::size_t>(*number), static_cast<std::size_t>(*of)};
}

}  // namespace tusk
