#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/json.hpp>

#include "model/safetensors.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

// Far more than Tusk writes; they bound what a hostile header can make the reader allocate.
constexpr std::size_t kMostTensors = 256;
constexpr std::size_t kMostMetadata = 1024;
constexpr std::size_t kMostDimensions = 8;

constexpr std::array<std::pair<std::string_view, std::uint64_t>, 15> kDtypeSizes = {{
    {"BOOL", 1},
    {"U8", 1},
    {"I8", 1},
    {"F8_E5M2", 1},
    {"F8_E4M3", 1},
    {"I16", 2},
    {"U16", 2},
    {"F16", 2},
    {"BF16", 2},
    {"I32", 4},
    {"U32", 4},
    {"F32", 4},
    {"I64", 8},
    {"U64", 8},
    {"F64", 8},
}};

// Takes the header's JSON event by event and accepts nothing but
//   {"__metadata__": {key: string, ...},
//    name: {"dtype": string, "shape": [number, ...], "data_offsets": [begin, end]}, ...}
class HeaderReader : public nlohmann::json_sax<Json> {
 public:
  SafetensorsHeader header;

  bool start_object(std::size_t) override {
    if (level_ == Level::start) return enter(Level::top);
    if (level_ == Level::top && !key_.empty()) {
      if (key_ == kMetadata) return enter(Level::metadata);
      tensor_ = {};
      have_ = {};
      return enter(Level::tensor);
    }
    return refuse("an object");
  }

  bool key(string_t& key) override {
    if (level_ == Level::top) {
      const bool known =
          key == kMetadata ? std::exchange(have_metadata_, true) : header.tensors.contains(key);
      if (known) return fail(fmt::format("its header has the key {} twice", in_quotes(key)));
      if (header.tensors.size() >= kMostTensors) return fail("its header has too many tensors");
    } else if (level_ == Level::metadata) {
      if (header.metadata.contains(key)) {
        return fail(fmt::format("its metadata has the key {} twice", in_quotes(key)));
      }
      if (header.metadata.size() >= kMostMetadata) return fail("its header has too much metadata");
      field_ = key;
      return true;
    } else {
      const auto at = std::find(kFields.begin(), kFields.end(), key);
      if (at == kFields.end()) return refuse("the key " + in_quotes(key));
      if (std::exchange(have_[static_cast<std::size_t>(at - kFields.begin())], true)) {
        return fail(fmt::format("tensor {} has the key {} twice", in_quotes(key_), key));
      }
      field_ = key;
      return true;
    }
    key_ = key;
    if (key_.empty()) return fail("its header has a tensor without a name");
    return true;
  }

  bool string(string_t& value) override {
    if (level_ == Level::metadata) {
      header.metadata.emplace(field_, value);
      return true;
    }
    if (level_ == Level::tensor && field_ == "dtype") {
      tensor_.dtype = value;
      return true;
    }
    return refuse("a string");
  }

  bool start_array(std::size_t) override {
    if (level_ != Level::tensor || field_ == "dtype") return refuse("an array");
    numbers_.clear();
    return enter(Level::numbers);
  }

  bool number_unsigned(number_unsigned_t value) override {
    if (level_ != Level::numbers) return refuse("a number");
    if (numbers_.size() >= kMostDimensions) return refuse("too long an array");
    numbers_.push_back(value);
    return true;
  }

  bool end_array() override {
    if (field_ == "shape") {
      tensor_.shape = numbers_;
    } else if (numbers_.size() == 2) {
      tensor_.begin = numbers_[0];
      tensor_.end = numbers_[1];
    } else {
      return refuse("data_offsets that are not two numbers");
    }
    return enter(Level::tensor);
  }

  bool end_object() override {
    if (level_ == Level::tensor) {
      if (!have_[0] || !have_[1] || !have_[2]) {
        return fail(fmt::format("tensor {} lacks dtype, shape or data_offsets", in_quotes(key_)));
      }
      header.tensors.emplace(key_, tensor_);
    }
    return enter(level_ == Level::top ? Level::end : Level::top);
  }

  bool null() override { return refuse("null"); }
  bool boolean(bool) override { return refuse("a boolean"); }
  bool number_integer(number_integer_t) override { return refuse("a negative number"); }
  bool number_float(number_float_t, const string_t&) override { return refuse("a fraction"); }
  bool binary(binary_t&) override { return refuse("binary data"); }
  bool parse_error(std::size_t position, const std::string&, const Json::exception&) override {
    return fail(fmt::format("its header is not JSON at byte {}", position));
  }

  const std::string& error() const { return error_; }

 private:
  enum class Level { start, top, metadata, tensor, numbers, end };
  static constexpr std::string_view kMetadata = "__metadata__";
  static constexpr std::array<std::string_view, 3> kFields = {"dtype", "shape", "data_offsets"};

  bool enter(Level level) {
    level_ = level;
    return true;
  }
  bool fail(std::string message) {
    if (error_.empty()) error_ = std::move(message);
    return false;
  }
  bool refuse(const std::string& what) {
    return fail(fmt::format("its header has {} where safetensors allows none", what));
  }

  Level level_ = Level::start;
  std::string key_;    // of the tensor, or __metadata__
  std::string field_;  // within it
  TensorInfo tensor_;
  std::array<bool, 3> have_{};
  bool have_metadata_ = false;
  TensorShape numbers_;
  std::string error_;
};

std::uint64_t dtype_size(const std::string& name, const std::string& dtype) {
  for (const auto& [known, size] : kDtypeSizes) {
    if (known == dtype) return size;
  }
  throw FormatError(
      fmt::format("tensor {} has the unknown dtype {}", in_quotes(name), in_quotes(dtype)));
}

// The tensor's size in bytes; nullopt if it does not fit 64 bits.
std::optional<std::uint64_t> size_of(const std::string& name, const TensorInfo& tensor) {
  std::uint64_t size = dtype_size(name, tensor.dtype);
  for (const std::uint64_t n : tensor.shape) {
    if (__builtin_mul_overflow(size, n, &size)) return std::nullopt;
  }
  return size;
}

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view json, std::uint64_t data_size) {
  HeaderReader reader;
  if (!Json::sax_parse(json.begin(), json.end(), &reader)) throw FormatError(reader.error());
  SafetensorsHeader header = std::move(reader.header);

  std::vector<std::pair<const std::string*, const TensorInfo*>> order;
  for (const auto& [name, tensor] : header.tensors) order.emplace_back(&name, &tensor);
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return std::pair(a.second->begin, a.second->end) < std::pair(b.second->begin, b.second->end);
  });
  std::uint64_t end = 0;
  for (const auto& [name, tensor] : order) {
    const auto size = size_of(*name, *tensor);
    if (!size || tensor->end < tensor->begin || tensor->end - tensor->begin != *size) {
      throw FormatError(
          fmt::format("tensor {} has a shape that does not fit its bytes", in_quotes(*name)));
    }
    if (tensor->end > data_size) {
      throw FormatError(
          fmt::format("tensor {} ends beyond the file, which may be cut off", in_quotes(*name)));
    }
    if (tensor->begin != end) {
      throw FormatError(fmt::format(
          "tensor {} {}", in_quotes(*name),
          tensor->begin < end ? "overlaps the one before it" : "leaves a hole before it"));
    }
    end = tensor->end;
  }
  if (end != data_size) {
    throw FormatError(fmt::format("{} bytes follow the last tensor", data_size - end));
  }
  return header;
}

}  // namespace tusk
