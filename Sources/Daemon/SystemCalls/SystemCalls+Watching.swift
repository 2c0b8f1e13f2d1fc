import CMicroHTTPD
import Glibc

/// Watching many descriptors at once.
extension SystemCalls {
    static func makeWatch() throws(SystemCallError) -> Int32 {
        try check("epoll_create1") { epoll_create1(Int32(EPOLL_CLOEXEC)) }
    }

    /// Asks the watch to tell `identifier` once, when the other end of `descriptor` has closed it wholly.
    ///
    /// Over TCP that cannot be told from closing one direction, which no browser does.
    static func watchForHangUp(_ descriptor: Int32, identifier: UInt64, on watch: Int32) throws(SystemCallError) {
        let halfClose = isInternetSocket(descriptor) ? EPOLLRDHUP.rawValue : 0
        let conditions = EPOLLHUP.rawValue | EPOLLERR.rawValue | EPOLLONESHOT.rawValue | halfClose
        try add(descriptor, conditions: conditions, identifier: identifier, to: watch)
    }

    /// Asks the watch to tell `identifier` whenever `descriptor` can be read.
    static func watchForInput(_ descriptor: Int32, identifier: UInt64, on watch: Int32) throws(SystemCallError) {
        try add(descriptor, conditions: EPOLLIN.rawValue, identifier: identifier, to: watch)
    }

    private static func add(
        _ descriptor: Int32, conditions: UInt32, identifier: UInt64, to watch: Int32
    ) throws(SystemCallError) {
        var event = unsafe epoll_event(events: conditions, data: epoll_data_t(u64: identifier))
        try check("epoll_ctl") { unsafe epoll_ctl(watch, EPOLL_CTL_ADD, descriptor, &event) }
    }

    static func unwatch(_ descriptor: Int32, on watch: Int32) {
        _ = epoll_ctl(watch, EPOLL_CTL_DEL, descriptor, nil)
    }

    /// Waits for events and returns their identifiers.
    static func awaitEvents(on watch: Int32) throws(SystemCallError) -> [UInt64] {
        var events = unsafe [epoll_event](repeating: epoll_event(), count: 64)
        let capacity = unsafe Int32(events.count)
        let count = try check("epoll_wait") { unsafe epoll_wait(watch, &events, capacity, -1) }
        return unsafe events.prefix(Int(count)).map { unsafe $0.data.u64 }
    }

    /// A descriptor that can be read once it is signalled.
    static func makeWakeUp() throws(SystemCallError) -> Int32 {
        try check("eventfd") { eventfd(0, Int32(EFD_CLOEXEC)) }
    }

    static func signalWakeUp(_ wakeUp: Int32) {
        _ = eventfd_write(wakeUp, 1)
    }
}
