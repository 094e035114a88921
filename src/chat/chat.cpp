#include <utility>

#include <fmt/format.h>

#include <tusk/chat.hpp>
#include <tusk/chat_router.hpp>
#include <tusk/error.hpp>
#include <tusk/id_table.hpp>
#include <tusk/title_index.hpp>

#include "chat/chat_lists.hpp"
#include "chat/clarifier.hpp"
#include "chat/turn.hpp"
#include "chat/wording.hpp"
#include "serving/open_model.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

std::shared_ptr<const OpenModel> with_titles(std::shared_ptr<const OpenModel> open) {
  if (has_titles(open->model().catalogue)) return open;
  throw UsageError(
      "the model has no titles, so there is nothing to talk about: train it on data with titles "
      "beside the ratings, or name a file of them by " +
      option_name("titles"));
}

}  // namespace

class Chat::Data {
 public:
  Data(std::shared_ptr<const OpenModel> open, std::shared_ptr<const ChatAssistant> assistant)
      : open_(with_titles(std::move(open))),
        titles_(open_->titles()),
        router_(model().catalogue, titles_),
        lists_(open_),
        clarifier_(model(), titles_, std::move(assistant)) {}

  const Model& model() const { return open_->model(); }
  const std::vector<std::string>& genres() const { return open_->candidates().genres(); }
  const ChatRouter& router() const { return router_; }
  const chat::Clarifier& clarifier() const { return clarifier_; }
  chat::ChatParts parts() const { return {model(), genres(), titles_, lists_, clarifier_}; }

 private:
  std::shared_ptr<const OpenModel> open_;
  const TitleIndex& titles_;
  ChatRouter router_;
  chat::ChatLists lists_;
  chat::Clarifier clarifier_;
};

Chat::Chat(Device& device, std::shared_ptr<const Model> model,
           std::shared_ptr<const ChatAssistant> assistant)
    : Chat(std::make_shared<const OpenModel>(device, model, order_of(*model)),
           std::move(assistant)) {}
Chat::Chat(std::shared_ptr<const OpenModel> open, std::shared_ptr<const ChatAssistant> assistant)
    : data_(std::make_unique<const Data>(std::move(open), std::move(assistant))) {}
Chat::~Chat() = default;

const Model& Chat::model() const { return data_->model(); }

ChatState Chat::begin(std::string_view user_id) const {
  const auto user = model().users.find(user_id);
  if (!user || !model().knows_user(*user)) {
    throw InputError(fmt::format("user {} has no training ratings in this model{}",
                                 short_text(user_id), known_ids_text(model().users, user_id)));
  }
  ChatState state;
  state.user = *user;
  return state;
}

ChatRequest Chat::parse(std::string_view text, const ChatState& state) const {
  return data_->router().parse(text, chat::titles_of(model(), state.list));
}

ChatReply Chat::answer(ChatState& state, const ChatRequest& request) const {
  return chat::take_turn(data_->parts(), state, request);
}

ChatReply Chat::answer(ChatState& state, std::string_view text) const {
  const chat::Clarifier& clarifier = data_->clarifier();
  const ChatContext context = {data_->genres(), chat::titles_of(model(), state.list),
                               state.question ? chat::conditions_text(state) : std::string()};
  const auto asked = std::exchange(state.clarification, std::nullopt);
  ChatReply read;
  read.request = parse(text, state);
  // What the router does not understand may be a request nevertheless.
  const bool read_first = !asked || read.request.intent == ChatIntent::unknown;
  if (read_first) clarifier.read(text, context, read);
  if (asked && clarifier.answer(state, *asked, text, read)) return read;
  if (!read_first) clarifier.read(text, context, read);
  ChatReply reply = answer(state, read.request);
  reply.read_by = read.read_by;
  if (!read.notice.empty()) reply.notice = read.notice;
  return reply;
}

}  // namespace tusk
