// The system calls that the Glibc module does not show. Declared by hand where including the header
// would need _GNU_SOURCE, which clashes with the Glibc module in debug builds.
#ifndef ROOST_CLINUX_H
#define ROOST_CLINUX_H

#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

extern int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
extern int pipe2(int fds[2], int flags);
extern int pthread_setname_np(unsigned long thread, const char *name);

// epoll_event carries a union that Swift would reach through several accessors; one number will do.
static inline int roost_epoll_control(int epoll, int operation, int fd, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data = {.u64 = token}};
    return epoll_ctl(epoll, operation, fd, &event);
}

static inline uint64_t roost_epoll_token(const struct epoll_event *event) { return event->data.u64; }

#endif
