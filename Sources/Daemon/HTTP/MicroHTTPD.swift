import CMicroHTTPD
import Glibc

/// libmicrohttpd, serving one listening socket on threads of its own.
///
/// Each thread is a daemon of the library's that is given its connections in turn. Threads that wait for the same socket take
/// them by chance: one may get nearly all, and answer at half the speed of two.
///
/// Everything that is a raw pointer of the library is in this file. The library calls back on its threads; what it is
/// given to hold (the service, connections, exchanges) is kept alive by hand: taken when it is given, given back in
/// the callback that ends it.
@safe struct MicroHTTPD: @unchecked Sendable {
    private let daemons: [OpaquePointer]
    private let service: Unmanaged<HTTPService>
    private let acceptor: Acceptor

    /// Begins to serve; nil when the library refuses.
    init?(serving service: HTTPService, on socket: ListeningSocket, limits: HTTPLimits) {
        let held = unsafe Unmanaged.passRetained(service)
        var settings = unsafe cccd_http_settings()
        unsafe settings.context = held.toOpaque()
        unsafe settings.request_line = { unsafe didReadRequestLine($0, $1, $2) }
        unsafe settings.request = { context, connection, _, method, version, upload, uploadSize, slot in
            if let result = unsafe didReadPromptRequest(
                context, connection, method, version, upload, uploadSize, slot)
            {
                return result
            }
            return unsafe didReadRequest(connection, method, version, upload, uploadSize, slot)
        }
        unsafe settings.completed = { context, connection, slot, _ in
            unsafe didEndRequest(context, connection, slot)
        }
        unsafe settings.connection = { unsafe didChangeConnection($0, $1, $2, $3) }
        // The library zeroes one and a half times as much with each request. With 36 KiB, more than the processor's first
        // cache holds, an answer took up to a third longer: so there is as much as the longest head needs.
        unsafe settings.memory_per_connection = limits.headerBytes + limits.targetBytes + (4 << 10)
        // The library turns callers away without regard to who they are: the service keeps the true limit, and no more are
        // accepted than each thread would take.
        unsafe settings.connection_limit = UInt32(clamping: service.acceptedLimit + 1)
        unsafe settings.silence_limit = UInt32(clamping: limits.requestSeconds)
        let threadCount = min(SystemCalls.processorCount, 16)
        let daemons = unsafe (0..<threadCount).compactMap { _ in unsafe cccd_http_start(&settings) }
        guard daemons.count == threadCount else {
            for daemon in unsafe daemons { unsafe MHD_stop_daemon(daemon) }
            unsafe held.release()
            return nil
        }
        unsafe self.daemons = daemons
        unsafe self.service = held
        acceptor = Acceptor(socket) { [threads = unsafe ServingThreads(daemons: daemons)] number, descriptor in
            guard service.beginToAccept() else { return EMFILE }
            let result = unsafe cccd_http_accept(threads.daemons[number % threads.daemons.count], descriptor)
            if result != 0 { service.didNotAccept() }
            return max(0, result)
        }
    }

    /// Accepts no further connections.
    func quiesce() { acceptor.stop() }

    /// Closes all connections and ends the threads; to be called once, and with no connection suspended.
    func stop() {
        acceptor.stop()
        for daemon in unsafe daemons { unsafe MHD_stop_daemon(daemon) }
        unsafe service.release()
    }
}

/// The library's threads, which take connections from any thread.
@safe private struct ServingThreads: @unchecked Sendable {
    let daemons: [OpaquePointer]
}

/// A connection whose request is complete: it can be set aside while its answer is made.
@safe struct SuspendedConnection: @unchecked Sendable {
    fileprivate let connection: OpaquePointer

    /// To be called on the library's thread.
    func suspend() { unsafe MHD_suspend_connection(connection) }

    /// To be called once after `suspend`, on any thread.
    func resume() { unsafe MHD_resume_connection(connection) }
}

// MARK: Callbacks

