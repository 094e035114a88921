#include "chat/clarifier.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include <tusk/chat_router.hpp>
#include <tusk/error.hpp>

#include "catalogue/genres.hpp"
#include "chat/clarifying_question.hpp"
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
    reply.notice = fmt::format("the language model is of no help: {}", printable(error.what()));
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

}  // namespace

ChatReply Clarifier::read(std::string_view text, const ChatContext& context,
                          const ChatRequest& routed) const {
  ChatReply reply;
  reply.request = routed;
  if (!assistant_ || text.size() > kMostChatText || !is_utf8(text)) return reply;
  try_assistant(reply, [&] {
    ChatRequest read = parse_chat_request(to_json(assistant_->read(text, context)));
    if (read.intent == ChatIntent::unknown) return;
    reply.request = std::move(read);
    reply.read_by = ChatReader::assistant;
  });
  return reply;
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

ChatClarification Clarifier::ask(std::vector<Index> items, ChatReply& reply) const {
  const std::vector<ChatDescription> known = descriptions_of(items);
  std::optional<std::string> question;
  if (assistant_) {
    try_assistant(reply, [&] {
      question = clean_question(assistant_->question(known));
      if (!question) throw Error("it asks no question");
    });
  }
  return {std::move(items), question ? *question : question_about(known)};
}

bool Clarifier::names_one(std::string_view text, std::span<const Index> items) const {
  const std::vector<Index> named = titles_.named(text);
  return std::any_of(named.begin(), named.end(), [&](Index item) {
    return std::find(items.begin(), items.end(), item) != items.end();
  });
}

bool Clarifier::is_answer(const ChatClarification& asked, std::string_view text,
                          const ChatRequest& routed) const {
  if (text.size() > kMostChatText) return false;
  return routed.intent == ChatIntent::unknown || has_only_conditions(routed) ||
         names_one(text, asked.items);
}

std::vector<float> Clarifier::match(std::string_view text, const ChatRequest& routed,
                                    std::span<const Index> items, ChatReply& reply) const {
  std::optional<std::vector<float>> cosines;
  if (assistant_ && is_utf8(text)) {
    std::vector<std::string> texts = {std::string(text)};
    for (const ChatDescription& known : descriptions_of(items)) texts.push_back(known.joined());
    try_assistant(reply, [&] {
      const auto vectors = assistant_->embed(texts);
      if (vectors && vectors->size() != texts.size()) throw Error("a vector of a text is missing");
      if (vectors) cosines = cosines_with_first(*vectors);
    });
  }
  if (!cosines) return match_.of(text, routed, items);
  reply.read_by = ChatReader::assistant;
  return std::move(*cosines);
}

std::optional<ChatReply> Clarifier::answer(ChatState& state, std::string_view text,
                                           const ChatRequest& routed) const {
  const std::vector<Index> items = std::move(state.clarification->items);
  state.clarification.reset();
  ChatReply reply;
  reply.request.intent = ChatIntent::clarify;
  reply.source = ChatSource::answer;
  std::vector<float> match = this->match(text, routed, items, reply);
  const std::vector<Index> named = titles_.named(text);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (std::find(named.begin(), named.end(), items[i]) != named.end()) match[i] = 1;
  }
  std::vector<std::size_t> order(items.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return match[a] > match[b]; });
  const bool matches = match[order.front()] > 0;
  if (!matches && routed.intent != ChatIntent::unknown) return std::nullopt;
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
  return reply;
}

}  // namespace tusk::chat

namespace tusk {

std::string ChatDescription::joined() const {
  std::string all = title + '.';
  if (!genres.empty()) all += ' ' + list_text(genres, "and") + '.';
  if (!text.empty()) all += ' ' + text;
  return all;
}

}  // namespace tusk
