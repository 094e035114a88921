#include <tusk/dataset.hpp>

#include "support/title_year.hpp"

namespace tusk {

int item_year(const Catalogue& catalogue, Index item) {
  const auto i = static_cast<std::size_t>(item);
  const int given = i < catalogue.year.size() ? catalogue.year[i] : 0;
  if (given != 0 || i >= catalogue.title.size()) return given;
  std::string_view title = catalogue.title[i];
  return take_year(title);
}

}  // namespace tusk
