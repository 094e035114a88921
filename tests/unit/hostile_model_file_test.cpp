// Files that are no model file, or not quite one.
#include "tests/unit/hostile_model_file.hpp"

#include <cstring>
#include <limits>
#include <string>

#include <sys/stat.h>

namespace tusk::test {
namespace {

class HostileFile : public testing::TestWithParam<HostileCase> {};

TEST_P(HostileFile, IsRefusedWithoutALargeAllocation) { expect_refused(GetParam()); }

// A case that replaces the header's text.
HostileCase header(const char* name, const std::string& text, const char* message) {
  return {name, [text](Parts& parts) { return Parts::join(text, parts.data); }, message};
}

std::string tensor_json(const std::string& name, const std::string& fields) {
  return "{\"" + name + "\":{" + fields + "}}";
}

INSTANTIATE_TEST_SUITE_P(
    Bytes, HostileFile,
    testing::Values(
        HostileCase{"Empty", [](Parts&) { return std::string(); }, "too short"},
        HostileCase{"SevenBytes", [](Parts&) { return std::string(7, '\0'); }, "too short"},
        HostileCase{"HugeLength",
                    [](Parts& p) {
                      std::string bytes = p.bytes();
                      std::memset(bytes.data(), 0xff, 8);
                      return bytes;
                    },
                    "more than the file has"},
        HostileCase{"LengthBeyondTheFile",
                    [](Parts& p) {
                      std::string bytes = p.bytes();
                      const std::uint64_t length = bytes.size() - 7;
                      std::memcpy(bytes.data(), &length, 8);
                      return bytes;
                    },
                    "more than the file has"},
        HostileCase{"TruncatedPayload",
                    [](Parts& p) {
                      const std::string bytes = p.bytes();
                      return bytes.substr(0, bytes.size() - 1);
                    },
                    "beyond the file"},
        HostileCase{"TrailingBytes", [](Parts& p) { return p.bytes() + "x"; },
                    "1 bytes follow the last tensor"},
        HostileCase{"TruncatedHeader", [](Parts& p) { return p.bytes().substr(0, 100); },
                    "more than the file has"},
        HostileCase{"SomeOtherFile", [](Parts&) { return std::string("PK\3\4 and so on"); },
                    "more than the file has"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Headers, HostileFile,
    testing::Values(
        header("NotJson", "{\"a\":", "not JSON"), header("NotAnObject", "[]", "an array"),
        header("DeepArrays", std::string(100'000, '['), "an array"),
        header("DeepShape", tensor_json("a", "\"shape\":" + std::string(50'000, '[')), "an array"),
        header(
            "DeepObjects",
            [] {
              std::string text;
              for (int n = 0; n < 50'000; ++n) text += "{\"dtype\":";
              return text;
            }(),
            "an object"),
        header("NotUtf8", "{\"\xff\":{}}", "not JSON"),
        header("DuplicateTensor",
               "{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},"
               "\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}",
               "twice"),
        header("DuplicateField", tensor_json("a", "\"dtype\":\"U8\",\"dtype\":\"U8\""), "twice"),
        header("DuplicateMetadata", "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", "twice"),
        header("TwoMetadatas", "{\"__metadata__\":{},\"__metadata__\":{}}", "twice"),
        header("MetadataNotText", "{\"__metadata__\":{\"a\":1}}", "a number"),
        header("MissingField", tensor_json("a", "\"dtype\":\"U8\",\"shape\":[0]"), "lacks"),
        header("UnknownField", tensor_json("a", "\"stride\":[1]"), "stride"),
        header("NegativeOffset",
               tensor_json("a", "\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[-1,0]"),
               "negative"),
        header("FractionalShape", tensor_json("a", "\"shape\":[1.5]"), "fraction"),
        header("OffsetTooLargeFor64Bits",
               tensor_json("a", "\"data_offsets\":[0,99999999999999999999]"), "fraction"),
        header("ThreeOffsets", tensor_json("a", "\"data_offsets\":[0,1,2]"), "not two numbers"),
        header("NineDimensions", tensor_json("a", "\"shape\":[1,1,1,1,1,1,1,1,1]"), "too long"),
        header("NullTensor", "{\"a\":null}", "null"),
        header("UnknownDtype",
               tensor_json("a", "\"dtype\":\"X9\",\"shape\":[0],\"data_offsets\":[0,0]"),
               "unknown dtype"),
        header("ShapeOverflow",
               tensor_json("a",
                           "\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],"
                           "\"data_offsets\":[0,0]"),
               "does not fit its bytes"),
        header("EndBeforeBegin",
               tensor_json("a", "\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[8,0]"),
               "does not fit its bytes"),
        header(
            "ManyTensors",
            [] {
              std::string text = "{";
              for (int n = 0; n < 2000; ++n) {
                text += (n > 0 ? ",\"t" : "\"t") + std::to_string(n) +
                        "\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}";
              }
              return text + "}";
            }(),
            "too many tensors"),
        header("NoTensors", "{}", "bytes follow"),
        HostileCase{"SomeoneElsesSafetensors",
                    [](Parts&) {
                      return Parts::join(
                          tensor_json("w",
                                      "\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]"),
                          "abcd");
                    },
                    "not a model that Tusk wrote"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Contents, HostileFile,
    testing::Values(
        change(
            "Overlap",
            [](Parts& p) {
              for (const int end : {0, 1}) {
                auto& offset = p.header["item_bias"]["data_offsets"][static_cast<std::size_t>(end)];
                offset = offset.get<int>() - 4;
              }
            },
            "overlaps"),
        change(
            "Hole",
            [](Parts& p) {
              p.data.insert(p.header["genres"]["data_offsets"][0].get<std::size_t>(), "x");
              for (auto& [name, tensor] : p.header.items()) {
                if (name != "genres" || name == "__metadata__") continue;
                for (auto& offset : tensor["data_offsets"]) offset = offset.get<int>() + 1;
              }
            },
            "a hole"),
        change(
            "WrongDtype", [](Parts& p) { p.header["user_bias"]["dtype"] = "I32"; },
            "dtype I32, not F32"),
        change(
            "WrongRank",
            [](Parts& p) {
              p.header["user_bias"]["shape"] = {3, 1};
            },
            "2 dimensions, not 1"),
        change(
            "TransposedShape",
            [](Parts& p) {
              p.header["user_factors"]["shape"] = {2, 3};
            },
            "does not fit"),
        change(
            "MissingTensor",
            [](Parts& p) {
              p.header["other"] = p.header["mean"];
              p.header.erase("mean");
            },
            "no tensor mean"),
        change(
            "MissingFactors",
            [](Parts& p) {
              p.header["a"] = p.header["user_factors"];
              p.header.erase("user_factors");
            },
            "tensors of its kind"),
        change(
            "NaNFactor", [](Parts& p) { p.put("item_factors", 2, std::nanf("")); }, "not finite"),
        change(
            "InfiniteMean",
            [](Parts& p) { p.put("mean", 0, std::numeric_limits<float>::infinity()); },
            "not finite"),
        change(
            "ScaleUpsideDown", [](Parts& p) { p.put("scale", 0, 9.0f); }, "upside down"),
        change(
            "ItemOutOfRange", [](Parts& p) { p.put<std::int32_t>("seen_items", 1, 4); },
            "seen_items"),
        change(
            "ItemNegative", [](Parts& p) { p.put<std::int32_t>("seen_items", 0, -1); },
            "seen_items"),
        change(
            "ItemsFall", [](Parts& p) { p.put<std::int32_t>("seen_items", 0, 1); }, "seen_items"),
        change(
            "SampledUserOutOfRange", [](Parts& p) { p.put<std::int32_t>("sample_users", 0, 3); },
            "numbers of users and items"),
        change(
            "SampledItemNegative", [](Parts& p) { p.put<std::int32_t>("sample_items", 1, -1); },
            "numbers of users and items"),
        change(
            "SampledRatingNotFinite", [](Parts& p) { p.put("sample_ratings", 0, std::nanf("")); },
            "not finite"),
        change(
            "SampleWithoutRatings", [](Parts& p) { rename(p, "sample_ratings"); },
            "no tensor sample_ratings"),
        change(
            "SampleInTwoShapes",
            [](Parts& p) {
              p.header["sample_items"]["shape"] = {2, 1};
            },
            "sample_items"),
        change(
            "OffsetsFall", [](Parts& p) { p.put<std::int64_t>("seen_offsets", 1, 5); },
            "seen_offsets"),
        change(
            "OffsetsBeyondTheEnd",
            [](Parts& p) { p.put<std::int64_t>("titles_offsets", 4, 1 << 20); }, "titles_offsets"),
        change(
            "OffsetsNegative", [](Parts& p) { p.put<std::int64_t>("titles_offsets", 0, -8); },
            "titles_offsets"),
        change(
            "IdsRepeat", [](Parts& p) { p.put<std::int64_t>("item_ids", 1, 10); },
            "rise without repeats"),
        change(
            "TitleNotUtf8", [](Parts& p) { p.put<char>("titles", 0, '\xff'); }, "not UTF-8"),
        change(
            "UnknownModel", [](Parts& p) { p.header["__metadata__"]["model"] = "magic"; }, "magic"),
        change(
            "LaterVersion", [](Parts& p) { p.header["__metadata__"]["format_version"] = "999"; },
            "format version \"999\""),
        change(
            "OtherFormat", [](Parts& p) { p.header["__metadata__"].erase("format"); },
            "not a model that Tusk wrote")),
    [](const auto& test) { return test.param.name; });

TEST(HostileFile, MissingFileAndFolderAreFormatErrors) {
  const TempFolder folder;
  EXPECT_THROW(load_model(folder.path() / "nothing"), FormatError);
  EXPECT_THROW(load_model(folder.path()), FormatError);
  mkfifo((folder.path() / "pipe").c_str(), 0600);
  EXPECT_THROW(load_model("/dev/null"), FormatError);
}

}  // namespace
}  // namespace tusk::test
