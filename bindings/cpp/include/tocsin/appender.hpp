/* Acknowledged; included by tocsin.hpp. */
#ifndef TOCSIN_APPENDER_HPP
#define TOCSIN_APPENDER_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <tocsin_append.h>

#include "event.hpp"
#include "where.hpp"

namespace tocsin
{

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

    appender(appender &&) = default;
    /* The old handle ends before the callbacks that its thread may be in. */
    appender &operator=(appender &&other) noexcept
    {
        handle_ = std::move(other.handle_);
        callbacks_ = std::move(other.callbacks_);
        return *this;
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

} // namespace tocsin

#endif
