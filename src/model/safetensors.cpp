#include "model/safetensors.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tusk/atomic_file.hpp>
#include <tusk/error.hpp>

#include "support/checksum.hpp"

static_assert(std::endian::native == std::endian::little, "tensors are written as they lie");

namespace tusk {
namespace {

constexpr std::size_t kLengthBytes = 8;
constexpr const char* kChecksumKey = "checksum";
constexpr std::string_view kChecksumKind = "xxh3-64:";

// Where the digits of the checksum are in the text of a header; npos if it has none as a writer
// writes it. Quotes within a value are escaped, so that this is found in the metadata alone.
std::size_t find_digits(std::string_view header) {
  const std::string begin = fmt::format("\"{}\":\"{}", kChecksumKey, kChecksumKind);
  const std::size_t found = header.find(begin);
  if (found == std::string_view::npos) return found;
  const std::size_t digits = found + begin.size();
  return header.substr(digits).find('"') == kChecksumDigits ? digits : std::string_view::npos;
}

}  // namespace

SafetensorsReader::SafetensorsReader(const std::filesystem::path& path)
    : file_(std::make_shared<const InputFile>(path)) {
  if (file_->size() < kLengthBytes) throw FormatError("it is too short for a safetensors file");
  std::uint64_t length = 0;
  file_->read(0, {reinterpret_cast<char*>(&length), kLengthBytes});
  if (length > file_->size() - kLengthBytes) {
    throw FormatError(fmt::format(
        "its header would be {} bytes long, more than the file has: it is cut off or no "
        "safetensors file",
        length));
  }
  std::string json(length, '\0');
  file_->read(kLengthBytes, json);
  data_begin_ = kLengthBytes + length;
  header_ = parse_safetensors_header(json, file_->size() - data_begin_);
}

SafetensorsReader SafetensorsReader::part(const std::string& prefix,
                                          const std::string& shared) const {
  SafetensorsReader part = *this;
  const auto keep = [&](auto& named) {
    auto all = std::exchange(named, {});
    for (auto& [name, value] : all) {
      if (name.starts_with(prefix)) named.emplace(name.substr(prefix.size()), std::move(value));
    }
  };
  keep(part.header_.metadata);
  keep(part.header_.tensors);
  const auto found = header_.tensors.find(shared);
  if (found != header_.tensors.end()) part.header_.tensors.insert_or_assign(shared, found->second);
  return part;
}

std::vector<std::string> SafetensorsReader::names() const {
  std::vector<std::string> names;
  for (const auto& [name, info] : header_.tensors) names.push_back(name);
  return names;
}

const TensorShape& SafetensorsReader::shape(const std::string& name) const {
  const auto found = header_.tensors.find(name);
  if (found == header_.tensors.end()) throw FormatError(fmt::format("it has no tensor {}", name));
  return found->second.shape;
}

const TensorInfo& SafetensorsReader::tensor(const std::string& name, std::string_view dtype,
                                            std::size_t dimensions) const {
  if (shape(name).size() != dimensions) {
    throw FormatError(
        fmt::format("tensor {} has {} dimensions, not {}", name, shape(name).size(), dimensions));
  }
  const TensorInfo& info = header_.tensors.at(name);
  if (info.dtype != dtype) {
    throw FormatError(fmt::format("tensor {} has dtype {}, not {}", name, info.dtype, dtype));
  }
  return info;
}

bool SafetensorsReader::has_checksum() const { return header_.metadata.contains(kChecksumKey); }

bool SafetensorsReader::checksum_matches() const {
  std::string header(data_begin_, '\0');
  file_->read(0, header);
  const std::size_t in_text = find_digits(std::string_view(header).substr(kLengthBytes));
  if (in_text == std::string::npos) return false;
  const std::size_t place = kLengthBytes + in_text;
  const std::string digits = header.substr(place, kChecksumDigits);
  header.replace(place, kChecksumDigits, kChecksumDigits, '0');
  RunningChecksum sum;
  sum.add(header);
  constexpr std::uint64_t kBlock = 256 << 10;  // stays in a core's cache
  std::string block(std::min(kBlock, file_->size()), '\0');
  for (std::uint64_t begin = data_begin_; begin < file_->size(); begin += block.size()) {
    block.resize(std::min<std::uint64_t>(block.size(), file_->size() - begin));
    file_->read(begin, block);
    sum.add(block);
  }
  return sum.digits() == digits;
}

void SafetensorsWriter::add_part(const std::string& prefix, const SafetensorsWriter& part,
                                 const std::string& shared) {
  for (const auto& [key, value] : part.metadata) metadata[prefix + key] = value;
  for (Tensor tensor : part.tensors_) {
    const bool is_there = std::any_of(tensors_.begin(), tensors_.end(),
                                      [&](const Tensor& own) { return own.name == shared; });
    if (tensor.name == shared && is_there) continue;
    if (tensor.name != shared) tensor.name.insert(0, prefix);
    tensors_.push_back(std::move(tensor));
  }
}

std::vector<TensorView> SafetensorsWriter::views() const {
  std::vector<TensorView> views;
  for (const Tensor& tensor : tensors_) {
    views.push_back({tensor.name, tensor.dtype, tensor.shape, tensor.bytes});
  }
  return views;
}

void SafetensorsWriter::write(AtomicFile& file) const {
  // The widest values first, so that every tensor is aligned to its own type.
  std::vector<const Tensor*> order;
  for (const Tensor& tensor : tensors_) order.push_back(&tensor);
  std::stable_sort(order.begin(), order.end(),
                   [](const Tensor* a, const Tensor* b) { return a->alignment > b->alignment; });
  nlohmann::ordered_json header;
  header["__metadata__"] = metadata;
  header["__metadata__"][kChecksumKey] = std::string(kChecksumKind).append(kChecksumDigits, '0');
  std::uint64_t end = 0;
  for (const Tensor* tensor : order) {
    const std::uint64_t begin = end;
    end += tensor->bytes.size();
    header[tensor->name] = {
        {"dtype", tensor->dtype}, {"shape", tensor->shape}, {"data_offsets", {begin, end}}};
  }
  std::string json = header.dump();
  json.resize((json.size() + kLengthBytes - 1) / kLengthBytes * kLengthBytes, ' ');

  const std::uint64_t length = json.size();
  char length_bytes[kLengthBytes];
  std::memcpy(length_bytes, &length, kLengthBytes);
  std::vector<std::string_view> parts = {{length_bytes, kLengthBytes}, json};
  for (const Tensor* tensor : order) parts.push_back(tensor->bytes);
  json.replace(find_digits(json), kChecksumDigits, checksum(parts));
  for (const std::string_view part : parts) file.write(part);
}

}  // namespace tusk
