/* The log, and questions at its door; included by tocsin.hpp. */
#ifndef TOCSIN_STREAM_HPP
#define TOCSIN_STREAM_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include <tocsin_stream.h>

#include "message.hpp"
#include "wanted.hpp"
#include "where.hpp"

namespace tocsin
{

/* Where a stream begins. */
struct from {
    tocsin_from kind = TOCSIN_FROM_NEW;
    std::uint64_t value = 0;

    static from fresh() { return {}; }
    static from first() { return {TOCSIN_FROM_FIRST, 0}; }
    static from seq(std::uint64_t seq) { return {TOCSIN_FROM_SEQ, seq}; }
    static from last(std::uint64_t count) { return {TOCSIN_FROM_LAST, count}; }
    static from time(std::chrono::system_clock::time_point when)
    {
        auto us = std::chrono::duration_cast<std::chrono::microseconds>(when.time_since_epoch()).count();
        return {TOCSIN_FROM_TIME, us < 0 ? 0 : static_cast<std::uint64_t>(us)};
    }
};

class stream
{
  public:
    struct options {
        bool latest = false;
        bool ends_at_head = false;
        std::string log_id;
        std::string cursor_file;
        std::chrono::milliseconds cursor_interval{0};
        bool commits_by_hand = false;
        std::chrono::milliseconds silence_timeout{0};
        std::size_t credit_bytes = 0;
        std::size_t max_event_bytes = 0;
    };

    explicit stream(const from &begin, const wanted &what = {}, const where &place = {})
        : stream(begin, what, place, options())
    {
    }
    stream(const from &begin, const wanted &what, const where &place, const options &wanted_options)
    {
        tocsin_stream_options given = {};
        const detail::borrowed lent(what);
        lent.give(given, what);
        const detail::lent_place keys(given, place);
        given.stream = detail::or_null(place.endpoint);
        given.from = begin.kind;
        given.from_value = begin.value;
        given.latest = wanted_options.latest;
        given.ends_at_head = wanted_options.ends_at_head;
        given.log_id = detail::or_null(wanted_options.log_id);
        given.cursor_file = detail::or_null(wanted_options.cursor_file);
        given.cursor_interval_ms = detail::to_ms(wanted_options.cursor_interval);
        given.commits_by_hand = wanted_options.commits_by_hand;
        given.silence_timeout_ms = detail::to_ms(wanted_options.silence_timeout);
        given.credit_bytes = wanted_options.credit_bytes;
        given.max_event_bytes = wanted_options.max_event_bytes;
        tocsin_stream *opened = nullptr;
        detail::check(tocsin_stream_open(&opened, &given));
        handle_.reset(opened);
    }

    /* What comes next; nothing at the timeout, or when the end has been told. */
    std::optional<message> next(std::chrono::milliseconds timeout = forever)
    {
        tocsin_message told;
        int code = tocsin_stream_next(handle(), &told, detail::to_ms(timeout));
        if (code == TOCSIN_E_TIMEOUT || code == TOCSIN_E_END)
            return std::nullopt;
        detail::check(code);
        return message(told);
    }
    detail::iterator<stream> begin() { return detail::iterator<stream>(this); }
    detail::iterator<stream> end() { return {}; }

    std::uint64_t cursor() const { return tocsin_stream_cursor(handle()); }
    std::string log_id() const { return tocsin_stream_log_id(handle()); }
    std::uint64_t head() const { return tocsin_stream_head(handle()); }
    void commit(bool must_write = false) { detail::check(tocsin_stream_commit(handle(), must_write)); }

    /* JSON of the last message, which was an event. */
    std::string_view snapshot_json()
    {
        tocsin_text text;
        detail::check(tocsin_stream_snapshot_json(handle(), &text));
        return detail::view(text);
    }
    std::string_view event_json()
    {
        tocsin_text text;
        detail::check(tocsin_stream_event_json(handle(), &text));
        return detail::view(text);
    }

    tocsin_stream *handle() const noexcept { return handle_.get(); }

  private:
    struct close {
        void operator()(tocsin_stream *handle) const { tocsin_stream_close(&handle); }
    };
    std::unique_ptr<tocsin_stream, close> handle_;
};

/* What the broker tells of itself, as JSON. */
inline std::string info(const where &place = {})
{
    tocsin_stream_options given = {};
    const detail::lent_place keys(given, place);
    given.stream = detail::or_null(place.endpoint);
    char *json = nullptr;
    detail::check(tocsin_info(&given, &json));
    const std::unique_ptr<char, void (*)(void *)> owned(json, std::free);
    return json;
}

/* Calls `take` with the last event of every matching topic, in the order of seq. What it throws comes out. */
template <typename function> void latest(const wanted &what, const where &place, function &&take)
{
    tocsin_stream_options given = {};
    const detail::lent_place keys(given, place);
    given.stream = detail::or_null(place.endpoint);
    const detail::borrowed lent(what);
    lent.give(given, what);
    struct call {
        std::remove_reference_t<function> &take;
        std::exception_ptr thrown;
    } state{take, nullptr};
    const auto on_event = [](void *context, const tocsin_message *told) {
        auto *at = static_cast<call *>(context);
        try {
            at->take(message(*told));
            return 0;
        } catch (...) {
            at->thrown = std::current_exception();
            return 1;
        }
    };
    const int code = tocsin_latest(&given, on_event, &state);
    if (state.thrown)
        std::rethrow_exception(state.thrown);
    detail::check(code);
}

} // namespace tocsin

#endif
