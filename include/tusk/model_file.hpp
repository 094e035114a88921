// Model files: .safetensors with everything that a model needs inside. See "The model file" in
// README.md for the layout.
#pragma once

#include <filesystem>

#include <tusk/atomic_file.hpp>
#include <tusk/model.hpp>

namespace tusk {

// The version of the layout that save_model writes; load_model reads this and all earlier ones.
inline constexpr int kModelFileVersion = 2;

// Writes to a temporary file in the same folder, syncs it, and renames it over `path`: the path
// holds the old file or the whole new one, never a part. Equal models give equal bytes. Throws
// Error naming the path if it cannot be written.
void save_model(const Model& model, const std::filesystem::path& path);

// The same as one of several files that are put in place together; the caller commits it.
void write_model(const Model& model, AtomicFile& file);

// What load_model() does with the checksum over all of the file. Verifying reads the file once
// more.
enum class Checksum { verify, ignore };

// Throws FormatError if the file is not a whole and consistent model file, or if its checksum does
// not match; it is not trusted, and nothing larger than the file is ever allocated. FormatError too
// if it cannot be opened. Files of version 1 have no checksum.
Model load_model(const std::filesystem::path& path, Checksum checksum = Checksum::verify);

// Whether the file says that it is a model of Tusk's, of whatever version; false if there is no
// such file. Throws InputError if it cannot be read.
bool is_model_file(const std::filesystem::path& path);

}  // namespace tusk
