// What the files of the binding share. It includes public headers alone, as the program does.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <tusk/tusk.hpp>

namespace tusk::python {

namespace nb = nanobind;

template <class T>
using Column = nb::ndarray<const T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

template <class T>
std::span<const T> span_of(const Column<T>& column) {
  return {column.data(), column.size()};
}

// A NumPy array that looks into memory of `owner` and cannot be written to.
template <class T>
nb::object view(std::span<const T> values, nb::handle owner, std::vector<std::size_t> shape = {}) {
  static const T nothing{};
  if (shape.empty()) shape = {values.size()};
  return nb::cast(nb::ndarray<nb::numpy, const T>(values.empty() ? &nothing : values.data(),
                                                  shape.size(), shape.data(), owner));
}

// A NumPy array that has taken the values over.
template <class T>
nb::object array_of(std::vector<T> values, std::vector<std::size_t> shape = {}) {
  if (shape.empty()) shape = {values.size()};
  if (values.empty()) values.reserve(1);
  auto* const kept = new std::vector<T>(std::move(values));
  const nb::capsule owner(kept, [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
  return nb::cast(nb::ndarray<nb::numpy, T>(kept->data(), shape.size(), shape.data(), owner));
}

// Ids as Python has them: an array of int64 or a list of str.
nb::object ids_of(const IdMap& ids, nb::handle owner);

// The ids of a column: borrowed numbers, or texts of its own.
class Ids {
 public:
  explicit Ids(nb::handle ids);
  IdColumn column() const;
  std::vector<Index> find_in(const IdMap& map) const;

 private:
  std::optional<Column<std::int64_t>> numbers_;
  std::vector<std::string> texts_;
};

nb::object from_json(const Json& json);
nb::list texts_of(const TextTable& table);

// Settings as Python gives them, {name: value}: numbers, switches and texts.
TrainOptions train_options(const std::string& model, const nb::dict& settings, std::uint64_t seed);
DeviceOptions device_options(const std::string& device, int threads);

void bind_errors(nb::module_& module);
void bind_tables(nb::module_& module);
void bind_dataset(nb::module_& module);
void bind_arrow(nb::module_& module);
void bind_model(nb::module_& module);
void bind_training(nb::module_& module);
void bind_experiments(nb::module_& module);

}  // namespace tusk::python
