/* The wrapper against a real broker: test SERVER CURSOR_FILE. */
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include <tocsin.hpp>
#include <tocsin_catalog.h>

namespace
{

int failures = 0;
tocsin::where place;
std::string cursor_file;

#define EXPECT(condition)                                                                                              \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            std::cerr << __FILE__ << ':' << __LINE__ << ": not so: " #condition "\n";                                  \
            failures++;                                                                                                \
        }                                                                                                              \
    } while (false)

template <typename thrown, typename function> thrown expect_throw(const char *what, function &&call)
{
    try {
        call();
    } catch (const thrown &error) {
        return error;
    }
    std::cerr << what << ": nothing was thrown\n";
    std::exit(1);
}

tocsin::event numbered(int number)
{
    tocsin::event event(tocsin::level::info, "TestEvent", "Numbered", "source-" + std::to_string(number % 7),
                        "event " + std::to_string(number));
    event.map(1).key("number").value(number);
    return event;
}

void what_is_composed_is_judged()
{
    tocsin::event event(tocsin::level::warning, "StreamEvent", "StreamCreated", "#default#app/cam", "A camera came");
    event.cause("BFrameDetected").time("2026-11-21T09:30:00.125+09:00");
    event.map(3).key("width").value(1920u).key("tracks").array(3).value("video").value(nullptr).value(true);
    event.key("rate").value(29.97);
    EXPECT(!event.encode().empty());

    const auto bad = expect_throw<tocsin::refused>(
        "a bad category", [] { tocsin::event(tocsin::level::info, "no good", "T", "s", "").encode(); });
    EXPECT(bad.field() == "category" && std::string(bad.word()) == "value" && bad.code() == TOCSIN_E_REFUSED);
    const auto unfinished = expect_throw<tocsin::error>(
        "an unfinished snapshot", [] { tocsin::event(tocsin::level::info, "C", "T", "s", "").map(1).encode(); });
    EXPECT(unfinished.code() == TOCSIN_E_INVALID);
    const auto syntax = expect_throw<tocsin::error>("no JSON", [] { tocsin::event::from_json("{"); });
    EXPECT(syntax.code() == TOCSIN_E_SYNTAX);
}

void what_is_published_comes_live()
{
    tocsin::wanted wanted;
    wanted.filters = {tocsin::filter::of_category("TestEvent"), tocsin::filter::of_subtree("StreamEvent", "default")};
    wanted.exclude = {tocsin::filter::of_source("TestEvent", "source-6")};
    tocsin::subscriber subscriber(wanted, place);
    tocsin::publisher publisher(place);
    for (int i = 0; i < 7; i++)
        publisher.publish(numbered(i));
    tocsin::event event;
    event.check(tocsin_stream_created(event.handle(), "#default#app/cam", "by its function of the catalog"));
    publisher.publish(event);
    publisher.flush();
    EXPECT(publisher.stats().events == 8);
    int count = 0;
    for (const tocsin::message &message : subscriber) {
        EXPECT(message.is_event());
        if (message.category() == "StreamEvent")
            break;
        EXPECT(message.topic() == "TestEvent/source-" + std::to_string(count));
        EXPECT(subscriber.snapshot_json() == "{\"number\":" + std::to_string(count) + "}");
        EXPECT(message.snapshot() && !message.cause());
        count++;
    }
    EXPECT(count == 6);
    EXPECT(!subscriber.next(std::chrono::milliseconds(1)));
    publisher.close();
}

void what_is_appended_has_a_receipt()
{
    std::atomic<std::uint64_t> settled{0};
    tocsin::appender::options options;
    options.on_settled = [&](const tocsin::receipt &receipt) { settled = receipt.n; };
    tocsin::appender appender("cpp-test", place, options);
    std::uint64_t n = 0;
    for (int i = 0; i < 1000; i++)
        n = appender.append(numbered(i));
    EXPECT(n == 1000 && appender.last_n() == 0);
    const tocsin::receipt receipt = appender.wait(n);
    EXPECT(receipt.n == 1000 && receipt.seq > 0 && std::string(receipt.hash).size() == 32);
    EXPECT(appender.counts().settled == 1000);
    expect_throw<tocsin::refused>("a refused event",
                                  [&] { appender.append(tocsin::event(tocsin::level::info, "C", "", "s", "")); });
    appender.close();
    EXPECT(settled == 1000);
    appender = tocsin::appender("cpp-test", place, options);
    appender.append(numbered(1000));
    appender = tocsin::appender("cpp-other", place); /* ends the one before, and then its callbacks */
    EXPECT(settled == 1001);
    const auto invalid = expect_throw<tocsin::error>("no name", [] { tocsin::appender nobody("no name", place); });
    EXPECT(invalid.code() == TOCSIN_E_INVALID);
}

void the_log_is_read_from_anywhere()
{
    tocsin::wanted wanted;
    wanted.filters = {tocsin::filter::of_category("TestEvent")};
    tocsin::stream::options options;
    options.ends_at_head = true;
    tocsin::stream stream(tocsin::from::first(), wanted, place, options);
    int count = 0;
    bool is_ended = false;
    for (const tocsin::message &message : stream) {
        count += message.is_event();
        is_ended = message.kind() == TOCSIN_MESSAGE_END;
    }
    EXPECT(is_ended && count == 1008);
    EXPECT(stream.cursor() == stream.head() && stream.log_id().size() == 32);
    EXPECT(tocsin::info(place).find(stream.log_id()) != std::string::npos);

    tocsin::stream last(tocsin::from::last(3), {}, place, options);
    count = 0;
    while (const auto message = last.next())
        count += message->is_event();
    EXPECT(count == 3);
    options.log_id = std::string(32, '0');
    const auto other = expect_throw<tocsin::error>(
        "another log", [&] { tocsin::stream none(tocsin::from::seq(1), {}, place, options); });
    EXPECT(other.code() == TOCSIN_E_OTHER_LOG);

    options.log_id.clear();
    options.cursor_file = cursor_file;
    const tocsin::stream keeper(tocsin::from::first(), {}, place, options);
    const auto locked = expect_throw<tocsin::error>(
        "a cursor in use", [&] { tocsin::stream second(tocsin::from::first(), {}, place, options); });
    EXPECT(locked.code() == TOCSIN_E_LOCKED);

    count = 0;
    tocsin::latest(wanted, place, [&](const tocsin::message &message) { count += message.category() == "TestEvent"; });
    EXPECT(count == 7);
    expect_throw<std::runtime_error>("what a callback throws", [] {
        tocsin::latest({}, place, [](const tocsin::message &) { throw std::runtime_error("mine"); });
    });
}

void a_broker_that_is_not_there_is_an_error()
{
    tocsin::where nowhere;
    nowhere.endpoint = "ipc:///nonexistent/tocsin";
    nowhere.connect_timeout = std::chrono::milliseconds(50);
    const auto error = expect_throw<tocsin::error>("nobody there", [&] { tocsin::publisher publisher(nowhere); });
    EXPECT(error.code() == TOCSIN_E_UNREACHABLE);
    EXPECT(std::string(error.what()) == tocsin_error_text(TOCSIN_E_UNREACHABLE));
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    place.server = argv[1];
    place.connect_timeout = std::chrono::seconds(30);
    cursor_file = argv[2];
    what_is_composed_is_judged();
    what_is_published_comes_live();
    what_is_appended_has_a_receipt();
    the_log_is_read_from_anywhere();
    a_broker_that_is_not_there_is_an_error();
    if (failures == 0)
        std::cout << "C++: all good\n";
    return failures == 0 ? 0 : 1;
}
