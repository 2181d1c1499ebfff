/* An event that is being composed; included by tocsin.hpp. */
#ifndef TOCSIN_EVENT_HPP
#define TOCSIN_EVENT_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>

#include "error.hpp"

namespace tocsin
{

enum class level {
    trace = TOCSIN_LEVEL_TRACE,
    debug = TOCSIN_LEVEL_DEBUG,
    info = TOCSIN_LEVEL_INFO,
    warning = TOCSIN_LEVEL_WARNING,
    error = TOCSIN_LEVEL_ERROR
};

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

} // namespace tocsin

#endif
