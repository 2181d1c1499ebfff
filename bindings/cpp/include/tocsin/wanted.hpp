/* Which events; included by tocsin.hpp. */
#ifndef TOCSIN_WANTED_HPP
#define TOCSIN_WANTED_HPP

#include <string>
#include <utility>
#include <vector>

#include "event.hpp"

namespace tocsin
{

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

} // namespace detail

} // namespace tocsin

#endif
