#include "cli/id_list.hpp"

#include <optional>

#include <tusk/error.hpp>

#include "data/lines.hpp"
#include "data/text_file.hpp"
#include "support/text.hpp"

namespace tusk::cli {

std::vector<Index> read_ids(const std::string& file, const IdMap& ids,
                            const std::function<bool(Index)>& usable, const std::string& expected,
                            bool skip, Console& console) {
  const std::string text = read_text(file, "ids, one a line");
  Lines lines(text);
  std::vector<Index> found;
  std::int64_t skipped = 0;
  std::optional<InputError> first;
  for (std::string_view line; lines.next(line);) {
    const std::string_view id = trimmed(line);
    if (id.empty()) continue;
    const auto index = ids.find(id);
    if (index && usable(*index)) {
      found.push_back(*index);
      continue;
    }
    const InputError unknown({file, lines.number(), 1}, in_quotes(id), expected);
    if (!skip) throw unknown;
    if (skipped++ == 0) first = unknown;
  }
  if (found.empty()) {
    if (first) throw *first;
    throw InputError({file, 0, 0}, "no id", "ids, one a line");
  }
  if (skipped > 0) {
    console.warn(
        fmt::format("{} skipped; the first: {}", count_text(skipped, "id"), first->what()));
  }
  return found;
}

}  // namespace tusk::cli
