// Rows of texts, for people and for programs.
#pragma once

#include <string>
#include <vector>

namespace tusk::cli {

// Lines whose columns are as wide as they need to be. All rows have as many texts as the first.
std::vector<std::string> aligned(const std::vector<std::vector<std::string>>& rows);

// A line of CSV, as RFC 4180 says, with its end.
std::string csv_line(const std::vector<std::string>& fields);

}  // namespace tusk::cli
