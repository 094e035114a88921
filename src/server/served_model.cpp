#include "server/served_model.hpp"

#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>

#include <tusk/error.hpp>
#include <tusk/rate.hpp>

#include "support/checksum.hpp"

namespace tusk::server {

ServedModel::ServedModel(std::shared_ptr<Device> device, Model model, const ListOrder& order,
                         std::string name, std::string version,
                         std::shared_ptr<const ChatAssistant> assistant)
    : device_(std::move(device)),
      open_(std::make_shared<const OpenModel>(
          *device_, std::make_shared<const Model>(std::move(model)), order)),
      name_(std::move(name)),
      version_(std::move(version)),
      folds_in_(can_fold_in()),
      can_chat_(has_titles(open_->model().catalogue)),
      assistant_(std::move(assistant)) {}

bool ServedModel::can_fold_in() const {
  const std::vector<std::int64_t> offset = {0, 0};
  try {
    predictor().fold_in({offset, {}, {}, model().state().items});
    return true;
  } catch (const UsageError&) {
    return false;
  }
}

const Chat& ServedModel::chat() const {
  std::call_once(chat_once_, [&] { chat_ = std::make_unique<const Chat>(open_, assistant_); });
  return *chat_;
}

std::vector<Index> ServedModel::items_to_rate(int count) const {
  const std::lock_guard lock(to_rate_mutex_);
  const auto [found, is_new] = to_rate_.try_emplace(count);
  if (is_new) {
    try {
      found->second = tusk::items_to_rate(model(), count);
    } catch (...) {
      to_rate_.erase(found);
      throw;
    }
  }
  return found->second;
}

void ServedModel::warm_up() const {
  titles();
  if (can_chat_) chat();
  constexpr int kUsualCount = 50;
  items_to_rate(kUsualCount);
}

std::string file_identity(const std::filesystem::path& path) {
  struct stat file {};
  if (stat(path.c_str(), &file) != 0) return {};
  return fmt::format("{} {} {}.{:09}", file.st_ino, file.st_size, file.st_mtim.tv_sec,
                     file.st_mtim.tv_nsec);
}

std::shared_ptr<const ServedModel> load_served_model(
    const std::filesystem::path& path, Checksum verification,
    const std::function<ListOrder(const Model&)>& order,
    std::shared_ptr<const ChatAssistant> assistant) {
  const std::string identity = file_identity(path);
  Model model = load_model(path, verification);
  const ListOrder own = order(model);
  return std::make_shared<const ServedModel>(open_device({.device = "cpu", .threads = 1}),
                                             std::move(model), own, path.filename().string(),
                                             checksum(identity), std::move(assistant));
}

}  // namespace tusk::server
