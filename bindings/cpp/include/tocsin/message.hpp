/* What comes in; included by tocsin.hpp. */
#ifndef TOCSIN_MESSAGE_HPP
#define TOCSIN_MESSAGE_HPP

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

#include "event.hpp"

namespace tocsin
{

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

} // namespace tocsin

#endif
