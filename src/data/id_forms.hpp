// Ids that differ only in how they are written: 1, 0001, 1.0; "Ann" and "ann ".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <tusk/dataset.hpp>

namespace tusk {

// A decimal number without leading zeros and without zeros behind its point; any other text as it
// is. "0001" and "1.0" give "1".
std::string number_form(std::string_view id);

// The same without blanks around it and in lower case.
std::string loose_form(std::string_view id);

// The id nearest to hand that differs from `id` only in how it is written. Takes time in proportion
// to the number of ids.
std::optional<Index> find_alike(const IdMap& ids, std::string_view id);

}  // namespace tusk
