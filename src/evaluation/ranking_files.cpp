#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/metric.hpp>
#include <tusk/ranking_files.hpp>

#include "data/trec_id.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

std::int64_t grade_of(Gain gain, float rating, const Dataset& data) {
  if (gain == Gain::binary) return 1;
  if (std::nearbyint(rating) == rating) return std::llround(rating);
  throw InputError({data.source.string(), 0, 0}, fmt::format("a rating of {:g}", rating),
                   "whole numbers, which the grades of trec_eval are");
}

}  // namespace

std::string user_figures_csv(const Model& model, const RankingMetrics& metrics, Cells cells) {
  std::vector<const RankingMetrics*> lengths = {&metrics};
  for (const RankingMetrics& other : metrics.others) lengths.push_back(&other);
  std::vector<std::string> header = {"user", "relevant"};
  for (const RankingMetrics* of : lengths) {
    for (const ListFigure& figure : kListFigures) {
      header.push_back(to_string(Metric{Metric::Kind::lists, &figure, of->options.k}));
    }
  }
  std::string csv = csv_line(header, cells);
  for (std::size_t u = 0; u < metrics.judged.size(); ++u) {
    const JudgedUser& user = metrics.judged[u];
    std::vector<std::string> row = {model.users.id(user.user), fmt::format("{}", user.relevant)};
    for (const RankingMetrics* of : lengths) {
      for (const ListFigure& figure : kListFigures) {
        row.push_back(fmt::format("{}", of->judged[u].figures.*figure.value));
      }
    }
    csv += csv_line(row, cells);
  }
  return csv;
}

std::string qrels_text(const Model& model, const Dataset& data, const RatingList& test,
                       const RankingMetrics& metrics) {
  const CsrView seen = model.seen().view();
  std::vector<bool> judged(static_cast<std::size_t>(model.state().users), false);
  for (const JudgedUser& user : metrics.judged) judged[static_cast<std::size_t>(user.user)] = true;
  std::string text;
  for (std::size_t at = 0; at < test.size(); ++at) {
    const Index user = test.user[at];
    if (user == kNone || !judged[static_cast<std::size_t>(user)]) continue;
    const auto trained = seen.row(user);
    if (std::binary_search(trained.begin(), trained.end(), test.item[at])) continue;
    const auto& relevance = metrics.options.relevance;
    if (relevance && test.rating[at] < *relevance) continue;
    const std::string user_id = model.users.id(user);
    const std::string item_id = data.items.id(data.item[static_cast<std::size_t>(test.row[at])]);
    check_trec_id(user_id);
    check_trec_id(item_id);
    fmt::format_to(std::back_inserter(text), "{} 0 {} {}\n", user_id, item_id,
                   grade_of(metrics.options.gain, test.rating[at], data));
  }
  return text;
}

}  // namespace tusk
