/* Tocsin for C++17: a thin layer over libtocsin (tocsin.h). Handles end themselves, errors are exceptions, and texts that
 * come out are views that live until the next call, as in C.
 *
 *     tocsin::publisher publisher;
 *     publisher.publish(tocsin::event(tocsin::level::warning, "StreamEvent", "StreamCreated", "#default#app/cam", "Came"));
 *
 * What a function does, and what can go wrong, is said in the C header at the function of that name. */
#ifndef TOCSIN_HPP
#define TOCSIN_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "tocsin.h"
#include "tocsin_append.h"
#include "tocsin_curve.h"
#include "tocsin_stream.h"

namespace tocsin
{

enum class level {
    trace = TOCSIN_LEVEL_TRACE,
    debug = TOCSIN_LEVEL_DEBUG,
    info = TOCSIN_LEVEL_INFO,
    warning = TOCSIN_LEVEL_WARNING,
    error = TOCSIN_LEVEL_ERROR
};

/* A call of the library failed with that code, TOCSIN_E_…. */
class error : public std::runtime_error
{
  public:
    explicit error(int code, const std::string &what = {})
        : std::runtime_error(what.empty() ? tocsin_error_text(code) : what), code_(code)
    {
    }
    int code() const noexcept { return code_; }

  private:
    int code_;
};

/* The event breaks a rule: the protocol's code, and the key concerned, empty where there is none. */
class refused : public error
{
  public:
    refused(tocsin_refusal reason, std::string field)
        : error(TOCSIN_E_REFUSED, (field.empty() ? "the event" : field) + " " + tocsin_refusal_text(reason)),
          reason_(reason), field_(std::move(field))
    {
    }
    tocsin_refusal reason() const noexcept { return reason_; }
    const char *word() const noexcept { return tocsin_refusal_word(reason_); }
    const std::string &field() const noexcept { return field_; }

  private:
    tocsin_refusal reason_;
    std::string field_;
};

namespace detail
{

inline void check(int code)
{
    if (code != TOCSIN_OK)
        throw error(code);
}

/* Milliseconds as the library takes them; a negative duration is for ever. */
inline int to_ms(std::chrono::milliseconds duration)
{
    constexpr auto most = std::chrono::milliseconds(INT32_MAX);
    return duration < duration.zero() ? -1 : static_cast<int>((duration < most ? duration : most).count());
}

inline const char *or_null(const std::string &text)
{
    return text.empty() ? nullptr : text.c_str();
}

inline std::string_view view(const tocsin_text &text)
{
    return text.data ? std::string_view(text.data, text.len) : std::string_view();
}

} // namespace detail

/* For ever, as a timeout. */
constexpr std::chrono::milliseconds forever{-1};

/* An event that is being composed. The members that may be absent are added by calls, which can be chained. */
class event
{
  public:
    event() : handle_(tocsin_event_new())
    {
        if (!handle_)
            throw std::bad_alloc();
    }
    event(level severity, const std::string &category, const std::string &type, const std::string &source_id,
          const std::string &summary)
        : event()
    {
        set(severity, category, type, source_id, summary);
    }

    /* A JSON object with the keys of an event, or a line of the audit log; and its MessagePack. */
    static event from_json(std::string_view text)
    {
        event made;
        char reason[128] = "";
        int code = tocsin_event_from_json(made.handle(), text.data(), text.size(), reason, sizeof reason);
        if (code == TOCSIN_E_SYNTAX)
            throw error(code, std::string("no JSON: ") + reason);
        detail::check(code);
        return made;
    }
    static event from_msgpack(const void *bytes, std::size_t len)
    {
        event made;
        detail::check(tocsin_event_from_msgpack(made.handle(), bytes, len));
        return made;
    }

    /* Begins anew: the same object serves for any number of events. */
    event &set(level severity, const std::string &category, const std::string &type, const std::string &source_id,
               const std::string &summary)
    {
        check(tocsin_event_set(handle(), static_cast<tocsin_level>(severity), category.c_str(), type.c_str(),
                               source_id.c_str(), summary.c_str()));
        return *this;
    }
    event &cause(const std::string &token)
    {
        check(tocsin_event_set_cause(handle(), token.c_str()));
        return *this;
    }
    event &time(const std::string &rfc3339)
    {
        check(tocsin_event_set_time(handle(), rfc3339.c_str()));
        return *this;
    }
    event &time(std::chrono::system_clock::time_point when)
    {
        auto us = std::chrono::duration_cast<std::chrono::microseconds>(when.time_since_epoch()).count();
        check(tocsin_event_set_time_us(handle(), us < 0 ? 0 : static_cast<std::uint64_t>(us)));
        return *this;
    }
    event &time_now() { return time(std::chrono::system_clock::now()); }

