// The options of a hybrid, most of which are those of its parts.
#include <string>
#include <variant>

#include <gtest/gtest.h>

#include <tusk/models.hpp>
#include <tusk/parameters.hpp>
#include <tusk/train_options.hpp>

namespace tusk {
namespace {

TEST(OptionsOfHybrids, SettingsAreThoseOfItsParts) {
  TrainOptions options("hybrid");
  options.set_text("collaborative", "item-knn");
  options.set_text("neighbours", "7");
  options.set_text("genre-weight", "2");
  options.set_text("item-damping", "3");
  const auto& own = options.as<HybridOptions>();
  EXPECT_EQ(own.item_knn.neighbours, 7);
  EXPECT_EQ(own.content.genre_weight, 2);
  EXPECT_EQ(own.content.bias.item_damping, 3) << "a parameter of several parts is of all of them";
  EXPECT_EQ(own.item_knn.bias.item_damping, 3);
  EXPECT_EQ(own.popular.item_damping, 3);
  EXPECT_EQ(std::get<std::string>(*options.get("similarity")), "cosine");
  EXPECT_EQ(options.algorithm().find("factors")->idle(options.values()),
            "has no effect with {collaborative} item-knn");
  options.set_text("collaborative", "mf");
  EXPECT_EQ(options.algorithm().find("factors")->idle(options.values()), "");
  options.set_text("content-weight", "0");
  options.check();
  options.set_text("collaborative-weight", "0");
  EXPECT_THROW(options.check(), ParameterError);
}

TEST(OptionsOfHybrids, FusionFollowsTheCollaborativePart) {
  TrainOptions options("hybrid");
  const auto& own = options.as<HybridOptions>();
  const auto idle = [&](const char* name) {
    const Parameter& parameter = *options.algorithm().find(name);
    return parameter.idle ? parameter.idle(options.values()) : "";
  };
  options.set_text("collaborative", "item-knn");
  EXPECT_EQ(own.fused_by(), Fusion::ranks);
  EXPECT_NE(idle("preference-power"), "");
  EXPECT_NE(idle("factors"), "");
  EXPECT_NE(idle("ials-factors"), "");
  for (const char* learner : {"auto", "ease", "ials"}) {
    options.set_text("collaborative", learner);
    EXPECT_EQ(own.fused_by(), Fusion::exposure);
    EXPECT_EQ(idle("preference-power"), "");
    EXPECT_EQ(idle("factors"), "") << "of mf, which predicts the ratings";
    EXPECT_EQ(idle("low-weight"), "");
    EXPECT_NE(idle("content-weight"), "");
    EXPECT_EQ(idle("ials-factors").empty(), std::string(learner) != "ease");
    EXPECT_EQ(idle("ease-regularization").empty(), std::string(learner) != "ials");
  }
  options.set_text("collaborative", "mf");
  EXPECT_EQ(own.fused_by(), Fusion::ranks);
  options.check();
  options.set_text("fusion", "exposure");
  EXPECT_THROW(options.check(), ParameterError) << "ratings are no exposure";
}

}  // namespace
}  // namespace tusk
