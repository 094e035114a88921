// The words by which intents are told.
#pragma once

#include <array>
#include <string_view>

namespace tusk::chat {

// The whole of a text, or its beginning, that asks for help.
inline constexpr std::array<std::string_view, 25> kHelpCues = {"help",
                                                               "help me",
                                                               "what can you do",
                                                               "what can i ask",
                                                               "what can i say",
                                                               "what do you do",
                                                               "how does this work",
                                                               "how do you work",
                                                               "how does it work",
                                                               "how do i use",
                                                               "how can i use",
                                                               "commands",
                                                               "usage",
                                                               "instructions",
                                                               "what are you",
                                                               "who are you",
                                                               "explain how this works",
                                                               "explain how you work",
                                                               "explain yourself",
                                                               "what else can you do",
                                                               "what can i do",
                                                               "how do i",
                                                               "what do i do",
                                                               "what are my options",
                                                               "what should i type"};
// That ask to be asked.
inline constexpr std::array<std::string_view, 17> kClarifyCues = {
    "help me choose",    "help me decide",       "help me pick",     "i cant decide",
    "i cannot decide",   "cant make up my mind", "i cant choose",    "i cannot choose",
    "ask me something",  "ask me a question",    "ask me",           "narrow it down",
    "narrow them down",  "narrow this down",     "narrow that down", "help me narrow",
    "which one should i"};
inline constexpr std::array<std::string_view, 12> kGreetings = {
    "hi",      "hello",     "hey",   "there",     "good", "morning",
    "evening", "afternoon", "howdy", "greetings", "yo",   "tusk"};

inline constexpr std::array<std::string_view, 17> kExplainCues = {"why",
                                                                  "how come",
                                                                  "explain",
                                                                  "reason for",
                                                                  "reasons for",
                                                                  "reason why",
                                                                  "what makes you think",
                                                                  "what made you",
                                                                  "justify",

                                                                  "explain why",
                                                                  "what is the reason for",
                                                                  "the reason for",
                                                                  "can you explain",
                                                                  "tell me why",
                                                                  "because of what",
                                                                  "on what grounds",
                                                                  "how did you come up with"};

inline constexpr std::array<std::string_view, 20> kResetCues = {
    "start over",         "reset",
    "start again",        "forget the filters",
    "forget everything",  "forget all",
    "forget about",       "forget it",
    "clear filters",      "clear the filters",
    "clear everything",   "from scratch",
    "remove the filters", "remove all filters",
    "forget my filters",  "no filters",
    "any genre",          "any year",
    "forget that",        "clear all"};

inline constexpr std::array<std::string_view, 19> kMoreCues = {
    "more",           "next",        "another",        "others",   "anything else",
    "what else",      "keep going",  "go on",          "continue", "other ones",
    "something else", "and then",    "different ones", "who else", "any other",
    "new ones",       "show others", "additional",     "further"};

inline constexpr std::array<std::string_view, 34> kPopularCues = {
    "popular",   "most popular", "best",        "top",           "greatest",     "favourites",
    "favorites", "favourite",    "favorite",    "highest rated", "highly rated", "best rated",
    "top rated", "most watched", "most rated",  "most loved",    "best loved",   "well known",
    "famous",    "everyone",     "everybody",   "people like",   "people love",  "people watch",
    "hits",      "blockbusters", "hot",         "trending",      "all time",     "must see",
    "must sees", "acclaimed",    "bestsellers", "other people"};
// That make a list one's own after all: "the best comedies for me".
inline constexpr std::array<std::string_view, 5> kPersonalCues = {
    "for me", "my taste", "id like best", "i might like", "i would like"};

// In front of titles that items are to be like.
inline constexpr std::array<std::string_view, 25> kLikeCues = {
    "similar to",       "similar as",        "along the lines of",
    "in the style of",  "in the vein of",    "in the spirit of",
    "resemble",         "resembles",         "resembling",
    "reminiscent of",   "akin to",           "comparable to",
    "close to",         "reminds me of",     "remind me of",
    "same as",          "fans of",           "after watching",
    "based on",         "like it",           "in the mold of",
    "alike to",         "similar movies to", "similar films to",
    "similar titles to"};
// In front of titles that are liked, as a condition of what is asked for.
inline constexpr std::array<std::string_view, 30> kBecauseCues = {"because i liked",
                                                                  "because i loved",
                                                                  "because i enjoyed",
                                                                  "because i watched",
                                                                  "because i like",
                                                                  "because i love",
                                                                  "because i saw",
                                                                  "because you watched",
                                                                  "since i liked",
                                                                  "since i loved",
                                                                  "since i enjoyed",
                                                                  "since i like",
                                                                  "since i love",
                                                                  "since i watched",
                                                                  "if i liked",
                                                                  "if i like",
                                                                  "if i loved",
                                                                  "if i love",
                                                                  "if i enjoyed",
                                                                  "if you like",
                                                                  "if you liked",
                                                                  "if you love",
                                                                  "if you loved",
                                                                  "if you enjoyed",
                                                                  "if i enjoy",
                                                                  "as i liked",
                                                                  "as i loved",
                                                                  "because i really liked",
                                                                  "because i really loved",
                                                                  "if someone liked"};
// That ask for what is like the titles that somebody has just said to like.
inline constexpr std::array<std::string_view, 13> kWhatElseCues = {
    "what else",    "what next",      "something similar",   "anything similar",
    "similar ones", "more like that", "more like it",        "more like those",
    "what other",   "anything else",  "something like that", "similar movies",
    "similar films"};

inline constexpr std::array<std::string_view, 17> kSeenCues = {"ive seen",
                                                               "i have seen",
                                                               "ive already seen",
                                                               "i already saw",
                                                               "already seen",
                                                               "already saw",
                                                               "ive watched",
                                                               "i have watched",
                                                               "already watched",
                                                               "ive already watched",
                                                               "i already watched",
                                                               "i have already seen",
                                                               "i know",
                                                               "i already know",
                                                               "seen",
                                                               "i saw",
                                                               "i watched"};

// Verbs and nouns of a question for a list.
inline constexpr std::array<std::string_view, 44> kAskCues = {"recommend",
                                                              "suggest",
                                                              "suggestion",
                                                              "suggestions",
                                                              "recommendation",
                                                              "recommendations",
                                                              "give",
                                                              "find",
                                                              "want",
                                                              "need",
                                                              "pick",
                                                              "choose",
                                                              "watch",
                                                              "looking for",
                                                              "mood for",
                                                              "feel like",
                                                              "got any",
                                                              "tips",
                                                              "ideas",
                                                              "what should",
                                                              "what do you think",
                                                              "surprise",
                                                              "film",
                                                              "films",
                                                              "movie",
                                                              "movies",
                                                              "show",
                                                              "list",
                                                              "is there",
                                                              "are there",
                                                              "do you have",
                                                              "get me",
                                                              "what would",
                                                              "what could",
                                                              "bored",
                                                              "what might",
                                                              "flick",
                                                              "flicks",
                                                              "titles",
                                                              "id like",
                                                              "id love",
                                                              "in the mood",
                                                              "what can i watch",
                                                              "id enjoy"};
// Those that are no noun: a list can be asked for by them though it begins as a condition.
inline constexpr std::array<std::string_view, 7> kCommandCues = {
    "recommend", "suggest", "give", "find", "pick", "list", "looking for"};
inline constexpr std::array<std::string_view, 9> kNouns = {
    "film", "films", "movie", "movies", "flick", "flicks", "titles", "items", "something"};

// At the beginning of what changes the conditions of the last list.
inline constexpr std::array<std::string_view, 41> kFilterCues = {
    "only",    "just",     "but",   "no",        "not",          "nothing",       "without",
    "from",    "before",   "after", "since",     "make",         "less",          "avoid",
    "skip",    "exclude",  "limit", "a bit",     "they should",  "it should",     "should be",
    "must be", "newer",    "older", "dont",      "i dont want",  "i do not want", "between",
    "made",    "released", "none",  "keep",      "a little",     "anything but",  "leave out",
    "except",  "remove",   "drop",  "they must", "can you make", "could you make"};
// Words that may stand before them.
inline constexpr std::array<std::string_view, 9> kOpeners = {
    "ok", "okay", "and", "please", "now", "maybe", "actually", "yes", "hmm"};

// Behind these a genre is not wanted, until another thought begins.
inline constexpr std::array<std::string_view, 38> kNotCues = {
    "no",        "not",         "without",    "nothing",     "except",       "non",
    "dont want", "do not want", "less",       "skip",        "avoid",        "exclude",
    "excluding", "isnt",        "arent",      "instead of",  "anything but", "not too",
    "dont show", "leave out",   "other than", "rather than", "besides",      "minus",
    "dont like", "never",       "remove",     "drop",        "dont need",    "nor",
    "dont give", "none of",     "sick of",    "tired of",    "cant stand",   "wont watch",
    "hate",      "apart from"};
// Which do not end that.
inline constexpr std::array<std::string_view, 32> kNotFillers = {
    "any",  "too",      "to",     "see",    "watch",  "more",  "very", "so",
    "a",    "the",      "films",  "film",   "movies", "movie", "or",   "and",
    "of",   "want",     "please", "really", "an",     "that",  "is",   "are",
    "with", "anything", "stuff",  "much",   "me",     "these", "all",  "like"};

inline constexpr std::array<std::string_view, 13> kLighterCues = {
    "lighter",   "light",      "light hearted", "lighthearted", "feel good",
    "feelgood",  "cheerful",   "happier",       "less dark",    "less serious",
    "uplifting", "less heavy", "more cheerful"};
inline constexpr std::array<std::string_view, 11> kDarkerCues = {
    "darker",  "dark",       "more serious", "grittier", "gritty", "bleaker",
    "heavier", "less light", "grim",         "grimmer",  "edgier"};
// In front of a tone that is not wanted.
inline constexpr std::array<std::string_view, 8> kNotTone = {
    "not", "not so", "not too", "nothing", "nothing too", "less", "not as", "no"};
inline constexpr std::array<std::string_view, 8> kNewerCues = {
    "newer", "more recent", "more modern", "more current", "recent", "new", "less old", "modern"};
inline constexpr std::array<std::string_view, 6> kOlderCues = {
    "older", "more classic", "old", "classic", "classics", "vintage"};

}  // namespace tusk::chat
