#include <optional>
#include <unordered_set>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/id_table.hpp>

#include "support/text.hpp"

namespace tusk {

IdList find_ids(const IdTable& table, const Model& model, OnUnknown unknown) {
  const bool skip = unknown == OnUnknown::skip;
  const bool users = table.rows == IdRows::users;
  const IdMap& ids = users ? model.users : model.items;
  IdList list;
  std::vector<bool> listed(static_cast<std::size_t>(ids.size()), false);
  std::unordered_set<std::string_view> kept;
  const auto repeat = [&](const std::string& id, std::size_t row) {
    if (list.repeated++ > 0) return;
    list.first_repeated = fmt::format("{} on line {}", in_quotes(id), table.line[row]);
  };
  std::optional<InputError> first;
  for (std::size_t row = 0; row < table.line.size(); ++row) {
    const std::string& id = table.column[0][row];
    const auto index = ids.find(id);
    if (index && (users ? model.knows_user(*index) : model.knows_item(*index))) {
      if (!listed[static_cast<std::size_t>(*index)]) {
        listed[static_cast<std::size_t>(*index)] = true;
        list.index.push_back(*index);
      } else {
        repeat(id, row);
      }
      continue;
    }
    if (unknown == OnUnknown::keep) {
      if (!kept.insert(id).second) {
        repeat(id, row);
        continue;
      }
      list.index.push_back(kNone);
      list.unknown.push_back(id);
      continue;
    }
    if (skip && list.skipped++ > 0) continue;
    first.emplace(TextPosition{table.path.string(), table.line[row], 1}, in_quotes(id),
                  fmt::format("{} with training ratings in the model{}",
                              users ? "a user" : "an item", known_ids_text(ids, id)));
    if (!skip) throw *first;
    list.first_skipped = first->what();
  }
  if (list.index.empty()) throw *first;
  return list;
}

}  // namespace tusk