    /* The snapshot, from the outside inwards: map(2).key("width").value(1920).key("tracks").array(1).value("video").
     * Containers end by themselves. */
    event &map(std::uint32_t pairs)
    {
        check(tocsin_event_map_begin(handle(), pairs));
        return *this;
    }
    event &array(std::uint32_t count)
    {
        check(tocsin_event_array_begin(handle(), count));
        return *this;
    }
    event &key(const std::string &name)
    {
        check(tocsin_event_key(handle(), name.c_str()));
        return *this;
    }
    event &value(std::nullptr_t)
    {
        check(tocsin_event_nil(handle()));
        return *this;
    }
    event &value(std::string_view text)
    {
        check(tocsin_event_strn(handle(), text.data() ? text.data() : "", text.size()));
        return *this;
    }
    event &value(const char *text) { return value(std::string_view(text)); }
    template <typename number, std::enable_if_t<std::is_arithmetic_v<number>, int> = 0> event &value(number what)
    {
        if constexpr (std::is_same_v<number, bool>)
            check(tocsin_event_bool(handle(), what));
        else if constexpr (std::is_floating_point_v<number>)
            check(tocsin_event_double(handle(), static_cast<double>(what)));
        else if constexpr (std::is_signed_v<number>)
            check(tocsin_event_int(handle(), what));
        else
            check(tocsin_event_uint(handle(), what));
        return *this;
    }
    /* Ready values, wherever one may stand. */
    event &json(const std::string &text)
    {
        check(tocsin_event_snapshot_json(handle(), text.c_str()));
        return *this;
    }
    event &msgpack(const void *bytes, std::size_t len)
    {
        check(tocsin_event_snapshot_msgpack(handle(), bytes, len));
        return *this;
    }

    /* The event as it goes over the wire, judged as the broker will; throws `refused`. Lives until the next call. */
    std::string_view encode() const
    {
        const std::uint8_t *bytes = nullptr;
        std::size_t len = 0;
        check(tocsin_event_encode(handle(), &bytes, &len));
        return {reinterpret_cast<const char *>(bytes), len};
    }

    tocsin_event *handle() const noexcept { return handle_.get(); }

    /* Throws what a call that took the event returned. */
    void check(int code) const
    {
        tocsin_refusal reason = TOCSIN_ACCEPTED;
        const char *field = "";
        if (code == TOCSIN_E_REFUSED && tocsin_event_refusal(handle(), &reason, &field) == TOCSIN_E_REFUSED)
            throw refused(reason, field);
        detail::check(code);
    }

  private:
    struct free {
        void operator()(tocsin_event *handle) const { tocsin_event_free(&handle); }
    };
    std::unique_ptr<tocsin_event, free> handle_;
};

/* Keys, 40 characters of Z85 each, for a broker that encrypts; an empty public key is worked out. */
struct curve {
    std::string server_key; /* the broker's public key */
    std::string secret_key; /* this program's own */
    std::string public_key;

    /* From this program's secret file, and the broker's public file or its 40 characters. */
    static curve read(const std::string &secret_file, const std::string &server_file_or_key)
    {
        tocsin_key own = {}, server = {};
        char reason[256] = "";
        int code = tocsin_key_read(&own, secret_file.c_str(), reason, sizeof reason);
        if (code == TOCSIN_OK)
            code = tocsin_key_read_public(&server, server_file_or_key.c_str(), reason, sizeof reason);
        if (code != TOCSIN_OK)
            throw error(code, reason);
        return {server.public_key, own.secret_key, own.public_key};
    }
};

/* Where the broker is. An endpoint of its own goes before the server. */
struct where {
    std::string server;                           /* HOST[:BASEPORT]; 127.0.0.1:5560 */
    std::string endpoint;                         /* of the door that is opened: "ipc:///run/tocsin/live" */
    std::chrono::milliseconds connect_timeout{0}; /* 0: 5 s; negative: for ever */
    tocsin::curve keys;                           /* without a server_key: no encryption */
};

namespace detail
{

/* The C side of a place; points into it. */
struct lent_place {
    tocsin_curve keys = {};

