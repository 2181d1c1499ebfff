/* What can go wrong, and how C's words for it become C++'s; included by tocsin.hpp. */
#ifndef TOCSIN_ERROR_HPP
#define TOCSIN_ERROR_HPP

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <tocsin.h>

namespace tocsin
{

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

} // namespace tocsin

#endif
