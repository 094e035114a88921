#include "cli/id_list.hpp"

#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "cli/table_options.hpp"
#include "data/id_forms.hpp"
#include "support/text.hpp"

namespace tusk::cli {

void note_layout(const Console& console, const std::string& file, const IdTable& table) {
  console.note(fmt::format("read {}: {}; {}", std::filesystem::path(file).filename().string(),
                           layout_text(table.layout), count_text(std::ssize(table.line), "row")));
}

std::vector<Index> read_ids(const std::string& file, const IdMap& ids,
                            const std::function<bool(Index)>& usable, const IdListOptions& options,
                            const Console& console) {
  const IdTable table = read_id_table(file, options.kind, options.table);
  note_layout(console, file, table);
  std::vector<Index> found;
  std::vector<bool> listed(static_cast<std::size_t>(ids.size()), false);
  std::int64_t again = 0;
  std::string first_again;
  std::int64_t skipped = 0;
  std::optional<InputError> first;
  for (std::size_t row = 0; row < table.line.size(); ++row) {
    const std::string& id = table.column[0][row];
    const auto index = ids.find(id);
    if (index && usable(*index)) {
      if (listed[static_cast<std::size_t>(*index)]) {
        if (again++ == 0)
          first_again = fmt::format("{} on line {}", in_quotes(id), table.line[row]);
        continue;
      }
      listed[static_cast<std::size_t>(*index)] = true;
      found.push_back(*index);
      continue;
    }
    if (options.skip && skipped++ > 0) continue;
    const InputError unknown({file, table.line[row], 1}, in_quotes(id),
                             options.expected + known_ids_text(ids, id));
    if (!options.skip) throw unknown;
    first = unknown;
  }
  if (found.empty()) throw *first;
  if (skipped > 0) {
    console.warn(
        fmt::format("{} skipped; the first: {}", count_text(skipped, "id"), first->what()));
  }
  if (again > 0) {
    console.warn(fmt::format("{}: {} already listed and left out; the first: {}", file,
                             count_text(again, "id"), first_again));
  }
  return found;
}

}  // namespace tusk::cli