    template <typename options> lent_place(options &given, const where &place)
    {
        given.server = or_null(place.server);
        given.connect_timeout_ms = to_ms(place.connect_timeout);
        if (place.keys.server_key.empty())
            return;
        keys.server_key = place.keys.server_key.c_str();
        keys.secret_key = place.keys.secret_key.c_str();
        keys.public_key = or_null(place.keys.public_key);
        given.curve = &keys;
    }
    lent_place(const lent_place &) = delete;
    lent_place &operator=(const lent_place &) = delete;
};

} // namespace detail

class publisher
{
  public:
    struct options {
        std::chrono::milliseconds send_timeout{0};
        std::chrono::milliseconds close_timeout{0};
        std::size_t queue_bytes = 0;
        std::size_t max_event_bytes = 0;
        bool collects_nothing = false;
    };

    publisher() : publisher(where()) {}
    explicit publisher(const where &place) : publisher(place, options()) {}
    publisher(const where &place, const options &wanted)
    {
        tocsin_publisher_options given = {};
        const detail::lent_place keys(given, place);
        given.ingest = detail::or_null(place.endpoint);
        given.send_timeout_ms = detail::to_ms(wanted.send_timeout);
        given.close_timeout_ms = detail::to_ms(wanted.close_timeout);
        given.queue_bytes = wanted.queue_bytes;
        given.max_event_bytes = wanted.max_event_bytes;
        given.collects_nothing = wanted.collects_nothing;
        tocsin_publisher *opened = nullptr;
        detail::check(tocsin_publisher_open(&opened, &given));
        handle_.reset(opened);
    }

    void publish(const event &what) { what.check(tocsin_publish(handle(), what.handle())); }

    void flush(std::chrono::milliseconds timeout = forever)
    {
        detail::check(tocsin_publisher_flush(handle(), detail::to_ms(timeout)));
    }
    struct tocsin_publisher_stats stats() const
    {
        struct tocsin_publisher_stats counts = {};
        ::tocsin_publisher_stats(handle(), &counts);
        return counts;
    }

    /* Flushes and ends the handle; throws TOCSIN_E_TIMEOUT where not all was sent. The destructor does the same, and
     * says nothing. */
    void close()
    {
        tocsin_publisher *closing = handle_.release();
        detail::check(tocsin_publisher_close(&closing, nullptr));
    }

    tocsin_publisher *handle() const noexcept { return handle_.get(); }

  private:
    struct end {
        void operator()(tocsin_publisher *handle) const { tocsin_publisher_close(&handle, nullptr); }
    };
    std::unique_ptr<tocsin_publisher, end> handle_;
};

/* All events through n are settled; seq and hash are the place of the last one that was logged. */
using receipt = tocsin_receipt;

struct rejection {
    std::uint64_t n;
    std::string code, field, text;
};

class appender
{
  public:
    struct options {
        std::uint64_t incarnation = 0;
        std::uint64_t first_n = 0;
        std::string spool_dir; /* keeps what is not settled on this machine's disk */
        std::uint64_t spool_bytes = 0;
        bool spool_syncs_each = false;
        std::chrono::milliseconds send_timeout{0};
        std::chrono::milliseconds close_timeout{0};
        std::size_t queue_bytes = 0;
        std::size_t max_event_bytes = 0;
        /* Called from the handle's own thread, which they must not hold up, nor throw into. */
        std::function<void(const receipt &)> on_settled;
        std::function<void(const rejection &)> on_refused;
    };

    explicit appender(const std::string &producer, const where &place = {}) : appender(producer, place, options()) {}
    appender(const std::string &producer, const where &place, options wanted)
        : callbacks_(std::make_unique<options>(std::move(wanted)))
    {
        tocsin_appender_options given = {};
        given.producer = producer.c_str();
        const detail::lent_place keys(given, place);
        given.append = detail::or_null(place.endpoint);
        given.incarnation = callbacks_->incarnation;
        given.first_n = callbacks_->first_n;
        given.spool_dir = detail::or_null(callbacks_->spool_dir);
        given.spool_bytes = callbacks_->spool_bytes;
        given.spool_syncs_each = callbacks_->spool_syncs_each;
        given.send_timeout_ms = detail::to_ms(callbacks_->send_timeout);
        given.close_timeout_ms = detail::to_ms(callbacks_->close_timeout);
        given.queue_bytes = callbacks_->queue_bytes;
        given.max_event_bytes = callbacks_->max_event_bytes;
        given.context = callbacks_.get();
        given.on_settled = callbacks_->on_settled ? settled : nullptr;
        given.on_refused = callbacks_->on_refused ? refuse : nullptr;
        tocsin_appender *opened = nullptr;
        detail::check(tocsin_appender_open(&opened, &given));
        handle_.reset(opened);
    }

