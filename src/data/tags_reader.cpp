#include "data/tags_reader.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/error.hpp>

#include "data/fields.hpp"
#include "data/lines.hpp"
#include "data/named_csv.hpp"
#include "data/text_file.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

constexpr std::array<std::string_view, 2> kTagNames = {"tag", "tags"};

// The tags of each item.
class Tags {
 public:
  explicit Tags(const IdMap& items)
      : items_(items), tags_(static_cast<std::size_t>(items.size())) {}

  void add(std::string_view id, std::string_view tag) {
    const auto item = items_.find(trimmed(id));
    if (!item) return;
    std::string& all = tags_[static_cast<std::size_t>(*item)];
    if (!all.empty()) all += '|';
    all += tag;
  }

  TextTable table() const {
    TextTable table;
    for (const std::string& all : tags_) table.push_back(all);
    return table;
  }

 private:
  const IdMap& items_;
  std::vector<std::string> tags_;
};

void read_csv(const std::filesystem::path& file, const std::string& text, Tags& tags) {
  NamedCsv csv(file.string(), text);
  const int item = csv.column(kItemNames);
  const int tag = csv.column(kTagNames);
  if (item < 0 || tag < 0) csv.refuse("a header with movieId and tag");
  while (csv.next()) {
    if (csv.problem().empty()) tags.add(csv.field(item), csv.field(tag));
  }
}

// user::item::tag::time.
void read_dat(const std::string& text, Tags& tags) {
  Lines lines(text);
  std::string_view line;
  while (lines.next(line)) {
    const auto fields = split_text(line, "::");
    if (fields.size() >= 3) tags.add(fields[1], to_utf8(fields[2]));
  }
}

}  // namespace

TextTable read_tags(const std::filesystem::path& folder, const IdMap& items,
                    const OpenOptions& options, TitlesReport& report) {
  for (const std::string_view name : {"tags.csv", "tags.dat"}) {
    const auto file = folder / name;
    try {
      if (!has_bytes(file, options)) continue;
      const std::string text = read_text(file, "a text file of tags", options);
      Tags tags(items);
      if (name == "tags.csv") {
        read_csv(file, text, tags);
      } else {
        read_dat(text, tags);
      }
      return tags.table();
    } catch (const InputError& problem) {
      report.problems.emplace_back(problem.what());
    }
  }
  return {};
}

}  // namespace tusk
