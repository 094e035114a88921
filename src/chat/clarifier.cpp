#include "chat/clarifier.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include <tusk/chat_router.hpp>
#include <tusk/error.hpp>

#include "catalogue/genres.hpp"
#include "chat/clarifying_question.hpp"
#include "chat/title_finder.hpp"
#include "chat/utterance.hpp"
#include "support/text.hpp"
#include "support/unicode.hpp"

namespace tusk::chat {
namespace {

// Runs what an assistant does. Returns false where it fails, and notes why.
bool try_assistant(ChatReply& reply, const auto& use) {
  try {
    use();
    return true;
  } catch (const Interrupted&) {
    throw;
  } catch (const std::exception& error) {
    reply.notice = fmt::format("the language model failed: {}", printable(error.what()));
    return false;
  }
}

// The beginning of a text, of whole characters that may be shown.
std::string beginning_of(std::string_view text) {
  constexpr std::size_t kMostBytes = 600;
  std::string beginning;
  each_character(text, [&](char32_t code, std::string_view bytes) {
    if (beginning.size() + bytes.size() > kMostBytes || code == kNoCharacter) return;
    beginning += is_hidden(code, 0, 0) ? std::string_view(" ") : bytes;
  });
  return beginning;
}

// "A funny one" is no number of items.
bool has_only_conditions(const ChatRequest& read) {
  return !read.reset && read.k.value_or(1) == 1 && read.titles.empty() &&
         read.excluded_titles.empty() && read.ratings.empty() &&
         (read.intent == ChatIntent::recommend_genre || read.intent == ChatIntent::filter);
}

// All of it as one text: "Heat (1995). Crime and Thriller. Obsessive master thief ...".
std::string joined(const ChatDescription& known) {
  std::string all = known.title + '.';
  if (!known.genres.empty()) all += ' ' + list_text(known.genres, "and") + '.';
  if (!known.text.empty()) all += ' ' + known.text;
  return all;
}

// Whether the words of a title are there, side by side.
bool has_words(const Utterance& text, const Utterance& title) {
  for (std::size_t at = 0; title.size() > 0 && at + title.size() <= text.size(); ++at) {
    std::size_t same = 0;
    while (same < title.size() && !title.word(same).empty() &&
           text.word(at + same) == title.word(same)) {
      ++same;
    }
    if (same == title.size() && (same > 1 || !is_small(text, at))) return true;
  }
  return false;
}

}  // namespace

void Clarifier::read(std::string_view text, const ChatContext& context, ChatReply& read) const {
  if (!assistant_ || text.size() > kMostChatText || !is_utf8(text)) return;
  try_assistant(read, [&] {
    ChatRequest request = parse_chat_request(to_json(assistant_->read(text, context)));
    keep_named(request, text, context, read.request);
    const bool rates_nothing = request.intent == ChatIntent::rate && request.ratings.empty();
    if (request.intent == ChatIntent::unknown || rates_nothing) return;
    read.request = std::move(request);
    read.read_by = ChatReader::assistant;
  });
}

void Clarifier::keep_named(ChatRequest& read, std::string_view text, const ChatContext& context,
                           const ChatRequest& routed) const {
  const TitleFinder finder(model_.catalogue, titles_, genres_, context.listed);
  const Utterance said(text);
  std::vector<std::string> named = finder.all_named(said);
  named.insert(named.end(), routed.titles.begin(), routed.titles.end());
  named.insert(named.end(), routed.excluded_titles.begin(), routed.excluded_titles.end());
  for (const TitleStars& rating : routed.ratings) named.push_back(rating.title);
  const auto is_named = [&](const std::string& title) {
    return has_words(said, Utterance(title)) ||
           std::find(named.begin(), named.end(), finder.resolved(title).title) != named.end();
  };
  const auto all_named = [&](const std::vector<std::string>& titles) {
    return std::all_of(titles.begin(), titles.end(), is_named);
  };
  if (!all_named(read.titles)) read.titles = routed.titles;
  if (!all_named(read.excluded_titles)) read.excluded_titles = routed.excluded_titles;
  if (!std::all_of(read.ratings.begin(), read.ratings.end(),
                   [&](const TitleStars& rating) { return is_named(rating.title); })) {
    read.ratings = routed.ratings;
  }
}

ChatDescription Clarifier::description_of(Index item) const {
  const Catalogue& catalogue = model_.catalogue;
  const auto i = static_cast<std::size_t>(item);
  ChatDescription known;
  known.title = title_of(model_, item);
  known.year = item_year(catalogue, item);
  each_genre(catalogue.genres[i],
             [&](std::string_view genre) { known.genres.emplace_back(genre); });
  if (i < catalogue.text.size()) known.text = beginning_of(catalogue.text[i]);
  if (known.text.empty() && i < catalogue.keywords.size()) {
    known.text = beginning_of(catalogue.keywords[i]);
    std::replace(known.text.begin(), known.text.end(), '|', ' ');
  }
  return known;
}

std::vector<ChatDescription> Clarifier::descriptions_of(std::span<const Index> items) const {
  std::vector<ChatDescription> all;
  for (const Index item : items) all.push_back(description_of(item));
  return all;
}

std::string Clarifier::question(std::span<const Index> items, ChatReply& reply) const {
  const std::vector<ChatDescription> known = descriptions_of(items);
  std::optional<std::string> question;
  if (assistant_) {
    try_assistant(reply, [&] {
      question = clean_question(assistant_->question(known));
      if (!question) throw Error("it asks no question");
    });
  }
  return question ? *question : question_about(known);
}

bool Clarifier::names_one(std::string_view text, std::span<const Index> items) const {
  const std::vector<Index> named = titles_.named(text);
  return std::any_of(named.begin(), named.end(), [&](Index item) {
    return std::find(items.begin(), items.end(), item) != items.end();
  });
}

bool Clarifier::is_answer(const ChatClarification& asked, std::string_view text,
                          const ChatReply& read) const {
  if (text.size() > kMostChatText) return false;
  if (names_one(text, asked.items)) return true;
  const ChatRequest& request = read.request;
  if (request.intent == ChatIntent::unknown) return true;
  // The router takes only a new wish for help for it.
  if (request.intent == ChatIntent::clarify) return read.read_by == ChatReader::assistant;
  return has_only_conditions(request) && match_.has_fitting(request, asked.items);
}

std::optional<std::vector<float>> Clarifier::cosines_of(std::string_view text,
                                                        std::span<const Index> items,
                                                        ChatReply& reply) const {
  std::optional<std::vector<float>> cosines;
  if (!assistant_ || !is_utf8(text)) return cosines;
  std::vector<std::string> texts = {std::string(text)};
  for (const ChatDescription& known : descriptions_of(items)) texts.push_back(joined(known));
  try_assistant(reply, [&] {
    const auto vectors = assistant_->embed(texts);
    if (vectors && vectors->size() != texts.size()) throw Error("a vector of a text is missing");
    if (vectors) cosines = cosines_with_first(*vectors);
  });
  return cosines;
}

bool Clarifier::answer(ChatState& state, const ChatClarification& asked, std::string_view text,
                       ChatReply& reply) const {
  if (!is_answer(asked, text, reply)) return false;
  const std::vector<Index>& items = asked.items;
  const auto cosines = cosines_of(text, items, reply);
  std::vector<float> match = match_.of(text, reply.request, items, cosines);
  const std::vector<Index> named = titles_.named(text);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (std::find(named.begin(), named.end(), items[i]) != named.end()) match[i] = 1;
  }
  std::vector<std::size_t> order(items.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return match[a] > match[b]; });
  const bool matches = cosines || match[order.front()] > 0;
  if (!matches && has_only_conditions(reply.request)) return false;
  if (cosines) reply.read_by = ChatReader::assistant;
  reply.request = {};
  reply.request.intent = ChatIntent::clarify;
  reply.source = ChatSource::answer;
  for (const std::size_t i : order) {
    const auto listed = std::find_if(state.list.begin(), state.list.end(),
                                     [&](const ChatItem& one) { return one.item == items[i]; });
    reply.items.push_back(listed != state.list.end() ? *listed : ChatItem{items[i], 0, {}, {}});
    reply.items.back().match = match[i];
  }
  const std::string best = title_of(model_, reply.items.front().item);
  reply.text = matches ? fmt::format("{} fits best:", best)
                       : fmt::format("Nothing of your answer matches; the first is {}:", best);
  state.list = reply.items;
  for (ChatItem& one : state.list) one.match.reset();  // which is of this answer alone
  return true;
}

}  // namespace tusk::chat
