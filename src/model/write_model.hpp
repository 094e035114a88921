// A model file as one of several files that are put in place together.
#pragma once

#include <tusk/atomic_file.hpp>
#include <tusk/model.hpp>

namespace tusk {

// What save_model() writes; the caller commits the file.
void write_model(const Model& model, AtomicFile& file);

}  // namespace tusk
