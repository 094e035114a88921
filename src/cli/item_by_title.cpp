#include "cli/item_by_title.hpp"

#include <algorithm>
#include <span>
#include <vector>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "support/text.hpp"

namespace tusk::cli {
namespace {

constexpr std::size_t kMostOffered = 5;

std::string list_titles(const Model& model, std::span<const Index> items, std::string_view option) {
  std::string text;
  for (const Index item : items.first(std::min(items.size(), kMostOffered))) {
    text += fmt::format("{}{}", text.empty() ? "" : "; ", short_text(title_of(model, item)));
    if (!option.empty()) text += fmt::format(" ({} {})", option, short_text(model.items.id(item)));
  }
  return text;
}

[[noreturn]] void refuse(const Model& model, const TitleIndex& titles, std::string_view text,
                         std::string_view option) {
  if (!has_titles(model.catalogue)) {
    throw InputError(fmt::format("the model has no titles to find {} by", in_quotes(text)));
  }
  std::vector<Index> near;
  for (const TitleHit& hit : titles.find(text, kMostOffered)) near.push_back(hit.item);
  throw InputError(
      fmt::format("no item has the title {}{}", in_quotes(text),
                  near.empty() ? "" : "; did you mean " + list_titles(model, near, option) + "?"));
}

// The items that a text names, most rated first, or the only one whose title has its words.
std::vector<Index> items_meant(const TitleIndex& titles, std::string_view text) {
  std::vector<Index> items = titles.named(text);
  if (!items.empty()) return items;
  const std::vector<TitleHit> hits = titles.find(text, 2);
  if (hits.size() == 1 && hits.front().match <= TitleMatch::words) {
    items.push_back(hits.front().item);
  }
  return items;
}

}  // namespace

TitleIndex index_titles(const Model& model) { return {model.catalogue, model.ratings_of_items()}; }

Index item_by_title(const Model& model, const TitleIndex& titles, std::string_view text,
                    std::string_view option) {
  const std::vector<Index> named = items_meant(titles, text);
  if (named.empty()) refuse(model, titles, text, option);
  if (named.size() == 1) return named.front();
  throw UsageError(fmt::format("{} items have the title {}; say which: {}", named.size(),
                               in_quotes(text), list_titles(model, named, option)));
}

Index likely_item(const Model& model, const TitleIndex& titles, const std::string& text,
                  const Console& console) {
  const std::vector<Index> named = items_meant(titles, text);
  if (named.empty()) refuse(model, titles, text, "");
  if (!model.knows_item(named.front())) {
    throw InputError(fmt::format("{} has no training ratings in this model",
                                 in_quotes(title_of(model, named.front()))));
  }
  if (named.size() > 1) {
    console.note(fmt::format("{} items have the title {}; it is taken for {}", named.size(),
                             in_quotes(text), in_quotes(title_of(model, named.front()))));
  }
  return named.front();
}

}  // namespace tusk::cli
