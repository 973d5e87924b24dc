// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/folder/placing.h"

#include "stdlib/base/digest.h"

namespace smarthl7::transport::folder {

namespace {

constexpr unsigned kMostNumbers = 100'000;
constexpr std::size_t kPiece = 64 << 10;

Result<bool> same_bytes(FileSystem& files, const std::string& folder, const std::string& name, const std::string& to_folder,
                        const std::string& to_name) {
  auto one = files.open(folder, name);
  if (!one) return std::unexpected(std::move(one).error());
  auto two = files.open(to_folder, to_name);
  if (!two) return false;  // it has gone, or is no file: another number will do
  std::string a(kPiece, '\0');
  std::string b(kPiece, '\0');
  const auto fill = [](FileReader& reader, std::string& piece) -> Result<std::size_t> {
    std::size_t got = 0;
    while (got < piece.size()) {
      TRY(const std::size_t more, reader.read(std::span(piece).subspan(got)));
      if (more == 0) break;
      got += more;
    }
    return got;
  };
  for (;;) {
    TRY(const std::size_t got_a, fill(**one, a));
    TRY(const std::size_t got_b, fill(**two, b));
    if (got_a != got_b || std::string_view(a).substr(0, got_a) != std::string_view(b).substr(0, got_b)) return false;
    if (got_a < a.size()) return true;
  }
}

}  // namespace

std::string numbered(const std::string& name, unsigned number) {
  if (number < 2) return name;
  const std::size_t dot = name.rfind('.');
  const std::size_t at = dot == std::string::npos || dot == 0 ? name.size() : dot;
  return name.substr(0, at) + "-" + std::to_string(number) + name.substr(at);
}

std::string temporary_name(const std::string& name) {
  const Hash128 hash = keyed_hash(HashKey{}, name);
  return std::string(kTemporaryPrefix) + to_hex(std::string_view(reinterpret_cast<const char*>(&hash), sizeof hash)) + ".part";
}

Result<Placed> place_file(FileSystem& files, const std::string& folder, const std::string& name, const std::string& to_folder,
                          const std::string& wanted, bool same_is_enough) {
  for (unsigned number = 1; number <= kMostNumbers; ++number) {
    Placed placed{numbered(wanted, number), false};
    auto moved = files.move(folder, name, to_folder, placed.name);
    if (moved) return placed;
    if (moved.error().code != ErrorCode::exists) return std::unexpected(std::move(moved).error());
    if (!same_is_enough) continue;
    TRY(const bool same, same_bytes(files, folder, name, to_folder, placed.name));
    if (!same) continue;
    TRY_VOID(files.remove(folder, name));
    placed.was_there = true;
    return placed;
  }
  return fail(ErrorCode::full, "too many files of one name in " + to_folder);
}

}  // namespace smarthl7::transport::folder
