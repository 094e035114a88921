// Tables by the Arrow PyCapsule interface: columns of pyarrow, polars, duckdb and pandas without a
// library of Arrow (https://arrow.apache.org/docs/format/CDataInterface.html).
#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <type_traits>

#include "binding.hpp"

namespace tusk::python {
namespace {

// The structs of the interface, which is an ABI.
struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  std::int64_t flags;
  std::int64_t n_children;
  ArrowSchema** children;
  ArrowSchema* dictionary;
  void (*release)(ArrowSchema*);
  void* private_data;
};

struct ArrowArray {
  std::int64_t length;
  std::int64_t null_count;
  std::int64_t offset;
  std::int64_t n_buffers;
  std::int64_t n_children;
  const void** buffers;
  ArrowArray** children;
  ArrowArray* dictionary;
  void (*release)(ArrowArray*);
  void* private_data;
};

struct ArrowArrayStream {
  int (*get_schema)(ArrowArrayStream*, ArrowSchema* out);
  int (*get_next)(ArrowArrayStream*, ArrowArray* out);
  const char* (*get_last_error)(ArrowArrayStream*);
  void (*release)(ArrowArrayStream*);
  void* private_data;
};

template <class T>
struct Released : T {
  Released() : T{} {}
  ~Released() {
    if (this->release != nullptr) this->release(this);
  }
  Released(const Released&) = delete;
  Released& operator=(const Released&) = delete;
};

// A column of a table, from all its chunks. Missing numbers are NaN, or `missing` in whole ones.
struct ArrowColumn {
  std::string name;
  bool is_text = false;
  bool is_float = false;
  std::vector<std::int64_t> whole;
  std::vector<double> numbers;
  std::vector<std::string> texts;
};

constexpr std::int64_t kMissing = kNoTime;

bool is_missing(const ArrowArray& array, std::int64_t at) {
  if (array.null_count == 0 || array.n_buffers == 0 || array.buffers[0] == nullptr) return false;
  const auto* const bits = static_cast<const std::uint8_t*>(array.buffers[0]);
  const std::int64_t bit = array.offset + at;
  return ((bits[bit / 8] >> (bit % 8)) & 1) == 0;
}

[[noreturn]] void refuse(const std::string& name, std::string_view format) {
  throw UsageError("column \"" + name + "\" has Arrow's type \"" + std::string(format) +
                   "\"; ids are whole numbers or texts, ratings numbers");
}

[[noreturn]] void refuse_missing(const std::string& name, std::int64_t row) {
  throw InputError({"row " + std::to_string(row), 0, 0}, "nothing",
                   "a value in column \"" + name + "\"");
}

template <class T>
void append_numbers(ArrowColumn& column, const ArrowArray& array) {
  const auto* const values = static_cast<const T*>(array.buffers[1]) + array.offset;
  for (std::int64_t at = 0; at < array.length; ++at) {
    const bool missing = is_missing(array, at);
    if constexpr (std::is_floating_point_v<T>) {
      column.numbers.push_back(missing ? std::numeric_limits<double>::quiet_NaN()
                                       : static_cast<double>(values[at]));
    } else {
      if (std::is_same_v<T, std::uint64_t> && !missing &&
          static_cast<std::uint64_t>(values[at]) >
              static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        throw UsageError("column \"" + column.name + "\" has a number beyond 64 bits");
      }
      column.whole.push_back(missing ? kMissing : static_cast<std::int64_t>(values[at]));
    }
  }
}

template <class Offset>
std::string_view text_at(const ArrowArray& array, std::int64_t at) {
  const auto* const offsets = static_cast<const Offset*>(array.buffers[1]) + array.offset;
  const auto* const bytes = static_cast<const char*>(array.buffers[2]);
  return {bytes + offsets[at], static_cast<std::size_t>(offsets[at + 1] - offsets[at])};
}

// "vu": 16 bytes a text, which hold its length and it, or where it is.
std::string_view viewed_text_at(const ArrowArray& array, std::int64_t at) {
  const auto* const views = static_cast<const char*>(array.buffers[1]) + 16 * (array.offset + at);
  std::int32_t length = 0, buffer = 0, offset = 0;
  std::memcpy(&length, views, 4);
  if (length <= 12) return {views + 4, static_cast<std::size_t>(length)};
  std::memcpy(&buffer, views + 8, 4);
  std::memcpy(&offset, views + 12, 4);
  return {static_cast<const char*>(array.buffers[2 + buffer]) + offset,
          static_cast<std::size_t>(length)};
}

void append_texts(ArrowColumn& column, const ArrowArray& array, std::string_view format,
                  std::int64_t row) {
  for (std::int64_t at = 0; at < array.length; ++at) {
    if (is_missing(array, at)) refuse_missing(column.name, row + at);
    column.texts.emplace_back(format == "u"   ? text_at<std::int32_t>(array, at)
                              : format == "U" ? text_at<std::int64_t>(array, at)
                                              : viewed_text_at(array, at));
  }
}

bool is_text(std::string_view format) { return format == "u" || format == "U" || format == "vu"; }

void append_whole(ArrowColumn& column, const ArrowArray& array, std::string_view format) {
  switch (format.front()) {
    case 'c':
      return append_numbers<std::int8_t>(column, array);
    case 'C':
      return append_numbers<std::uint8_t>(column, array);
    case 's':
      return append_numbers<std::int16_t>(column, array);
    case 'S':
      return append_numbers<std::uint16_t>(column, array);
    case 'i':
      return append_numbers<std::int32_t>(column, array);
    case 'I':
      return append_numbers<std::uint32_t>(column, array);
    case 'L':
      return append_numbers<std::uint64_t>(column, array);
    default:
      return append_numbers<std::int64_t>(column, array);  // l and times
  }
}

// Seconds of a time in "s", "m", "u" or "n", or of a day.
void to_seconds(std::vector<std::int64_t>& times, std::size_t first, std::string_view format) {
  std::int64_t divisor = 1, factor = 1;
  if (format == "tdD") factor = 86400;
  if (format == "tdm" || format.starts_with("tsm")) divisor = 1000;
  if (format.starts_with("tsu")) divisor = 1'000'000;
  if (format.starts_with("tsn")) divisor = 1'000'000'000;
  for (std::size_t t = first; t < times.size(); ++t) {
    if (times[t] == kMissing) continue;
    const std::int64_t whole = times[t] / divisor;
    times[t] = (whole - (times[t] % divisor < 0 ? 1 : 0)) * factor;
  }
}

void append(ArrowColumn& column, const ArrowSchema& schema, const ArrowArray& array,
            std::int64_t row) {
  const std::string_view format = schema.format;
  const std::size_t first = column.whole.size();
  if (is_text(format)) {
    append_texts(column, array, format, row);
  } else if (format == "f") {
    append_numbers<float>(column, array);
  } else if (format == "g") {
    append_numbers<double>(column, array);
  } else if (format == "tdD") {
    append_numbers<std::int32_t>(column, array);
    to_seconds(column.whole, first, format);
  } else if (format == "tdm" || format.starts_with("ts")) {
    append_numbers<std::int64_t>(column, array);
    to_seconds(column.whole, first, format);
  } else if (format.size() == 1 && std::string_view("cCsSiIlL").find(format) != format.npos) {
    append_whole(column, array, format);
  } else {
    refuse(column.name, format);
  }
}

void append_dictionary(ArrowColumn& column, const ArrowSchema& schema, const ArrowArray& array,
                       std::int64_t row) {
  ArrowColumn keys{column.name, false, false, {}, {}, {}};
  append_whole(keys, array, schema.format);
  ArrowColumn values{column.name, false, false, {}, {}, {}};
  append(values, *schema.dictionary, *array.dictionary, 0);
  for (std::size_t k = 0; k < keys.whole.size(); ++k) {
    const std::int64_t key = keys.whole[k];
    if (key == kMissing) refuse_missing(column.name, row + static_cast<std::int64_t>(k));
    const auto at = static_cast<std::size_t>(key);
    if (column.is_text) {
      column.texts.push_back(values.texts.at(at));
    } else if (column.is_float) {
      column.numbers.push_back(values.numbers.at(at));
    } else {
      column.whole.push_back(values.whole.at(at));
    }
  }
}

class Table {
 public:
  explicit Table(ArrowArrayStream* stream) : stream_(stream) {
    check(stream_->get_schema(stream_, &schema_));
    if (std::string_view(schema_.format) != "+s") throw UsageError("this is no table of columns");
    for (std::int64_t c = 0; c < schema_.n_children; ++c) {
      names_.emplace_back(schema_.children[c]->name == nullptr ? "" : schema_.children[c]->name);
    }
  }

