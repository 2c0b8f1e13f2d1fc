import CMicroHTTPD
import Glibc

// How prompt calls go through libmicrohttpd's callbacks. What stands in a request's slot then is the connection's own
// `PromptExchange`, which the connection keeps alive; anything unusual is turned over to an `HTTPExchange`.

/// What stands in the slot of a request to this target from the beginning; nil when it goes by the routes.
func promptSlot(_ target: UnsafePointer<CChar>?, _ connection: OpaquePointer?) -> UnsafeMutableRawPointer? {
    guard let target = unsafe target, let connection = unsafe connection,
        unsafe strcmp(target, promptTarget) == 0, let record = unsafe record(of: connection),
        record.isOfProcess
    else { return nil }
    let prompt = record.prompt
    return unsafe Unmanaged.passUnretained(prompt).toOpaque()
}

@unsafe private nonisolated(unsafe) let promptTarget = unsafe UnsafeRawPointer(PromptExchange.target.utf8Start)
    .assumingMemoryBound(to: CChar.self)

/// Takes the next part of a request that goes this way; nil when it goes, from now on, by the routes.
func didReadPromptRequest(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ method: UnsafePointer<CChar>?,
    _ version: UnsafePointer<CChar>?, _ upload: UnsafePointer<CChar>?, _ uploadSize: UnsafeMutablePointer<Int>?,
    _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result? {
    guard let context = unsafe context, let connection = unsafe connection, let slot = unsafe slot,
        let record = unsafe record(of: connection), let prompt = unsafe record.prompt(in: slot.pointee)
    else { return nil }
    let service = unsafe Unmanaged<HTTPService>.fromOpaque(context).takeUnretainedValue()
    switch prompt.phase {
    case .fresh:
        if prompt.isAdmitted(on: record, by: service), unsafe isPlain(connection, method, version, service.limits) {
            prompt.phase = .arriving
            return .YES
        }
        unsafe slot.pointee = Unmanaged.passRetained(
            HTTPExchange(target: "\(PromptExchange.target)", service: service)
        ).toOpaque()
        return nil
    case .arriving:
        if let count = unsafe uploadSize?.pointee, count > 0, let upload = unsafe upload {
            guard prompt.body.count + count <= PromptExchange.bodyLimit else { return .NO }
            unsafe prompt.body.append(UnsafeRawBufferPointer(start: upload, count: count).bytes)
            unsafe wipeRead(upload, count)
            unsafe uploadSize?.pointee = 0
            return .YES
        }
        // Before the answer is made: until then it seems silent to other threads.
        service.didReceiveRequest(on: record)
        if let answer = prompt.answer(lane: record.lane) {
            prompt.phase = .answered
            return unsafe send(answer, on: connection, isLast: record.isExpelled)
        }
        // The head and the body are handed on as if they came now.
        let exchange = HTTPExchange(target: "\(PromptExchange.target)", service: service)
        let step = unsafe exchange.begin(
            method: text(method), version: text(version), headers: headers(of: connection), caller: record.caller)
        unsafe slot.pointee = Unmanaged.passRetained(exchange).toOpaque()
        defer { prompt.reset() }
        if case .proceed = step {
            _ = prompt.body.withBytes { exchange.receive(unsafe $0.bytes) }
            return nil
        }
        return unsafe finish(step, of: exchange, on: connection)
    case .answered: return .NO
    }
}

/// - Returns: Whether the request that ended went this way.
func didEndPromptRequest(
    _ held: UnsafeMutableRawPointer, _ connection: OpaquePointer?
) -> Bool {
    guard let connection = unsafe connection, let record = unsafe record(of: connection),
        let prompt = unsafe record.prompt(in: held)
    else { return false }
    prompt.reset()
    record.didEndRequest()
    return true
}

/// What a request's head is looked at for.
private struct PlainHead {
    var isPlain = true
    var byteCount = 0
    var hosts = 0
    var types = 0
    var lengths = 0
}

/// Whether the head is that of a short body in JSON, as most programs send it, and nothing in it needs a second look.
private func isPlain(
    _ connection: OpaquePointer, _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?, _ limits: HTTPLimits
) -> Bool {
    guard let method = unsafe method, let version = unsafe version, unsafe strcmp(method, "POST") == 0,
        unsafe strcmp(version, "HTTP/1.1") == 0
    else { return false }
    var head = PlainHead()
    unsafe withUnsafeMutablePointer(to: &head) { head in
        _ = unsafe MHD_get_connection_values(
            connection, .HEADER_KIND,
            { context, _, name, value in
                guard let head = unsafe context?.assumingMemoryBound(to: PlainHead.self), let name = unsafe name,
                    let value = unsafe value
                else { return .NO }
                unsafe head.pointee.take(name, value)
                return .YES
            }, head)
    }
    return head.isPlain && head.hosts == 1 && head.types == 1 && head.lengths == 1
        && head.byteCount <= limits.headerBytes
}

extension PlainHead {
    fileprivate mutating func take(_ name: UnsafePointer<CChar>, _ value: UnsafePointer<CChar>) {
        let nameCount = unsafe strlen(name)
        byteCount += nameCount
        var position = unsafe value
        while unsafe position.pointee != 0 {
            // Beyond ASCII: the routes look whether it is UTF-8.
            if unsafe position.pointee < 0 { isPlain = false }
            unsafe position += 1
        }
        byteCount += unsafe position - value
        switch nameCount {
        case 4 where unsafe strcasecmp(name, "host") == 0: hosts += 1
        case 6 where unsafe strcasecmp(name, "expect") == 0: isPlain = false
        case 12 where unsafe strcasecmp(name, "content-type") == 0:
            types += 1
            if unsafe strcmp(value, "application/json") != 0 { isPlain = false }
        case 14 where unsafe strcasecmp(name, "content-length") == 0:
            lengths += 1
            let digits = unsafe position - value
            let isShort = unsafe (1...3).contains(digits) && strspn(value, "0123456789") == digits
            if unsafe !isShort || atoi(value) > PromptExchange.bodyLimit { isPlain = false }
        case 17 where unsafe strcasecmp(name, "transfer-encoding") == 0: isPlain = false
        default: break
        }
    }
}

private func send(_ answer: SensitiveBytes, on connection: OpaquePointer, isLast: Bool) -> MHD_Result {
    guard let made = unsafe whole(answer) else { return .NO }
    defer { unsafe MHD_destroy_response(made) }
    _ = unsafe MHD_add_response_header(made, "content-type", "application/json")
    _ = unsafe MHD_add_response_header(made, "cache-control", "no-store")
    if isLast { _ = unsafe MHD_add_response_header(made, "connection", "close") }
    return unsafe MHD_queue_response(connection, 200, made)
}

extension HTTPConnection {
    /// The connection's prompt exchange, if that is what stands in the slot.
    fileprivate func prompt(in slot: UnsafeMutableRawPointer?) -> PromptExchange? {
        unsafe slot == Unmanaged.passUnretained(prompt).toOpaque() ? prompt : nil
    }
}