    /* Takes the event into the queue; returns its number. */
    std::uint64_t append(const event &what)
    {
        std::uint64_t n = 0;
        what.check(tocsin_append(handle(), what.handle(), &n));
        return n;
    }
    receipt wait(std::uint64_t n, std::chrono::milliseconds timeout = forever)
    {
        receipt latest = {};
        detail::check(tocsin_appender_wait(handle(), n, &latest, detail::to_ms(timeout)));
        return latest;
    }
    void flush(std::chrono::milliseconds timeout = forever)
    {
        detail::check(tocsin_appender_flush(handle(), detail::to_ms(timeout)));
    }
    std::uint64_t last_n() const { return tocsin_appender_last_n(handle()); }
    tocsin_appender_counts counts() const
    {
        tocsin_appender_counts counted = {};
        tocsin_appender_count(handle(), &counted);
        return counted;
    }

    /* Waits for what is not settled; throws TOCSIN_E_TIMEOUT where events may be lost. */
    void close()
    {
        tocsin_appender *closing = handle_.release();
        detail::check(tocsin_appender_close(&closing, nullptr));
    }

    tocsin_appender *handle() const noexcept { return handle_.get(); }

  private:
    static void settled(void *context, const tocsin_receipt *told)
    {
        static_cast<options *>(context)->on_settled(*told);
    }
    static void refuse(void *context, const tocsin_rejection *told)
    {
        static_cast<options *>(context)->on_refused({told->n, told->code, told->field, told->text});
    }
    struct end {
        void operator()(tocsin_appender *handle) const { tocsin_appender_close(&handle, nullptr); }
    };
    std::unique_ptr<options> callbacks_; /* outlives the handle */
    std::unique_ptr<tocsin_appender, end> handle_;
};

/* Which topics. An empty category is any. */
struct filter {
    tocsin_filter_kind kind = TOCSIN_FILTER_EVERYTHING;
    std::string category;
    std::string source_id;

    static filter everything() { return {}; }
    static filter of_category(std::string category) { return {TOCSIN_FILTER_CATEGORY, std::move(category), {}}; }
    static filter of_source(std::string category, std::string source_id)
    {
        return {TOCSIN_FILTER_SOURCE, std::move(category), std::move(source_id)};
    }
    static filter of_subtree(std::string category, std::string source_id)
    {
        return {TOCSIN_FILTER_SUBTREE, std::move(category), std::move(source_id)};
    }
    static filter of_prefix(std::string category, std::string source_id)
    {
        return {TOCSIN_FILTER_PREFIX, std::move(category), std::move(source_id)};
    }
};

/* Which events are wanted, live or of the log. */
struct wanted {
    std::vector<filter> filters; /* any of them; none: everything */
    std::vector<filter> exclude;
    std::vector<std::string> types; /* any of them; none: all */
    level min_level = level::trace;
};

/* What comes in: a view into the handle that it came from, until the next call on that. */
class message
{
  public:
    explicit message(const tocsin_message &told) : told_(told) {}

    tocsin_message_kind kind() const { return told_.kind; }
    bool is_event() const { return told_.kind == TOCSIN_MESSAGE_EVENT; }
    std::string_view topic() const { return detail::view(told_.topic); }
    std::uint64_t seq() const { return told_.seq; }
    std::uint64_t prev() const { return told_.prev; }
    std::uint64_t received_us() const { return told_.received_us; }
    level severity() const { return static_cast<level>(told_.level); }
    std::string_view time() const { return detail::view(told_.time); }
    std::string_view category() const { return detail::view(told_.category); }
    std::string_view type() const { return detail::view(told_.type); }
    std::string_view source_id() const { return detail::view(told_.source_id); }
    std::string_view summary() const { return detail::view(told_.summary); }
    std::optional<std::string_view> cause() const { return optional(told_.cause); }
    std::optional<std::string_view> snapshot() const { return optional(told_.snapshot); } /* MessagePack */
    std::string_view event() const { return detail::view(told_.event); }                  /* MessagePack */
    std::uint64_t first() const { return told_.first; }
    std::uint64_t last() const { return told_.last; }
    std::uint64_t at_least() const { return told_.at_least; }
    std::uint64_t head() const { return told_.head; }
    std::string_view log_id() const { return detail::view(told_.log_id); }
    const tocsin_message &raw() const { return told_; }

