#include "data/id_forms.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <tusk/id_table.hpp>

#include "support/text.hpp"

namespace tusk {

std::string number_form(std::string_view id) {
  constexpr std::string_view kDigits = "0123456789";
  const auto whole = id.substr(0, id.find('.'));
  const auto fraction = id.substr(whole.size());
  const bool number =
      !whole.empty() && whole.find_first_not_of(kDigits) == std::string_view::npos &&
      (fraction.empty() ||
       (fraction.size() > 1 && fraction.find_first_not_of('0', 1) == std::string_view::npos));
  if (!number) return std::string(id);
  const auto zeros = std::min(whole.find_first_not_of('0'), whole.size() - 1);
  return std::string(whole.substr(zeros));
}

std::string loose_form(std::string_view id) { return lower_case(number_form(trimmed(id))); }

std::optional<Index> find_alike(const IdMap& ids, std::string_view id) {
  const std::string form = loose_form(id);
  if (ids.numeric()) return ids.find(form);
  for (Index i = 0; i < ids.size(); ++i) {
    if (loose_form(ids.texts()[static_cast<std::size_t>(i)]) == form) return i;
  }
  return std::nullopt;
}

std::string known_ids_text(const IdMap& ids, std::string_view id) {
  if (ids.size() == 0) return "";
  std::string text =
      fmt::format(" (it knows {} .. {}", short_text(ids.id(0)), short_text(ids.id(ids.size() - 1)));
  const auto alike = find_alike(ids, id);
  if (alike && ids.id(*alike) != id) {
    text += fmt::format("; did you mean {}?", short_text(ids.id(*alike)));
  }
  return text + ")";
}

}  // namespace tusk
