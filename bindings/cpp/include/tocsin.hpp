/* Tocsin for C++17: a thin layer over libtocsin (tocsin.h). Handles end themselves, errors are exceptions, and texts that
 * come out are views that live until the next call, as in C.
 *
 *     tocsin::publisher publisher;
 *     publisher.publish(tocsin::event(tocsin::level::warning, "StreamEvent", "StreamCreated", "#default#app/cam", "Came"));
 *
 * What a function does, and what can go wrong, is said in the C header at the function of that name. */
#ifndef TOCSIN_HPP
#define TOCSIN_HPP

#include "tocsin/appender.hpp"
#include "tocsin/publisher.hpp"
#include "tocsin/stream.hpp"
#include "tocsin/subscriber.hpp"

#endif
