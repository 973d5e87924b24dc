// SPDX-License-Identifier: Apache-2.0
// Fetches keys and tokens over HTTPS: one request on a connection of its own, redirects not followed. Internal to this folder.
// Ownership, threads, failure: as oauth/fetcher.h says.
#pragma once

#include <memory>
#include <optional>

#include "runtime/transport/https/response.h"
#include "runtime/transport/https/url.h"
#include "runtime/transport/oauth/fetcher.h"
#include "runtime/transport/proxy/proxy.h"
#include "runtime/transport/tls/tls.h"

namespace smarthl7::transport::https {

class WebFetcher final : public oauth::Fetcher {
 public:
  WebFetcher(Url url, std::shared_ptr<const tls::Context> tls, std::optional<Proxy> proxy)
      : url_(std::move(url)), tls_(std::move(tls)), proxy_(std::move(proxy)), place_(url_.endpoint.text()) {}

  env::Task<Result<oauth::WebAnswer>> fetch(env::Env env, oauth::WebRequest request, SteadyTime deadline,
                                            env::Abandon* abandon) override;
  [[nodiscard]] const std::string& place() const override { return place_; }

 private:
  [[nodiscard]] Secret written(const oauth::WebRequest& request) const;
  env::Task<Result<oauth::WebAnswer>> exchange(env::Stream* stream, Secret request, SteadyTime deadline) const;

  const Url url_;
  const std::shared_ptr<const tls::Context> tls_;
  const std::optional<Proxy> proxy_;
  const std::string place_;
};

}  // namespace smarthl7::transport::https
