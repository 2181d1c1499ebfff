/* What systemd is told of a service of Type=notify: sd_notify(3)'s protocol, without its library. */
#ifndef BROKER_NOTIFY_H
#define BROKER_NOTIFY_H

/* Sends `state` ("READY=1", "STOPPING=1") to the datagram socket that `address` (the environment variable NOTIFY_SOCKET;
 * NULL where unset) names: a path, or @NAME in the abstract space. Returns 0, also where nobody asked to be told; else
 * a negative errno, -EINVAL for an address that is none. It waits a few seconds at most where the socket is full. */
int notify_send(const char *address, const char *state);

#endif
