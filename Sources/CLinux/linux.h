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

// How many of the bytes given to a TCP socket its peer has not acknowledged, or -1.
extern int ioctl(int fd, unsigned long request, ...);

static inline int roost_unacknowledged(int fd) {
    const unsigned long siocoutq = 0x5411;
    int count = -1;
    return ioctl(fd, siocoutq, &count) == 0 ? count : -1;
}

static inline uint64_t roost_epoll_token(const struct epoll_event *event) { return event->data.u64; }

// The beginning of glibc's struct timex, in its whole size. Its header would bring struct timespec
// into this module, away from Glibc.
struct timex;
extern int adjtimex(struct timex *state);

// 1 if the kernel knows of nobody who keeps its clock in time, 0 if somebody does, -1 if it won't say.
static inline int roost_clock_is_unsynchronised(void) {
    union {
        struct {
            unsigned int modes;
            long offset, frequency, largest_error, estimated_error;
            int status;
        } head;
        char whole[256];
    } state = {.whole = {0}};
    const int time_error = 5, status_unsynchronised = 0x40;
    int verdict = adjtimex((struct timex *)&state);
    if (verdict < 0) return -1;
    return verdict == time_error || (state.head.status & status_unsynchronised) != 0;
}

#endif