  private:
    static std::optional<std::string_view> optional(const tocsin_text &text)
    {
        return text.data ? std::optional<std::string_view>(detail::view(text)) : std::nullopt;
    }
    tocsin_message told_;
};

namespace detail
{

/* The C side of what is wanted; points into it. */
struct borrowed {
    std::vector<tocsin_filter> filters, exclude;
    std::vector<const char *> types;

    explicit borrowed(const wanted &what)
    {
        fill(filters, what.filters);
        fill(exclude, what.exclude);
        for (const std::string &type : what.types)
            types.push_back(type.c_str());
    }

    template <typename options> void give(options &given, const wanted &what) const
    {
        given.filters = filters.data();
        given.filter_count = filters.size();
        given.exclude = exclude.data();
        given.exclude_count = exclude.size();
        given.types = types.data();
        given.type_count = types.size();
        given.min_level = static_cast<tocsin_level>(what.min_level);
    }

  private:
    static void fill(std::vector<tocsin_filter> &out, const std::vector<filter> &from)
    {
        for (const filter &one : from)
            out.push_back({one.kind, or_null(one.category),
                           one.kind == TOCSIN_FILTER_PREFIX ? one.source_id.c_str() : or_null(one.source_id)});
    }
};

/* for (const tocsin::message &message : stream): each step waits; a stream's end is the end. */
template <typename source> class iterator
{
  public:
    using iterator_category = std::input_iterator_tag;
    using value_type = message;
    using difference_type = std::ptrdiff_t;
    using pointer = const message *;
    using reference = const message &;

    iterator() = default;
    explicit iterator(source *from) : from_(from) { ++*this; }
    reference operator*() const { return *current_; }
    pointer operator->() const { return &*current_; }
    iterator &operator++()
    {
        current_ = from_->next(forever);
        if (!current_)
            from_ = nullptr;
        return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(const iterator &other) const { return from_ == other.from_; }
    bool operator!=(const iterator &other) const { return from_ != other.from_; }

  private:
    source *from_ = nullptr;
    std::optional<message> current_;
};

} // namespace detail

class subscriber
{
  public:
    struct options {
        std::chrono::milliseconds heartbeat_timeout{0};
        int queue_frames = 0;
        std::size_t max_topics = 0;
        std::size_t max_event_bytes = 0;
    };

    explicit subscriber(const wanted &what = {}, const where &place = {}) : subscriber(what, place, options()) {}
    subscriber(const wanted &what, const where &place, const options &wanted_options)
    {
        tocsin_subscriber_options given = {};
        const detail::borrowed lent(what);
        lent.give(given, what);
        const detail::lent_place keys(given, place);
        given.live = detail::or_null(place.endpoint);
        given.heartbeat_timeout_ms = detail::to_ms(wanted_options.heartbeat_timeout);
        given.queue_frames = wanted_options.queue_frames;
        given.max_topics = wanted_options.max_topics;
        given.max_event_bytes = wanted_options.max_event_bytes;
        tocsin_subscriber *opened = nullptr;
        detail::check(tocsin_subscriber_open(&opened, &given));
        handle_.reset(opened);
    }

    /* What comes next; nothing at the timeout. */
    std::optional<message> next(std::chrono::milliseconds timeout = forever)
    {
        tocsin_message told;
        int code = tocsin_subscriber_next(handle(), &told, detail::to_ms(timeout));
        if (code == TOCSIN_E_TIMEOUT)
            return std::nullopt;
        detail::check(code);
        return message(told);
    }
    detail::iterator<subscriber> begin() { return detail::iterator<subscriber>(this); }
    detail::iterator<subscriber> end() { return {}; }

    /* JSON of the last message, which was an event. */
    std::string_view snapshot_json()
    {
        tocsin_text text;
        detail::check(tocsin_subscriber_snapshot_json(handle(), &text));
        return detail::view(text);
    }
    std::string_view event_json()
    {
        tocsin_text text;
        detail::check(tocsin_subscriber_event_json(handle(), &text));
        return detail::view(text);
    }

    tocsin_subscriber *handle() const noexcept { return handle_.get(); }

  private:
    struct close {
        void operator()(tocsin_subscriber *handle) const { tocsin_subscriber_close(&handle); }
    };
    std::unique_ptr<tocsin_subscriber, close> handle_;
};

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
