#pragma once

#include <cstdint>
#include <map>

#include <tusk/dataset.hpp>

namespace tusk {

// How often there is each rating or, if there are many, one of ten equal ranges, named by their
// lower ends.
std::map<float, std::int64_t> rating_histogram(const Dataset& data);

}  // namespace tusk
