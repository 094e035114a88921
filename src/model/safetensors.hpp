// The safetensors format: an 8-byte little-endian header length, a JSON header, raw little-endian
// tensors (https://huggingface.co/docs/safetensors).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/atomic_file.hpp>
#include <tusk/tensors.hpp>

#include "support/input_file.hpp"

namespace tusk {

using TensorShape = std::vector<std::uint64_t>;

struct TensorInfo {
  std::string dtype;  // "F32", "I64", ...
  TensorShape shape;
  std::uint64_t begin = 0;  // in the bytes after the header
  std::uint64_t end = 0;
};

struct SafetensorsHeader {
  std::map<std::string, std::string> metadata;
  std::map<std::string, TensorInfo> tensors;
};

// Parses and checks the JSON of a header whose tensors fill `data_size` bytes: the grammar, depth,
// duplicate keys, known dtypes, sizes that fit shapes without overflow, and tensors that follow
// each other without overlap or hole from 0 to data_size. Throws FormatError.
SafetensorsHeader parse_safetensors_header(std::string_view json, std::uint64_t data_size);

template <class T>
constexpr std::string_view tensor_dtype();
template <>
constexpr std::string_view tensor_dtype<float>() {
  return "F32";
}
template <>
constexpr std::string_view tensor_dtype<std::int64_t>() {
  return "I64";
}
template <>
constexpr std::string_view tensor_dtype<std::int32_t>() {
  return "I32";
}
template <>
constexpr std::string_view tensor_dtype<char>() {
  return "U8";
}

class SafetensorsReader {
 public:
  // Throws FormatError, and InputError if the file cannot be read.
  explicit SafetensorsReader(const std::filesystem::path& path);

  // A reader of those tensors and metadata whose names begin with the prefix, without it. It has
  // the tensor `shared` from the whole.
  SafetensorsReader part(const std::string& prefix, const std::string& shared) const;

  const std::map<std::string, std::string>& metadata() const { return header_.metadata; }
  std::vector<std::string> names() const;  // of the tensors
  bool has(const std::string& name) const { return header_.tensors.contains(name); }

  // The values of a tensor of T; FormatError if there is none of that name, type and number of
  // dimensions, InputError if they cannot be read. They are no larger than their part of the file.
  template <class T>
  std::vector<T> read(const std::string& name, std::size_t dimensions = 1) const {
    const TensorInfo& info = tensor(name, tensor_dtype<T>(), dimensions);
    std::vector<T> values((info.end - info.begin) / sizeof(T));
    const std::span<T> all(values);
    file_->read(data_begin_ + info.begin, {reinterpret_cast<char*>(all.data()), all.size_bytes()});
    return values;
  }

  const TensorShape& shape(const std::string& name) const;

  // Throws InputError if the file was written to after it was opened.
  void check_unchanged() const { file_->check_unchanged(); }

  // Whether the file has a checksum; then whether it is that of its bytes: see SafetensorsWriter.
  bool has_checksum() const;
  bool checksum_matches() const;

 private:
  const TensorInfo& tensor(const std::string& name, std::string_view dtype,
                           std::size_t dimensions) const;

  std::shared_ptr<const InputFile> file_;
  SafetensorsHeader header_;
  std::uint64_t data_begin_ = 0;  // in the file
};

// Collects borrowed tensors and writes them in one go.
//
// The metadata get the key "checksum", whose value is "xxh3-64:" and 16 hexadecimal digits. They
// are XXH3 with 64 bits over the whole file, header and all, with zeros in place of these digits.
class SafetensorsWriter {
 public:
  std::map<std::string, std::string> metadata;

  template <class T>
  void add(std::string name, std::span<const T> values, TensorShape shape) {
    tensors_.push_back({std::move(name),
                        std::string(tensor_dtype<T>()),
                        std::move(shape),
                        sizeof(T),
                        {reinterpret_cast<const char*>(values.data()), values.size_bytes()}});
  }
  template <class T>
  void add(std::string name, const std::vector<T>& values) {
    add<T>(std::move(name), std::span<const T>(values), {values.size()});
  }

  // Adds the tensors and metadata of another, their names behind the prefix, but for the tensor
  // `shared`, which parts share: it is added once, as the first of them has it.
  void add_part(const std::string& prefix, const SafetensorsWriter& part,
                const std::string& shared);

  std::vector<TensorView> views() const;

  // Writes the file without committing it. Equal tensors and metadata give equal bytes.
  void write(AtomicFile& file) const;

 private:
  struct Tensor {
    std::string name;
    std::string dtype;
    TensorShape shape;
    std::size_t alignment;
    std::string_view bytes;
  };
  std::vector<Tensor> tensors_;
};

}  // namespace tusk
