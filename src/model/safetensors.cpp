#include "model/safetensors.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tusk/error.hpp>

#include "support/atomic_file.hpp"

static_assert(std::endian::native == std::endian::little, "tensors are written as they lie");

namespace tusk {
namespace {

constexpr std::size_t kLengthBytes = 8;

}  // namespace

SafetensorsReader::SafetensorsReader(const std::filesystem::path& path) : file_(path) {
  if (file_.size() < kLengthBytes) throw FormatError("it is too short for a safetensors file");
  std::uint64_t length = 0;
  file_.read(0, {reinterpret_cast<char*>(&length), kLengthBytes});
  if (length > file_.size() - kLengthBytes) {
    throw FormatError(fmt::format(
        "its header would be {} bytes long, more than the file has: it is cut off or no "
        "safetensors file",
        length));
  }
  std::string json(length, '\0');
  file_.read(kLengthBytes, json);
  data_begin_ = kLengthBytes + length;
  header_ = parse_safetensors_header(json, file_.size() - data_begin_);
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

void SafetensorsWriter::write(const std::filesystem::path& path) const {
  // The widest values first, so that every tensor is aligned to its own type.
  std::vector<const Tensor*> order;
  for (const Tensor& tensor : tensors_) order.push_back(&tensor);
  std::stable_sort(order.begin(), order.end(),
                   [](const Tensor* a, const Tensor* b) { return a->alignment > b->alignment; });
  nlohmann::ordered_json header;
  header["__metadata__"] = metadata;
  std::uint64_t end = 0;
  for (const Tensor* tensor : order) {
    const std::uint64_t begin = end;
    end += tensor->bytes.size();
    header[tensor->name] = {
        {"dtype", tensor->dtype}, {"shape", tensor->shape}, {"data_offsets", {begin, end}}};
  }
  std::string json = header.dump();
  json.resize((json.size() + kLengthBytes - 1) / kLengthBytes * kLengthBytes, ' ');

  AtomicFile file(path);
  const std::uint64_t length = json.size();
  char length_bytes[kLengthBytes];
  std::memcpy(length_bytes, &length, kLengthBytes);
  file.write({length_bytes, kLengthBytes});
  file.write(json);
  for (const Tensor* tensor : order) file.write(tensor->bytes);
  file.commit();
}

}  // namespace tusk
