/* Live; included by tocsin.hpp. */
#ifndef TOCSIN_SUBSCRIBER_HPP
#define TOCSIN_SUBSCRIBER_HPP

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "message.hpp"
#include "wanted.hpp"
#include "where.hpp"

namespace tocsin
{

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

} // namespace tocsin

#endif
