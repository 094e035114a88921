#include "lists.hpp"

#include <algorithm>
#include <limits>

namespace tusk::python {

namespace {

nb::list reasons_of(const Recommendation& item) {
  nb::list all;
  for (const Contribution& reason : item.reasons) {
    all.append(nb::make_tuple(reason.item, reason.rating, reason.part));
  }
  return all;
}

}  // namespace

nb::tuple arrays_of(const std::vector<std::vector<Recommendation>>& lists, int k, bool reasons) {
  const auto width = static_cast<std::size_t>(k);
  const std::size_t size = lists.size() * width;
  std::vector<Index> item(size, kNone);
  std::vector<float> score(size, -std::numeric_limits<float>::infinity());
  std::vector<float> rating(size, std::numeric_limits<float>::quiet_NaN());
  std::vector<std::uint8_t> evidence(size, static_cast<std::uint8_t>(Evidence::global));
  nb::list why;
  for (std::size_t l = 0; l < lists.size(); ++l) {
    nb::list of_list;
    for (std::size_t place = 0; place < lists[l].size(); ++place) {
      const Recommendation& entry = lists[l][place];
      const std::size_t at = l * width + place;
      item[at] = entry.item;
      score[at] = entry.score;
      rating[at] = entry.rating;
      evidence[at] = static_cast<std::uint8_t>(entry.evidence);
      if (reasons) of_list.append(reasons_of(entry));
    }
    if (reasons) why.append(of_list);
  }
  const std::vector<std::size_t> shape = {lists.size(), width};
  return nb::make_tuple(array_of(std::move(item), shape), array_of(std::move(score), shape),
                        array_of(std::move(rating), shape), array_of(std::move(evidence), shape),
                        why);
}

namespace {

// A value of an option, or TypeError.
template <class T>
T option_value(const std::string& name, nb::handle value) {
  try {
    return nb::cast<T>(value);
  } catch (const nb::cast_error&) {
    const std::string text = name + " is " + nb::cast<std::string>(nb::repr(value)) +
                             ", which is of another type than it takes";
    throw nb::type_error(text.c_str());
  }
}

void set_option(RecommendOptions& options, const std::string& name, nb::handle value) {
  CandidateFilter& filter = options.candidates;
  const auto take = [&]<class T>(T& target) { target = option_value<T>(name, value); };
  const auto take_optional = [&]<class T>(std::optional<T>& target) {
    target = option_value<T>(name, value);
  };
  if (name == "min_ratings") return take(filter.min_ratings);
  if (name == "genres") return take(filter.genres);
  if (name == "excluded_genres") return take(filter.excluded_genres);
  if (name == "from_year") return take(filter.from_year);
  if (name == "to_year") return take(filter.to_year);
  if (name == "items") return take_optional(filter.items);
  if (name == "excluded_items") return take(filter.excluded_items);
  if (name == "exclude_seen") return take(options.exclude_seen);
  if (name == "diversity") return take(options.diversity);
  if (name == "reasons") return take(options.reasons);
  std::string setting = name;
  std::replace(setting.begin(), setting.end(), '_', '-');
  if (!set_order(*options.order, setting, nb::cast<std::string>(nb::str(value)))) {
    throw nb::type_error(("lists have no option " + name).c_str());
  }
}

}  // namespace

RecommendOptions recommend_options(const Model& model, const nb::dict& given) {
  RecommendOptions options;
  options.order = order_of(model);
  for (const auto& [key, value] : given) {
    set_option(options, nb::cast<std::string>(key), value);
  }
  return options;
}

}  // namespace tusk::python
