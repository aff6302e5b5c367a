internal import CLinux
internal import Glibc

/// How many descriptors this process may have open.
package enum DescriptorLimit {
    /// Raises the limit as far as the system allows without asking, and says what it is then.
    ///
    /// The lower, soft limit is often 1,024 for the sake of programs that use select(2), which can't
    /// count further. We use epoll.
    package static func raise() throws(SystemFault) -> UInt64 {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard unsafe getrlimit(resource, &limit) == 0 else {
            throw .last("ask for the limit of open files")
        }
        guard limit.rlim_cur < limit.rlim_max else { return UInt64(limit.rlim_cur) }
        limit.rlim_cur = limit.rlim_max
        guard unsafe setrlimit(resource, &limit) == 0 else {
            throw .last("raise the limit of open files")
        }
        return UInt64(limit.rlim_cur)
    }
}
