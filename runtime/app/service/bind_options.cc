// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/service/bind_options.h"

#include <charconv>

namespace smarthl7::app {
namespace {

constexpr std::uint64_t kMaxFile = 4 << 20;

Result<std::string> read_small_file(env::Disk& disk, const std::string& path) {
  TRY(const auto file, disk.open(path, env::OpenMode::read));
  TRY(const std::uint64_t size, file->size());
  if (size > kMaxFile) return fail(ErrorCode::invalid, path + " is larger than 4 MiB");
  std::string bytes(size, '\0');
  TRY(const std::size_t got, file->read_at(0, bytes));
  bytes.resize(got);
  return bytes;
}

Result<std::uint64_t> to_number(const std::string& text, const std::string& name) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    return fail(ErrorCode::invalid, "option `" + name + "`: `" + text + "` is not a number");
  return value;
}

Result<void> bind_one(const eval::BoundPlan& bound, const plan::OptionValue& option, const BindingPlaces& places,
                      env::Disk& disk, transport::Options& out) {
  const plan::Plan& plan = bound.plan();
  const std::string& name = plan.text(option.name);
  switch (option.kind) {
    case plan::OptionKind::text:
    case plan::OptionKind::boolean: out.set_text(name, bound.option_text(option)); return {};
    case plan::OptionKind::block: out.set_text(name, ""); return {};
    case plan::OptionKind::number:
    case plan::OptionKind::size: {
      TRY(const std::uint64_t value, to_number(bound.option_text(option), name));
      out.set_number(name, value);
      return {};
    }
    case plan::OptionKind::duration: {
      TRY(const std::uint64_t value, to_number(bound.option_text(option), name));
      out.set_duration(name, std::chrono::microseconds(value));
      return {};
    }
    case plan::OptionKind::file: {
      const std::string& relative = plan.text(option.file);
      const std::string path = relative.starts_with('/') || places.folder.empty() ? relative : places.folder + "/" + relative;
      auto bytes = read_small_file(disk, path);
      if (!bytes) return fail(bytes.error().code, "option `" + name + "`", bytes.error());
      out.set_text(name, std::move(*bytes));
      return {};
    }
    case plan::OptionKind::secret: {
      auto value = read_secret(disk, places.secrets, plan.text(plan.secrets[option.secret]));
      if (!value) return fail(value.error().code, "option `" + name + "`", value.error());
      out.set_secret(name, std::move(*value));
      return {};
    }
  }
  return {};
}

}  // namespace

Result<Secret> read_secret(env::Disk& disk, const std::string& folder, const std::string& name) {
  if (folder.empty())
    return fail(ErrorCode::not_found, "secret `" + name + "` needs a folder of secrets: --secrets DIR with a file DIR/" + name);
  auto bytes = read_small_file(disk, folder + "/" + name);
  if (!bytes) return fail(ErrorCode::not_found, "secret `" + name + "`", bytes.error());
  while (bytes->ends_with('\n') || bytes->ends_with('\r')) bytes->pop_back();
  return Secret(std::move(*bytes));
}

Result<transport::Options> bind_options(const eval::BoundPlan& plan, const std::vector<plan::OptionValue>& options,
                                        const BindingPlaces& places, env::Disk& disk) {
  transport::Options out;
  for (const plan::OptionValue& option : options) TRY_VOID(bind_one(plan, option, places, disk, out));
  return out;
}

}  // namespace smarthl7::app
