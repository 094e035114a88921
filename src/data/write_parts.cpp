#include <iterator>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/ranking.hpp>
#include <tusk/text_grid.hpp>
#include <tusk/write_parts.hpp>

#include "data/trec_id.hpp"
#include "support/output_folder.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

class PartWriter {
 public:
  PartWriter(const Dataset& data, std::span<const Label> label, const WritePartsOptions& options,
             const Observer& observer)
      : data_(data), label_(label), options_(options), observer_(observer) {}

  // Returns the number of ratings.
  std::int64_t write(const RatingPart& part, OutputFolder::File& file) const {
    const bool timed = !data_.timestamp.empty();
    file.write(timed ? "userId,itemId,rating,timestamp\n" : "userId,itemId,rating\n");
    return each(part, [&](const std::string& user, const std::string& item, std::size_t at) {
      file.write(fmt::format("{},{},{}", csv_field(user), csv_field(item), data_.rating[at]));
      if (timed) {
        const std::int64_t time = data_.timestamp[at];
        file.write(time == kNoTime ? "," : fmt::format(",{}", time));
      }
      file.write("\n");
    });
  }

  // Returns the number of relevant ratings.
  std::int64_t write_qrels(const RatingPart& part, OutputFolder::File& file) const {
    std::optional<float> lowest = options_.relevance;
    if (!lowest && !data_.report.implicit) lowest = usual_relevance(data_.scale);
    std::int64_t relevant = 0;
    each(part, [&](const std::string& user, const std::string& item, std::size_t at) {
      if (lowest && data_.rating[at] < *lowest) return;
      check_trec_id(user);
      check_trec_id(item);
      file.write(fmt::format("{} 0 {} 1\n", user, item));
      ++relevant;
    });
    return relevant;
  }

 private:
  template <class Visit>
  std::int64_t each(const RatingPart& part, const Visit& visit) const {
    std::int64_t count = 0;
    for (Index user = 0; user < data_.users.size(); ++user) {
      observer_.check_stop();
      const std::string id = data_.users.id(user);
      const auto u = static_cast<std::size_t>(user);
      for (auto at = static_cast<std::size_t>(data_.offset[u]);
           at < static_cast<std::size_t>(data_.offset[u + 1]); ++at) {
        if (!part.labels[label_[at]]) continue;
        visit(id, data_.items.id(data_.item[at]), at);
        ++count;
      }
    }
    return count;
  }

  const Dataset& data_;
  std::span<const Label> label_;
  const WritePartsOptions& options_;
  const Observer& observer_;
};

}  // namespace

std::vector<WrittenPart> write_parts(const Dataset& data, std::span<const Label> label,
                                     std::span<const RatingPart> parts,
                                     const std::filesystem::path& folder,
                                     const WritePartsOptions& options, const Observer& observer) {
  if (std::ssize(label) != data.size()) {
    throw UsageError(fmt::format("{} of {}: there must be one a rating",
                                 count_text(std::ssize(label), "label"),
                                 count_text(data.size(), "rating")));
  }
  OutputFolder files(folder, options.overwrite);
  const PartWriter writer(data, label, options, observer);
  std::vector<WrittenPart> written;
  for (const RatingPart& part : parts) {
    const std::string name = part.name + ".csv";
    WrittenPart& done = written.emplace_back();
    done.file = folder / name;
    done.ratings = writer.write(part, files.add(name));
    if (part.qrels) done.relevant = writer.write_qrels(part, files.add(part.name + ".qrels"));
  }
  files.commit();
  return written;
}

}  // namespace tusk