  const std::vector<std::string>& names() const { return names_; }

  std::vector<ArrowColumn> read(const std::vector<std::size_t>& wanted) {
    std::vector<ArrowColumn> columns;
    for (const std::size_t c : wanted) {
      const ArrowSchema& schema = *schema_.children[c];
      const ArrowSchema& values = schema.dictionary == nullptr ? schema : *schema.dictionary;
      const std::string_view format = values.format;
      columns.push_back({names_[c], is_text(format), format == "f" || format == "g", {}, {}, {}});
    }
    std::int64_t row = 0;
    while (true) {
      Released<ArrowArray> chunk;
      check(stream_->get_next(stream_, &chunk));
      if (chunk.release == nullptr) return columns;
      if (chunk.offset != 0) throw UsageError("a table that begins within its memory");
      for (std::size_t n = 0; n < wanted.size(); ++n) {
        const ArrowSchema& schema = *schema_.children[wanted[n]];
        const ArrowArray& array = *chunk.children[wanted[n]];
        const auto add = schema.dictionary == nullptr ? append : append_dictionary;
        add(columns[n], schema, array, row);
      }
      row += chunk.length;
    }
  }

 private:
  void check(int problem) {
    if (problem == 0) return;
    const char* const text = stream_->get_last_error(stream_);
    throw Error(std::string("the table cannot be read: ") + (text == nullptr ? "" : text));
  }

