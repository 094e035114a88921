#include <tusk/dataset.hpp>
#include <tusk/error.hpp>

#include "data/id_dictionary.hpp"

namespace tusk {
namespace {

template <class Ids>
void check_rising(const Ids& ids) {
  for (std::size_t i = 1; i < ids.size(); ++i) {
    if (!(ids[i - 1] < ids[i])) throw InputError("ids must rise without repeats");
  }
}

template <class Ids, class Id>
std::optional<Index> find_in(const Ids& ids, const Id& id) {
  std::size_t low = 0;
  std::size_t high = ids.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (ids[middle] < id) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == ids.size() || ids[low] != id) return std::nullopt;
  return static_cast<Index>(low);
}

}  // namespace

IdMap::IdMap(std::vector<std::int64_t> numbers) : ids_(std::move(numbers)) {
  check_rising(this->numbers());
}

IdMap::IdMap(TextTable texts) : ids_(std::move(texts)) { check_rising(this->texts()); }

Index IdMap::size() const {
  return std::visit([](const auto& ids) { return static_cast<Index>(ids.size()); }, ids_);
}

std::optional<Index> IdMap::find(std::string_view id) const {
  if (!numeric()) return find_in(texts(), id);
  std::int64_t number = 0;
  if (!parse_canonical(id, number)) return std::nullopt;
  return find_in(numbers(), number);
}

std::vector<Index> IdMap::find(std::span<const std::string> ids) const {
  std::vector<Index> indices;
  indices.reserve(ids.size());
  for (const std::string& id : ids) indices.push_back(find(id).value_or(kNone));
  return indices;
}

std::string IdMap::id(Index index) const {
  const auto i = static_cast<std::size_t>(index);
  return numeric() ? std::to_string(numbers()[i]) : std::string(texts()[i]);
}

}  // namespace tusk
