/* Fire and forget; included by tocsin.hpp. */
#ifndef TOCSIN_PUBLISHER_HPP
#define TOCSIN_PUBLISHER_HPP

#include <chrono>
#include <cstddef>
#include <memory>

#include "event.hpp"
#include "where.hpp"

namespace tocsin
{

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

} // namespace tocsin

#endif
