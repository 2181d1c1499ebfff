/* How many events a second: publish, append and stream, and beside them libzmq alone with the same bytes, one event a
 * frame, through TCP: bench SERVER. */
#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>
#include <thread>

#include <tocsin.hpp>
#include <zmq.h>

namespace
{

constexpr int count = 200000;

void compose(tocsin::event &event, int number)
{
    event.set(tocsin::level::info, "BenchEvent", "Measured", "#default#app/cam", "An event of the benchmark");
    event.time("2026-11-21T09:30:00.125+09:00").map(4).key("number").value(number).key("width").value(1920);
    event.key("codec").value("H264").key("rate").value(29.97);
}

template <typename function> void measure(const char *what, function &&run)
{
    const auto start = std::chrono::steady_clock::now();
    run();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    std::printf("c++ %-8s %9.0f events/s\n", what, count / taken.count());
}

void bare()
{
    tocsin::event event;
    compose(event, 1);
    const std::string bytes(event.encode());
    void *context = zmq_ctx_new();
    void *pull = zmq_socket(context, ZMQ_PULL);
    char endpoint[64];
    std::size_t size = sizeof endpoint;
    zmq_bind(pull, "tcp://127.0.0.1:*");
    zmq_getsockopt(pull, ZMQ_LAST_ENDPOINT, endpoint, &size);
    std::thread sender([&] {
        void *push = zmq_socket(context, ZMQ_PUSH);
        zmq_connect(push, endpoint);
        for (int i = 0; i < count; i++)
            zmq_send(push, bytes.data(), bytes.size(), 0);
        zmq_close(push);
    });
    char taken[4096];
    for (int i = 0; i < count; i++)
        zmq_recv(pull, taken, sizeof taken, 0);
    sender.join();
    zmq_close(pull);
    zmq_ctx_term(context);
}

} // namespace

int main(int argc, char **argv)
{
    tocsin::where place;
    place.server = argc > 1 ? argv[1] : "";
    tocsin::event event;
    measure("libzmq", bare);
    tocsin::publisher publisher(place);
    measure("publish", [&] {
        for (int i = 0; i < count; i++) {
            compose(event, i);
            publisher.publish(event);
        }
        publisher.flush();
    });
    tocsin::appender appender("bench", place);
    measure("append", [&] {
        for (int i = 0; i < count; i++) {
            compose(event, i);
            appender.append(event);
        }
        appender.flush();
    });
    tocsin::stream stream(tocsin::from::first(), {}, place);
    measure("stream", [&] {
        for (int read = 0; read < count;)
            read += stream.next()->is_event();
    });
}