private func didChangeConnection(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ change: MHD_ConnectionNotificationCode
) {
    guard let context = unsafe context, let connection = unsafe connection, let slot = unsafe slot else { return }
    let service = unsafe Unmanaged<HTTPService>.fromOpaque(context).takeUnretainedValue()
    switch change {
    case .CONNECTION_NOTIFY_STARTED:
        let opened = unsafe HTTPConnection(descriptor: cccd_http_descriptor(connection))
        service.didOpen(opened)
        unsafe slot.pointee = Unmanaged.passRetained(opened).toOpaque()
    case .CONNECTION_NOTIFY_CLOSED:
        guard let held = unsafe slot.pointee else { return }
        service.didClose(unsafe Unmanaged<HTTPConnection>.fromOpaque(held).takeRetainedValue())
        unsafe slot.pointee = nil
    }
}

/// The first that is heard of a request; what is returned here is handed to `didReadRequest` and `didEndRequest`.
private func didReadRequestLine(
    _ context: UnsafeMutableRawPointer?, _ target: UnsafePointer<CChar>?, _ connection: OpaquePointer?
) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    if let prompt = unsafe promptSlot(target, connection) { return unsafe prompt }
    let service = unsafe Unmanaged<HTTPService>.fromOpaque(context).takeUnretainedValue()
    let exchange = unsafe HTTPExchange(target: text(target), service: service)
    return unsafe Unmanaged.passRetained(exchange).toOpaque()
}

/// Called with the head, then with each piece of the body, then once more; and again after the connection is resumed.
func didReadRequest(
    _ connection: OpaquePointer?, _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?,
    _ upload: UnsafePointer<CChar>?, _ uploadSize: UnsafeMutablePointer<Int>?,
    _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let connection = unsafe connection, let held = unsafe slot?.pointee else { return .NO }
    let exchange = unsafe Unmanaged<HTTPExchange>.fromOpaque(held).takeUnretainedValue()
    let step: HTTPExchange.Step
    if let answer = exchange.takeAnswer() {
        step = .answer(answer)
    } else if !exchange.hasBegun {
        step = unsafe exchange.begin(
            method: text(method), version: text(version), headers: headers(of: connection),
            caller: record(of: connection)?.caller)
    } else if let count = unsafe uploadSize?.pointee, count > 0, let upload = unsafe upload {
        step = unsafe exchange.receive(UnsafeRawBufferPointer(start: upload, count: count).bytes)
        unsafe wipeRead(upload, count)
        unsafe uploadSize?.pointee = 0
    } else {
        if let opened = unsafe record(of: connection) { exchange.service.didReceiveRequest(on: opened) }
        step = unsafe exchange.complete(
            on: SuspendedConnection(connection: connection), descriptor: cccd_http_descriptor(connection))
    }
    return unsafe finish(step, of: exchange, on: connection)
}

func finish(_ step: HTTPExchange.Step, of exchange: HTTPExchange, on connection: OpaquePointer) -> MHD_Result {
    switch step {
    case .proceed, .wait: return .YES
    case .answer(let response): return unsafe send(response, of: exchange, on: connection)
    case .close: return .NO
    }
}

private func didEndRequest(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) {
    guard let slot = unsafe slot, let held = unsafe slot.pointee else { return }
    unsafe slot.pointee = nil
    if unsafe didEndPromptRequest(held, connection) { return }
    if let connection = unsafe connection {
        unsafe record(of: connection)?.didEndRequest()
        if let secret = unsafe MHD_lookup_connection_value(connection, .HEADER_KIND, "authorization") {
            unsafe wipeRead(secret, strlen(secret))
        }
    }
    unsafe Unmanaged<HTTPExchange>.fromOpaque(held).takeRetainedValue().end()
}

// MARK: Reading and writing

/// Wipes what was read of a request in the library's own memory, which it gives back to the heap as it is when a connection
/// ends with it.
func wipeRead(_ bytes: UnsafePointer<CChar>, _ count: Int) {
    unsafe explicit_bzero(UnsafeMutableRawPointer(mutating: bytes), count)
}

func record(of connection: OpaquePointer) -> HTTPConnection? {
    guard let held = unsafe cccd_http_connection_context(connection) else { return nil }
    return unsafe Unmanaged<HTTPConnection>.fromOpaque(held).takeUnretainedValue()
}

/// The text of a C string, or nil when it is not UTF-8.
func text(_ string: UnsafePointer<CChar>?) -> String? {
    guard let string = unsafe string else { return nil }
    return unsafe String(validatingCString: string)
}

