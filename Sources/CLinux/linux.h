// The system calls that the Glibc module does not show. Declared by hand where including the header
// would need _GNU_SOURCE, which clashes with the Glibc module in debug builds.
#ifndef ROOST_CLINUX_H
#define ROOST_CLINUX_H

// First, so that what the C library and this module both declare is the C library's: or else a type's
// or a constant's module would depend on which file is compiled first.
#pragma clang module import SwiftGlibc

#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>

extern int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
extern int pipe2(int fds[2], int flags);
extern int pthread_setname_np(unsigned long thread, const char *name);

// epoll_event carries a union that Swift would reach through several accessors; one number will do.
static inline int roost_epoll_control(int epoll, int operation, int fd, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data = {.u64 = token}};
    return epoll_ctl(epoll, operation, fd, &event);
}

// Has the calling thread's sleeps end within a microsecond of when they should.
extern int prctl(int option, ...);

static inline void roost_sleep_exactly(void) {
    const int set_timer_slack = 29;
    const unsigned long nanoseconds = 1000;
    prctl(set_timer_slack, nanoseconds, 0UL, 0UL, 0UL);
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

// Many datagrams in one call. The C library's declarations want _GNU_SOURCE and struct timespec, so
// the kernel is called by number; the struct is its mmsghdr.
struct roost_message {
    struct msghdr header;
    unsigned int length;
};

extern long syscall(long number, ...);

// How many datagrams have come, without waiting for more; -1 and errno if none.
static inline int roost_receive_messages(int fd, struct roost_message *messages, unsigned int count) {
    return (int)syscall(SYS_recvmmsg, fd, messages, count, MSG_DONTWAIT, (void *)0);
}

// How many datagrams have gone, without waiting for room; -1 and errno if the first would not.
static inline int roost_send_messages(int fd, struct roost_message *messages, unsigned int count) {
    return (int)syscall(SYS_sendmmsg, fd, messages, count, MSG_DONTWAIT | MSG_NOSIGNAL);
}

// Names of linux/udp.h, in.h, in6.h and asm/socket.h that the C library shows with _GNU_SOURCE or not
// at all.
static const int roost_sol_udp = 17;
static const int roost_udp_segment = 103;
static const int roost_udp_gro = 104;
static const int roost_so_reuseport = 15;
static const int roost_so_receive_buffer_force = 33;
static const int roost_so_send_buffer_force = 32;
static const int roost_so_meminfo = 55;
static const int roost_ip_mtu_discover = 10;
static const int roost_ip_pmtudisc_omit = 5;
static const int roost_ipv6_mtu_discover = 23;
static const int roost_ipv6_pmtudisc_dont = 0;
static const int roost_tcp_notsent_lowat = 25;

// A control message that says how large the datagrams of a run are. The size itself is written again
// for each run, at its offset.
enum { roost_segment_size_offset = CMSG_LEN(0), roost_segment_size_room = CMSG_SPACE(sizeof(uint16_t)) };

static inline void roost_write_segment_size(void *room, uint16_t size) {
    struct cmsghdr *control = (struct cmsghdr *)room;
    control->cmsg_level = roost_sol_udp;
    control->cmsg_type = roost_udp_segment;
    control->cmsg_len = CMSG_LEN(sizeof size);
    __builtin_memcpy(CMSG_DATA(control), &size, sizeof size);
}

// The size of the datagrams that came as a train, 0 if it is a single one.
static inline int roost_train_segment_size(const struct msghdr *message) {
    if (message->msg_controllen < sizeof(struct cmsghdr)) return 0;
    const struct cmsghdr *control = (const struct cmsghdr *)message->msg_control;
    if (control->cmsg_level != roost_sol_udp || control->cmsg_type != roost_udp_gro) return 0;
    int size = 0;
    if (control->cmsg_len < CMSG_LEN(sizeof size)) return 0;
    __builtin_memcpy(&size, CMSG_DATA(control), sizeof size);
    return size;
}

// How many datagrams a socket has lost for want of room, or -1.
static inline int64_t roost_socket_drops(int fd) {
    uint32_t figures[16] = {0};
    socklen_t size = sizeof figures;
    const int drops = 8;
    if (getsockopt(fd, SOL_SOCKET, roost_so_meminfo, figures, &size) != 0) return -1;
    return size > drops * sizeof figures[0] ? (int64_t)figures[drops] : -1;
}

// Keeps the calling thread on one CPU. 0, or -1 and errno.
static inline int roost_stay_on_cpu(int cpu) {
    unsigned long mask[16] = {0};
    const int bits = 8 * (int)sizeof(unsigned long);
    if (cpu < 0 || cpu >= 16 * bits) return -1;
    mask[cpu / bits] = 1UL << (cpu % bits);
    return (int)syscall(SYS_sched_setaffinity, 0, sizeof mask, mask);
}

// Whether the process, as its first thread has it, may run on this CPU.
static inline int roost_may_use_cpu(int cpu) {
    unsigned long mask[16] = {0};
    const int bits = 8 * (int)sizeof(unsigned long);
    if (cpu < 0 || cpu >= 16 * bits) return 0;
    const long process = syscall(SYS_getpid);
    if (syscall(SYS_sched_getaffinity, process, sizeof mask, mask) < 0) return 0;
    return (mask[cpu / bits] >> (cpu % bits)) & 1;
}

// Networks apart from the machine's, for drills. 0, or -1 and errno.
static inline int roost_leave_network(void) {
    const int clone_newnet = 0x40000000;
    return (int)syscall(SYS_unshare, clone_newnet);
}

static inline int roost_enter_network(int space) {
    const int clone_newnet = 0x40000000;
    return (int)syscall(SYS_setns, space, clone_newnet);
}

// The beginning of the kernel's struct ifreq, in its whole size.
struct roost_interface {
    char name[16];
    union {
        short flags;
        struct {
            uint16_t family, port;
            uint32_t address;
            uint8_t zero[8];
        } v4;
        char whole[24];
    } what;
};

static inline int roost_set_address(int fd, struct roost_interface *interface, unsigned long request, uint32_t address) {
    const uint16_t family_v4 = 2;
    interface->what.v4.family = family_v4;
    interface->what.v4.port = 0;
    interface->what.v4.address = __builtin_bswap32(address);
    return ioctl(fd, request, interface);
}

static inline int roost_bring_up(int fd, struct roost_interface *interface) {
    const unsigned long set_flags = 0x8914;
    const short up_and_running = 0x41;
    interface->what.flags = up_and_running;
    return ioctl(fd, set_flags, interface);
}

// Gives the calling thread's network one interface, whose packets are read from and written to this
// descriptor of /dev/net/tun, with that IPv4 address of 24 bits; and brings the loopback up. 0, or -1
// and errno.
static inline int roost_furnish_network(int tun, int socket, uint32_t address) {
    const unsigned long tun_set_interface = 0x400454ca, set_address = 0x8916, set_mask = 0x891c;
    const short packets_without_header = 0x1001;
    struct roost_interface interface = {.name = "yard"};
    struct roost_interface loopback = {.name = "lo"};
    interface.what.flags = packets_without_header;
    if (ioctl(tun, tun_set_interface, &interface) != 0) return -1;
    if (roost_set_address(socket, &interface, set_address, address) != 0) return -1;
    if (roost_set_address(socket, &interface, set_mask, 0xffffff00) != 0) return -1;
    if (roost_bring_up(socket, &interface) != 0) return -1;
    return roost_bring_up(socket, &loopback);
}

#endif
