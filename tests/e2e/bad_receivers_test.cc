// SPDX-License-Identifier: Apache-2.0
// Receivers that break every rule, and what becomes of the messages: the first table of docs/operate/misbehaviour.md.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/e2e/misbehaviour.h"
#include "tests/support/oru_generator.h"
#include "tests/support/receiver.h"
#include "tests/support/tls_receiver.h"

namespace smarthl7::testing {
namespace {

using namespace std::chrono_literals;

class BadReceiver : public Misbehaviour {
 protected:
  /// What is done with the n-th message that comes; false: the connection is closed after it.
  using Answer = std::function<bool(int time, const std::string& id, Line& line)>;

  void receive_messages(Answer answer) {
    receive([this, answer = std::move(answer)](int, Line& line) {
      std::string message;
      while (line.read_frame(message, 600)) {
        came();
        if (!answer(arrived(), control_id_of(message), line)) return;
      }
    });
  }

  /// Sends two messages, waits for the end of both, and makes the row.
  void two_messages(const std::string& fault, int arrivals) {
    run_hub();
    ASSERT_EQ(send(1), "AA");
    ASSERT_EQ(send(2), "AA");
    EXPECT_EQ(end_of(1), "delivered");
    EXPECT_EQ(end_of(2), "delivered");
    EXPECT_EQ(arrived(), arrivals);
    row(Side::receiver, fault, fmt::format("2 messages, {} arrivals, {} connections", arrived(), receiver_->connections()),
        {1, 2});
  }
};

bool well(const std::string& id, Line& line) { return line.write_frame(answer_to(id, "AA")); }

TEST_F(BadReceiver, Late) {
  receive_messages([](int time, const std::string& id, Line& line) {
    if (time == 1) std::this_thread::sleep_for(900ms);
    return well(id, line);
  });
  two_messages("answers the first after 900 ms", 3);
}

TEST_F(BadReceiver, Twice) {
  receive_messages([](int time, const std::string& id, Line& line) {
    if (time == 1) return line.write_raw("\x0b" + answer_to(id, "AA") + "\x1c\r\x0b" + answer_to(id, "AA") + "\x1c\r");
    return well(id, line);
  });
  two_messages("answers the first twice, at once", 2);
}

TEST_F(BadReceiver, AgainInsteadOfTheNext) {
  receive_messages([first = std::string()](int time, const std::string& id, Line& line) mutable {
    if (time == 1) first = id;
    if (time == 2) static_cast<void>(well(first, line));
    return well(id, line);
  });
  two_messages("answers the first again when the second comes, then the second", 2);
}

TEST_F(BadReceiver, ForAnotherMessage) {
  receive_messages([](int time, const std::string& id, Line& line) { return well(time == 1 ? "SOMETHINGELSE" : id, line); });
  two_messages("answers for another message, once", 3);
}

TEST_F(BadReceiver, AlwaysForAnotherMessage) {
  receive_messages([](int, const std::string&, Line& line) { return well("SOMETHINGELSE", line); });
  run_hub();
  ASSERT_EQ(send(1), "AA");
  ASSERT_EQ(send(2), "AA");
  ASSERT_TRUE(attempted(1, 2));
  std::this_thread::sleep_for(1s);  // several pauses: a held lane sends nothing
  EXPECT_EQ(arrived(), 2);
  row(Side::receiver, "answers for another message, always",
      fmt::format("{} arrivals of the first, none of the second", arrived()), {1, 2});
}

TEST_F(BadReceiver, Garbage) {
  receive_messages([](int time, const std::string& id, Line& line) {
    return time == 1 ? line.write_frame("\x01\x02 this is not HL7") : well(id, line);
  });
  two_messages("answers with garbage in a frame", 3);
}

TEST_F(BadReceiver, GarbageWithoutAFrame) {
  receive_messages([](int time, const std::string& id, Line& line) {
    return time == 1 ? line.write_raw("HTTP/1.1 400 Bad Request\r\n\r\n") : well(id, line);
  });
  two_messages("answers with bytes without a frame", 3);
}

TEST_F(BadReceiver, HalfAFrame) {
  receive_messages([](int time, const std::string& id, Line& line) {
    return time == 1 ? line.write_raw("\x0b" + answer_to(id, "AA").substr(0, 30)) : well(id, line);
  });
  two_messages("answers with half a frame, then is silent", 3);
}

TEST_F(BadReceiver, AnswerWithoutEnd) {
  receive_messages([](int time, const std::string& id, Line& line) {
    if (time > 1) return well(id, line);
    const std::string chunk(64 << 10, 'A');
    static_cast<void>(line.write_raw("\x0b" + answer_to(id, "AA")));
    for (int i = 0; i < 4096 && line.write_raw(chunk); ++i) {  // at most 256 MiB
    }
    return false;
  });
  two_messages("answers without end", 3);
}

TEST_F(BadReceiver, Never) {
  receive_messages([](int time, const std::string& id, Line& line) { return time <= 2 ? true : well(id, line); });
  two_messages("does not answer twice", 4);
}

TEST_F(BadReceiver, Closes) {
  receive_messages([](int time, const std::string& id, Line& line) { return time > 1 && well(id, line); });
  two_messages("closes instead of an answer", 3);
}

TEST_F(BadReceiver, Resets) {
  receive_messages([](int time, const std::string& id, Line& line) {
    if (time > 1) return well(id, line);
    line.reset();
    return false;
  });
  two_messages("resets the connection instead of an answer", 3);
}

TEST_F(BadReceiver, ClosesAfterEachAnswer) {
  receive_messages([](int, const std::string& id, Line& line) { return well(id, line) && false; });
  two_messages("answers, and closes the connection each time", 2);
}

TEST_F(BadReceiver, ClosesBeforeTheMessage) {
  receive([this](int number, Line& line) {
    std::string message;
    while (number > 2 && line.read_frame(message, 600)) {
      came();
      if (!well(control_id_of(message), line)) return;
    }
  });
  run_hub();
  ASSERT_EQ(send(1), "AA");
  EXPECT_EQ(end_of(1), "delivered");
  EXPECT_EQ(arrived(), 1);  // whether an attempt saw the end before or after it wrote depends on the moment: no row
}

TEST_F(BadReceiver, NeverReads) {
  receive([this](int number, Line& line) {
    std::string message;
    if (number == 1) std::this_thread::sleep_for(3s);
    while (number > 1 && line.read_frame(message, 600)) {
      came();
      if (!well(control_id_of(message), line)) return;
    }
  });
  run_hub();
  ASSERT_EQ(send(1, 30'000), "AA");  // more than the buffers on the way hold
  EXPECT_EQ(end_of(1), "delivered");
  EXPECT_EQ(arrived(), 1);
  row(Side::receiver, "accepts the connection and never reads (a message of 3 MB)",
      fmt::format("{} whole arrival, {} connections", arrived(), receiver_->connections()), {1});
}

// ---- TLS --------------------------------------------------------------------------------------------------------------------

class BadTlsReceiver : public BadReceiver {
 protected:
  void run_tls_hub() {
    write_tls_route(folder_.path());
    hub_ = std::make_unique<Hub>(
        SMARTHL7_PROGRAM, folder_.path() + "/tls.route", folder_.path(),
        std::map<std::string, std::string>{{"hub_port", std::to_string(port_)}, {"out_port", std::to_string(out_)}});
    hub_->start();
    ASSERT_TRUE(hub_->ready()) << hub_->log();
  }
  void serve(TlsWays ways) {
    receive([this, ways](int number, Line& line) { serve_tls(folder_.path(), ways, number, line, [this] { came(); }); });
  }
};

TEST_F(BadTlsReceiver, FailsInTheMiddle) {
  make_certificates(folder_.path());
  serve(TlsWays::breaks_once);
  run_tls_hub();
  ASSERT_EQ(send(1), "AA");
  EXPECT_EQ(end_of(1), "delivered");
  row(Side::receiver, "TLS: sends a broken record after the message came",
      fmt::format("{} arrivals, {} connections", arrived(), receiver_->connections()), {1});
}

TEST_F(BadTlsReceiver, NoTlsAtAll) {
  make_certificates(folder_.path());
  receive([this](int number, Line& line) {
    if (number == 1) {
      static_cast<void>(line.write_raw("220 mail.example ESMTP\r\n"));
      static_cast<void>(line.ends(5));
    } else {
      serve_tls(folder_.path(), TlsWays::well, number, line, [this] { came(); });
    }
  });
  run_tls_hub();
  ASSERT_EQ(send(1), "AA");
  ASSERT_TRUE(attempted(1, 1));
  row(Side::receiver, "TLS: speaks something else", "a connection that is closed, no message", {1});
}

TEST_F(BadTlsReceiver, WantsACertificateThatTheHubHasNot) {
  make_certificates(folder_.path());
  serve(TlsWays::wants_certificate);
  run_tls_hub();
  ASSERT_EQ(send(1), "AA");
  ASSERT_TRUE(attempted(1, 1));
  std::this_thread::sleep_for(1500ms);  // several pauses of an ordinary failure: it must not hammer
  EXPECT_EQ(arrived(), 0);
  EXPECT_EQ(receiver_->connections(), 1);
  row(Side::receiver, "TLS: rejects the hub's credentials", fmt::format("{} connection, no message", receiver_->connections()),
      {1});
}

TEST_F(BadTlsReceiver, ShowsACertificateOfAStranger) {
  make_certificates(folder_.path());
  serve(TlsWays::stranger);
  run_tls_hub();
  ASSERT_EQ(send(1), "AA");
  ASSERT_TRUE(attempted(1, 1));
  std::this_thread::sleep_for(1500ms);
  EXPECT_EQ(arrived(), 0);
  EXPECT_EQ(receiver_->connections(), 1);
  row(Side::receiver, "TLS: shows a certificate that no authority of the hub signed",
      fmt::format("{} connection, no message", receiver_->connections()), {1});
}

}  // namespace
}  // namespace smarthl7::testing