/// The request's header fields, or nil when one is not UTF-8.
func headers(of connection: OpaquePointer) -> HTTPHeaders? {
    var headers: HTTPHeaders? = HTTPHeaders()
    unsafe withUnsafeMutablePointer(to: &headers) { headers in
        _ = unsafe MHD_get_connection_values(
            connection, .HEADER_KIND,
            { context, _, name, value in
                let headers = unsafe context?.assumingMemoryBound(to: HTTPHeaders?.self)
                guard let name = unsafe text(name), let value = unsafe value == nil ? "" : text(value) else {
                    unsafe headers?.pointee = nil
                    return .NO
                }
                unsafe headers?.pointee?.append(name, value)
                return .YES
            }, headers)
    }
    return headers
}

private func send(_ response: HTTPResponse, of exchange: HTTPExchange, on connection: OpaquePointer) -> MHD_Result {
    let made = unsafe response.stream.map { unsafe streamed($0, on: connection) } ?? whole(response.body)
    guard let made = unsafe made else { return .NO }
    if let stream = response.stream {
        exchange.begin(stream, descriptor: unsafe cccd_http_descriptor(connection))
    }
    defer { unsafe MHD_destroy_response(made) }
    for (name, value) in response.headers.fields { _ = unsafe MHD_add_response_header(made, name, value) }
    _ = unsafe MHD_add_response_header(made, "cache-control", "no-store")
    let record = unsafe record(of: connection)
    // Browsers alone guess at what they are given.
    if record?.isOfProcess != true { _ = unsafe MHD_add_response_header(made, "x-content-type-options", "nosniff") }
    if record?.isExpelled == true { _ = unsafe MHD_add_response_header(made, "connection", "close") }
    return unsafe MHD_queue_response(connection, UInt32(clamping: response.status), made)
}

/// A response whose bytes are all there.
func whole(_ body: SensitiveBytes) -> OpaquePointer? {
    let held = unsafe Unmanaged.passRetained(body).toOpaque()
    let made = unsafe MHD_create_response_from_buffer_with_free_callback_cls(
        body.count, body.unsafeBytes.baseAddress,
        { held in
            if let held = unsafe held { unsafe Unmanaged<SensitiveBytes>.fromOpaque(held).release() }
        }, held)
    if unsafe made == nil { unsafe Unmanaged<SensitiveBytes>.fromOpaque(held).release() }
    return unsafe made
}

/// A stream and the connection that it is sent on.
private final class StreamedBody: Sendable {
    let stream: any HTTPStream
    let connection: SuspendedConnection

    init(_ stream: any HTTPStream, _ connection: SuspendedConnection) {
        self.stream = stream
        self.connection = connection
    }
}

/// A response whose bytes come piece by piece; its connection is suspended while there is nothing to send.
private func streamed(_ stream: any HTTPStream, on connection: OpaquePointer) -> OpaquePointer? {
    let body = unsafe StreamedBody(stream, SuspendedConnection(connection: connection))
    let held = unsafe Unmanaged.passRetained(body).toOpaque()
    let made = unsafe cccd_http_streamed_response(
        { held, _, buffer, capacity in
            guard let held = unsafe held, let buffer = unsafe buffer else { return CCCD_HTTP_STREAM_ERROR }
            let body = unsafe Unmanaged<StreamedBody>.fromOpaque(held).takeUnretainedValue()
            switch body.stream.next(capacity) {
            case .bytes(let bytes):
                guard bytes.count <= capacity else { return CCCD_HTTP_STREAM_ERROR }
                unsafe UnsafeMutableRawBufferPointer(start: buffer, count: capacity).copyBytes(from: bytes)
                return bytes.count
            case .nothingYet:
                body.connection.suspend()
                body.stream.whenReady { body.connection.resume() }
                return 0
            case .end: return CCCD_HTTP_STREAM_END
            }
        }, held,
        { held in
            if let held = unsafe held { unsafe Unmanaged<StreamedBody>.fromOpaque(held).release() }
        })
    if unsafe made == nil { unsafe Unmanaged<StreamedBody>.fromOpaque(held).release() }
    return unsafe made
}
