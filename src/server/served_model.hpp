// A model that is opened for answers.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <tusk/chat.hpp>
#include <tusk/device.hpp>
#include <tusk/list_order.hpp>
#include <tusk/model.hpp>
#include <tusk/model_file.hpp>

#include "serving/open_model.hpp"

namespace tusk::server {

// Any number of threads may use it at a time. What is needed by few requests is made when it is
// first asked for.
class ServedModel {
 public:
  // The device should have one thread: every request has a thread of its own. Throws UsageError for
  // an order that the model does not have, and if no item may be recommended. `name` and `version`
  // are what answers call the model; `assistant`, which may be null, helps in conversations.
  ServedModel(std::shared_ptr<Device> device, Model model, const ListOrder& order,
              std::string name = {}, std::string version = {},
              std::shared_ptr<const ChatAssistant> assistant = {});

  const Model& model() const { return open_->model(); }
  const std::string& name() const { return name_; }
  const std::string& version() const { return version_; }
  // When it was opened.
  std::chrono::system_clock::time_point opened() const { return opened_; }

  const Recommender& recommender() const { return open_->recommender(); }
  const Predictor& predictor() const { return open_->predictor(); }
  const CandidateIndex& candidates() const { return open_->candidates(); }
  // Throws UsageError for a model that compares no items.
  const SimilarItems& similar() const { return open_->similar(); }
  const SimilarOptions& similar_options() const { return open_->similar_options(); }
  const TitleIndex& titles() const { return open_->titles(); }
  // As tusk::items_to_rate().
  std::vector<Index> items_to_rate(int count) const;

  // Whether it serves users by ratings that it was not trained on.
  bool folds_in() const { return folds_in_; }

  // Whether there are titles to talk about.
  bool can_chat() const { return can_chat_; }
  // Throws UsageError where there are none.
  const Chat& chat() const;
  // Whether a language model helps in conversations.
  bool has_assistant() const { return assistant_ != nullptr; }

  // Makes what searches and conversations need, so that the first request does not wait for it.
  void warm_up() const;

 private:
  bool can_fold_in() const;

  std::shared_ptr<Device> device_;
  std::shared_ptr<const OpenModel> open_;
  std::string name_;
  std::string version_;
  std::chrono::system_clock::time_point opened_ = std::chrono::system_clock::now();
  bool folds_in_;
  bool can_chat_;
  std::shared_ptr<const ChatAssistant> assistant_;
  mutable std::once_flag chat_once_;
  mutable std::unique_ptr<const Chat> chat_;
  mutable std::mutex to_rate_mutex_;
  mutable std::map<int, std::vector<Index>> to_rate_;
};

// Reads a model file. Throws FormatError as load_model() does, and what ServedModel throws. The
// version is made of the file's size and time.
std::shared_ptr<const ServedModel> load_served_model(
    const std::filesystem::path& path, Checksum verification,
    const std::function<ListOrder(const Model&)>& order,
    std::shared_ptr<const ChatAssistant> assistant = {});

// By what a change of the file is seen: its size, time and number; empty if there is none.
std::string file_identity(const std::filesystem::path& path);

}  // namespace tusk::server
