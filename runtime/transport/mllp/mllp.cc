// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/mllp/mllp.h"

#include "runtime/transport/mllp/destination.h"
#include "runtime/transport/mllp/source.h"
#include "runtime/transport/tls/from_options.h"

namespace smarthl7::transport::mllp {

namespace {

Result<bool> is_release_2(const Options& options) {
  const std::uint64_t release = options.get_number("release", 1);
  if (release != 1 && release != 2) return fail(ErrorCode::invalid, "`release` of MLLP is 1 or 2");
  return release == 2;
}

class MllpTransport final : public Transport {
 public:
  [[nodiscard]] std::string_view name() const override { return "mllp"; }

  Result<std::unique_ptr<Source>> make_source(const Options& options, EnvSet envs, Receiver* receiver) const override {
    SourceSettings settings;
    TRY(settings.server, read_server_settings(options));
    settings.mllp.rules.largest = options.get_size("largest", settings.mllp.rules.largest);
    settings.mllp.rules.tolerant_end = options.get_text("frame_end", "tolerant") == "tolerant";
    settings.mllp.frame_within = options.get_duration("frame", settings.mllp.frame_within);
    settings.mllp.idle_within = options.get_duration("idle", settings.mllp.idle_within);
    TRY(settings.mllp.release_2, is_release_2(options));
    settings.mllp.answers = options.get_text("answers", "all") != "none";
    settings.mllp.close_without_msh = options.get_text("no_msh", "answer") == "close";
    return std::make_unique<MllpSource>(std::move(settings), std::move(envs), receiver);
  }

  Result<std::unique_ptr<Destination>> make_destination(const Options& options, env::Env env) const override {
    DestinationSettings settings;
    TRY(settings.connect, env::Endpoint::parse(options.get_text("connect")));
    settings.connect.via = options.get_text("via");
    TRY(settings.release_2, is_release_2(options));
    settings.connect_within = options.get_duration("connect_time", settings.connect_within);
    settings.answers = options.get_text("answers", "all") != "none";
    settings.most_messages = options.get_number("most_messages", settings.most_messages);
    if (options.has_block("tls")) {
      TRY(tls::Secured secured, tls::connect_with(options, settings.connect.host));
      settings.tls = std::move(secured.context);
      settings.renewal = std::move(secured.renewal);
    }
    return std::make_unique<MllpDestination>(std::move(settings), env);
  }
};

}  // namespace

std::unique_ptr<Transport> make_transport() { return std::make_unique<MllpTransport>(); }

}  // namespace smarthl7::transport::mllp
