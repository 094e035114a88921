// Which items are like items by content.
#pragma once

#include <memory>

#include <tusk/model.hpp>

#include "backend/backend.hpp"
#include "models/content/content_state.hpp"

namespace tusk {

// A session whose query() gives for each item the k with the highest cosine, only those with one
// above 0; of equally similar items that with more training ratings first, then by index.
// Everything is borrowed.
std::unique_ptr<TopKSession> open_content_neighbours(Backend& backend, const Model& model,
                                                     const ContentState& state);

}  // namespace tusk
