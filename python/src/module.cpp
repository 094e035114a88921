#include <algorithm>

#include "binding.hpp"

namespace tusk::python {

nb::object from_json(const Json& json) {
  static const nb::object* const loads = new nb::object(nb::module_::import_("json").attr("loads"));
  return (*loads)(json_line(json));
}

nb::list texts_of(const TextTable& table) {
  nb::list texts;
  for (std::size_t t = 0; t < table.size(); ++t) {
    const std::string_view text = table[t];
    texts.append(nb::str(text.data(), text.size()));
  }
  return texts;
}

nb::object ids_of(const IdMap& ids, nb::handle owner) {
  if (ids.numeric()) return view<std::int64_t>(ids.numbers(), owner);
  return texts_of(ids.texts());
}

Ids::Ids(nb::handle ids) {
  if (nb::isinstance<nb::list>(ids)) {
    for (const nb::handle id : nb::borrow<nb::list>(ids)) {
      if (std::string text; nb::try_cast(id, text)) {
        texts_.push_back(std::move(text));
        continue;
      }
      PyErr_Clear();
      throw InputError({"row " + std::to_string(texts_.size()), 0, 0},
                       nb::cast<std::string>(nb::steal(PyObject_ASCII(id.ptr()))),
                       "an id of UTF-8 text");
    }
  } else {
    numbers_ = nb::cast<Column<std::int64_t>>(ids);
  }
}

IdColumn Ids::column() const {
  if (numbers_) return span_of(*numbers_);
  return std::span<const std::string>(texts_);
}

namespace {

// Where each of the numbers is among those that are known, which rise.
std::vector<Index> find_numbers(std::span<const std::int64_t> numbers,
                                std::span<const std::int64_t> known) {
  std::vector<Index> found;
  found.reserve(numbers.size());
  const auto first = known.empty() ? 0 : static_cast<std::uint64_t>(known.front());
  const auto range = known.empty() ? 0 : static_cast<std::uint64_t>(known.back()) - first;
  if (range < 4 * numbers.size()) {  // a table is less work than bisections
    std::vector<Index> place(range + 1, kNone);
    for (std::size_t k = 0; k < known.size(); ++k) {
      place[static_cast<std::uint64_t>(known[k]) - first] = static_cast<Index>(k);
    }
    for (const std::int64_t number : numbers) {
      const std::uint64_t at = static_cast<std::uint64_t>(number) - first;
      found.push_back(at <= range ? place[at] : kNone);
    }
    return found;
  }
  for (const std::int64_t number : numbers) {
    const auto at = std::lower_bound(known.begin(), known.end(), number);
    const bool is_there = at != known.end() && *at == number;
    found.push_back(is_there ? static_cast<Index>(at - known.begin()) : kNone);
  }
  return found;
}

}  // namespace

std::vector<Index> Ids::find_in(const IdMap& map) const {
  if (!numbers_) return map.find(texts_);
  if (map.numeric()) return find_numbers(span_of(*numbers_), map.numbers());
  std::vector<Index> found;
  found.reserve(numbers_->size());
  for (const std::int64_t id : span_of(*numbers_)) found.push_back(map.find(id).value_or(kNone));
  return found;
}

DeviceOptions device_options(const std::string& device, int threads) {
  DeviceOptions options;
  options.device = device;
  options.threads = threads;
  return options;
}

}  // namespace tusk::python

NB_MODULE(_core, module) {
  using namespace tusk::python;
  module.doc() = "The engine. `tusk` is what to import.";
  module.attr("__version__") = tusk::kVersion;
  bind_errors(module);
  bind_tables(module);
  bind_dataset(module);
  bind_arrow(module);
  bind_model(module);
  bind_training(module);
  bind_experiments(module);
}
