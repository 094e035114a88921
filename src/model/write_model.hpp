// A model file as one of several files that are put in place together.
#pragma once

#include <tusk/model.hpp>

#include "support/atomic_file.hpp"

namespace tusk {

// What save_model() writes; the caller commits the file.
void write_model(const Model& model, AtomicFile& file);

}  // namespace tusk
