#include "lists.hpp"

#include <limits>

namespace tusk::python {

nb::tuple arrays_of(const std::vector<Prediction>& predictions) {
  std::vector<float> rating, score;
  std::vector<std::uint8_t> evidence;
  rating.reserve(predictions.size());
  score.reserve(predictions.size());
  evidence.reserve(predictions.size());
  for (const Prediction& prediction : predictions) {
    rating.push_back(prediction.rating);
    score.push_back(prediction.score);
    evidence.push_back(static_cast<std::uint8_t>(prediction.evidence));
  }
  return nb::make_tuple(array_of(std::move(rating)), array_of(std::move(score)),
                        array_of(std::move(evidence)));
}

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

RecommendOptions recommend_options(const nb::dict& given) {
  RecommendOptions options;
  CandidateFilter& filter = options.candidates;
  for (const auto& [key, value] : given) {
    const auto name = nb::cast<std::string>(key);
    if (name == "min_ratings") {
      filter.min_ratings = nb::cast<std::int64_t>(value);
    } else if (name == "genres") {
      filter.genres = nb::cast<std::vector<std::string>>(value);
    } else if (name == "excluded_genres") {
      filter.excluded_genres = nb::cast<std::vector<std::string>>(value);
    } else if (name == "from_year") {
      filter.from_year = nb::cast<int>(value);
    } else if (name == "to_year") {
      filter.to_year = nb::cast<int>(value);
    } else if (name == "items") {
      filter.items = nb::cast<std::vector<Index>>(value);
    } else if (name == "excluded_items") {
      filter.excluded_items = nb::cast<std::vector<Index>>(value);
    } else if (name == "exclude_seen") {
      options.exclude_seen = nb::cast<bool>(value);
    } else if (name == "diversity") {
      options.diversity = nb::cast<float>(value);
    } else if (name == "reasons") {
      options.reasons = nb::cast<int>(value);
    } else {
      if (!options.order) options.order.emplace();
      std::string setting = name;
      for (char& c : setting) c = c == '_' ? '-' : c;
      if (!set_order(*options.order, setting, nb::cast<std::string>(nb::str(value)))) {
        throw nb::type_error(("lists have no option " + name).c_str());
      }
    }
  }
  return options;
}

}  // namespace tusk::python