  ArrowArrayStream* stream_;
  Released<ArrowSchema> schema_;
  std::vector<std::string> names_;
};

nb::object values_of(ArrowColumn column) {
  if (column.is_text) return nb::cast(column.texts);
  if (column.is_float) return array_of(std::move(column.numbers));
  if (std::find(column.whole.begin(), column.whole.end(), kMissing) == column.whole.end()) {
    return array_of(std::move(column.whole));
  }
  for (const std::int64_t one : column.whole) {
    column.numbers.push_back(one == kMissing ? std::numeric_limits<double>::quiet_NaN()
                                             : static_cast<double>(one));
  }
  return array_of(std::move(column.numbers));
}

// Columns of a table as {name: array or list}: those of its names that `choose` gives back.
nb::dict arrow_columns(nb::handle table, const nb::callable& choose) {
  const nb::object capsule = table.attr("__arrow_c_stream__")();
  void* const pointer = PyCapsule_GetPointer(capsule.ptr(), "arrow_array_stream");
  if (pointer == nullptr) throw nb::python_error();
  Table reader(static_cast<ArrowArrayStream*>(pointer));
  const auto wanted = nb::cast<std::vector<std::string>>(choose(reader.names()));
  std::vector<std::size_t> places;
  for (std::size_t c = 0; c < reader.names().size(); ++c) {
    if (std::find(wanted.begin(), wanted.end(), reader.names()[c]) != wanted.end()) {
      places.push_back(c);
    }
  }
  std::vector<ArrowColumn> columns;
  {
    const nb::gil_scoped_release released;
    columns = reader.read(places);
  }
  nb::dict all;
  for (ArrowColumn& column : columns) {
    const std::string name = column.name;
    all[name.c_str()] = values_of(std::move(column));
  }
  return all;
}

}  // namespace

void bind_arrow(nb::module_& module) {
  module.def("arrow_columns", &arrow_columns, nb::arg("table"), nb::arg("choose"));
}

}  // namespace tusk::python
