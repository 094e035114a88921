// Reading what somebody says in a conversation, without any network: words, titles, numbers.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <tusk/chat_request.hpp>
#include <tusk/dataset.hpp>
#include <tusk/title_index.hpp>

namespace tusk {

// English only. Any number of threads may use a router at a time.
class ChatRouter {
 public:
  // Catalogue and index are borrowed.
  ChatRouter(const Catalogue& catalogue, const TitleIndex& titles);
  ~ChatRouter();

  // What a text asks for; ChatIntent::unknown if it is not understood. Titles are written as in the
  // catalogue where it has them, genres as it names them. `listed`: the titles of the last list, in
  // their order, for "the second one".
  ChatRequest parse(std::string_view text, std::span<const std::string> listed = {}) const;

 private:
  struct Data;
  std::unique_ptr<const Data> data_;
};

// The longest text that is read, in bytes; what is longer is not understood.
inline constexpr std::size_t kMostChatText = 1000;

}  // namespace tusk
