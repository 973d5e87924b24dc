// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/proxy/proxy.h"

#include "runtime/transport/proxy/tunnels.h"

namespace smarthl7::transport {

using env::Task;

Result<Proxy> read_proxy(std::string_view url) {
  Proxy proxy;
  if (url.starts_with("http://")) {
    url.remove_prefix(7);
  } else if (url.starts_with("socks5://")) {
    url.remove_prefix(9);
    proxy.kind = Proxy::Kind::socks5;
  } else {
    return fail(ErrorCode::invalid, "the address of a proxy begins with http:// or socks5://");
  }
  if (url.ends_with('/')) url.remove_suffix(1);
  if (url.find_first_of("/?#@ ") != std::string_view::npos)
    return fail(ErrorCode::invalid, "the address of a proxy is host and port alone; name and password stand beside it");
  TRY(proxy.endpoint, env::Endpoint::parse(url));
  return proxy;
}

Task<Result<std::unique_ptr<env::Stream>>> connect_through(env::Network* network, const Proxy* proxy, env::Endpoint to,
                                                           SteadyTime deadline, env::Abandon* abandon) {
  if (proxy == nullptr) {
    Result<std::unique_ptr<env::Stream>> direct = co_await network->connect_unless(to, deadline, abandon);
    co_return direct;
  }
  env::Endpoint way = proxy->endpoint;
  way.via = to.via;
  Result<std::unique_ptr<env::Stream>> stream = co_await network->connect_unless(way, deadline, abandon);
  if (!stream) {
    const ErrorCode code = stream.error().code;
    co_return fail(code, "no connection to the proxy", std::move(stream).error());
  }
  env::Task<Result<void>> opening = proxy->kind == Proxy::Kind::http ? open_http_tunnel(stream->get(), proxy, to, deadline)
                                                                     : open_socks_tunnel(stream->get(), proxy, to, deadline);
  Result<void> opened = co_await opening;
  if (!opened) {
    (*stream)->close();
    const ErrorCode code = opened.error().code;
    co_return fail(code, "the proxy " + proxy->endpoint.text(), std::move(opened).error());
  }
  co_return stream;
}

}  // namespace smarthl7::transport
