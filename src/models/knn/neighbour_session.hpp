// Opens sessions that find neighbours, so that which of equally similar ones are taken does not
// depend on how items are numbered.
#pragma once

#include <memory>
#include <vector>

#include <tusk/model.hpp>

#include "backend/backend.hpp"

namespace tusk {

// A session of `problem`, whose rows are items or users. It does what Backend::open_similar() says
// but for ties: of equally similar rows those with more ratings come first; then items by whom they
// are rated by, users by index. Sums run in an order that does not depend on the numbers of items
// either. What `problem` borrows is copied, and may go.
std::unique_ptr<NeighbourSession> open_neighbours(Backend& backend, const NeighbourProblem& problem,
                                                  KnnRows rows);

// The order in which such a session takes equally similar rows.
std::vector<Index> neighbour_order(const NeighbourProblem& problem, KnnRows rows);

}  // namespace tusk
