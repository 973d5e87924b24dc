// SPDX-License-Identifier: Apache-2.0
#include "runtime/alert/book.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace smarthl7::alert {
namespace {

constexpr std::string_view kFirstLine = "smarthl7 alerts 1";
constexpr std::string_view kLastLine = "end";  // a torn file has none
constexpr std::size_t kMostBytes = 1 << 20;

/// One line: began, over, told, alert, text, with tabs between. Texts are ours and hold neither tabs nor line ends.
std::optional<Episode> episode_of(std::string_view line) {
  std::vector<std::string_view> parts;
  for (int i = 0; i < 4; ++i) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string_view::npos) return std::nullopt;
    parts.push_back(line.substr(0, tab));
    line.remove_prefix(tab + 1);
  }
  std::int64_t micros = 0;
  const auto [end, error] = std::from_chars(parts[0].data(), parts[0].data() + parts[0].size(), micros);
  if (error != std::errc{} || end != parts[0].data() + parts[0].size()) return std::nullopt;
  Episode episode;
  episode.began = WallTime(std::chrono::microseconds(micros));
  episode.over = parts[1] == "over";
  episode.told = parts[2] == "told";
  episode.alert = parts[3];
  episode.text = line;
  return episode;
}

std::string one_line(std::string text) {
  std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return text;
}

}  // namespace

Result<std::vector<Episode>> Book::read() const {
  TRY(const bool there, disk_.exists(path()));
  if (!there) return std::vector<Episode>{};
  TRY(auto file, disk_.open(path(), env::OpenMode::read));
  TRY(const std::uint64_t size, file->size());
  std::string bytes(std::min<std::uint64_t>(size, kMostBytes), '\0');
  TRY(const std::size_t got, file->read_at(0, bytes));
  bytes.resize(got);
  std::vector<Episode> episodes;
  std::string_view rest = bytes;
  bool first = true;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) break;
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (first && line != kFirstLine) break;
    if (!first && line == kLastLine) return episodes;
    if (!first) {
      auto episode = episode_of(line);
      if (!episode) break;
      episodes.push_back(std::move(*episode));
    }
    first = false;
  }
  return fail(ErrorCode::corrupt, path() + ": this is no list of alerts");
}

Result<void> Book::write(const std::vector<Episode>& episodes) {
  std::string bytes = fmt::format("{}\n", kFirstLine);
  for (const Episode& one : episodes) {
    bytes += fmt::format("{}\t{}\t{}\t{}\t{}\n", one.began.time_since_epoch().count(), one.over ? "over" : "firing",
                         one.told ? "told" : "telling", one.alert, one_line(one.text));
  }
  bytes += fmt::format("{}\n", kLastLine);
  const std::string draft = path() + ".new";
  {
    TRY(auto file, disk_.open(draft, env::OpenMode::create));
    TRY_VOID(file->truncate(0));
    TRY_VOID(file->write_at(0, std::string_view(bytes)));
    TRY_VOID(file->sync_now());
  }
  TRY_VOID(disk_.rename(draft, path()));
  return disk_.sync_folder(folder_);
}

}  // namespace smarthl7::alert
