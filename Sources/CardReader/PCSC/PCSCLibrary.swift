import CPCSC

/// libpcsclite's calls, each wrapped once: values in, values out. Every raw pointer of this part is in this file.
///
/// All of them block. A context may be used by one call at a time, apart from `cancel`.
enum PCSCLibrary {
    /// What `SCardEstablishContext` gives.
    typealias Context = SCARDCONTEXT
    /// What `SCardConnect` gives.
    typealias Handle = SCARDHANDLE

    /// The transmission protocols that a card and its reader can have agreed on.
    enum TransmissionProtocol: Sendable { case t0, t1 }

    /// The bits of an event state that are asked for (PC/SC Part 5, 3.1.1).
    enum State {
        static let changed: UInt = 0x0002
        static let unknown: UInt = 0x0004
        static let unavailable: UInt = 0x0008
        static let present: UInt = 0x0020
        static let exclusive: UInt = 0x0080
        static let inUse: UInt = 0x0100
        static let mute: UInt = 0x0200
    }

    /// What is known of one reader when waiting for a change of it, and what it became.
    struct ReaderEvent: Sendable {
        var reader: String
        /// State bits, and in the upper half a counter of cards that came and went.
        var state: UInt
        var atr: [UInt8] = []
    }

    /// The name of the reader that stands for readers coming and going.
    static let plugAndPlay = #"\\?PnP?\Notification"#

    static func establishContext() throws(PCSCFailure) -> Context {
        var context: Context = 0
        try check("SCardEstablishContext", unsafe SCardEstablishContext(UInt(SCARD_SCOPE_SYSTEM), nil, nil, &context))
        return context
    }

    static func releaseContext(_ context: Context) { _ = SCardReleaseContext(context) }

    /// Ends the wait that another thread is in.
    static func cancel(_ context: Context) { _ = SCardCancel(context) }

    static func readers(_ context: Context) throws(PCSCFailure) -> [String] {
        // A reader may be plugged in between the call that tells the size and the one that fills it.
        for _ in 0..<3 {
            var count: DWORD = 0
            let sized = PCSCCode(unsafe SCardListReaders(context, nil, nil, &count))
            if sized == .noReadersAvailable { return [] }
            guard sized == .success else { throw PCSCFailure(call: "SCardListReaders", code: sized) }
            var names = [CChar](repeating: 0, count: Int(count))
            let filled = PCSCCode(
                unsafe names.withUnsafeMutableBufferPointer { names in
                    unsafe SCardListReaders(context, nil, names.baseAddress, &count)
                })
            if filled == .insufficientBuffer { continue }
            if filled == .noReadersAvailable { return [] }
            guard filled == .success else { throw PCSCFailure(call: "SCardListReaders", code: filled) }
            return names.prefix(Int(min(count, DWORD(names.count)))).split(separator: 0).map { name in
                String(decoding: name.map(UInt8.init(bitPattern:)), as: UTF8.self)
            }
        }
        throw PCSCFailure(call: "SCardListReaders", code: .insufficientBuffer)
    }

    /// Waits until the state of a reader is not the one given, then tells the state of each.
    static func waitForChange(
        _ context: Context, from known: [ReaderEvent], milliseconds: UInt
    ) throws(PCSCFailure) -> [ReaderEvent] {
        // All names stand in one buffer, so that one pointer keeps them in place during the call.
        var names: [CChar] = []
        var offsets: [Int] = []
        for event in known {
            offsets.append(names.count)
            names += event.reader.utf8.map { CChar(bitPattern: $0) } + [0]
        }
        var states = unsafe [SCARD_READERSTATE](repeating: SCARD_READERSTATE(), count: known.count)
        for index in known.indices { unsafe states[index].dwCurrentState = known[index].state & ~State.changed }

        let code = unsafe names.withUnsafeBufferPointer { names in
            for index in offsets.indices {
                unsafe states[index].szReader = names.baseAddress.map { unsafe $0 + offsets[index] }
            }
            defer { for index in offsets.indices { unsafe states[index].szReader = nil } }
            return unsafe SCardGetStatusChange(context, milliseconds, &states, DWORD(states.count))
        }
        try check("SCardGetStatusChange", code)

        var events: [ReaderEvent] = []
        for (index, event) in known.enumerated() {
            let count = min(unsafe Int(states[index].cbAtr), Int(MAX_ATR_SIZE))
            let atr = unsafe withUnsafeBytes(of: states[index].rgbAtr) { unsafe Array($0.prefix(count)) }
            events.append(
                ReaderEvent(
                    reader: event.reader, state: unsafe states[index].dwEventState, atr: atr))
        }
        return events
    }

    static func connect(
        _ context: Context, reader: String
    ) throws(PCSCFailure) -> (handle: Handle, transmissionProtocol: TransmissionProtocol) {
        var handle: Handle = 0
        var active: DWORD = 0
        let code = unsafe reader.withCString { name in
            unsafe SCardConnect(
                context, name, UInt(SCARD_SHARE_SHARED), UInt(SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1), &handle, &active)
        }
        try check("SCardConnect", code)
        return (handle, active == UInt(SCARD_PROTOCOL_T0) ? .t0 : .t1)
    }

    /// Resets the card and goes on with it.
    static func reconnect(_ handle: Handle) throws(PCSCFailure) -> TransmissionProtocol {
        var active: DWORD = 0
        let code = unsafe SCardReconnect(
            handle, UInt(SCARD_SHARE_SHARED), UInt(SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1), UInt(SCARD_RESET_CARD),
            &active)
        try check("SCardReconnect", code)
        return active == UInt(SCARD_PROTOCOL_T0) ? .t0 : .t1
    }

    /// Lets go of the card and leaves it as it is.
    static func disconnect(_ handle: Handle) { _ = SCardDisconnect(handle, UInt(SCARD_LEAVE_CARD)) }

    static func beginTransaction(_ handle: Handle) throws(PCSCFailure) {
        try check("SCardBeginTransaction", SCardBeginTransaction(handle))
    }

    /// Resets the card, so that nobody finds it opened, and lets other programs have it. In this order: a reset that
    /// comes with SCardDisconnect would meet the next program in the middle of its first command.
    static func endTransaction(_ handle: Handle) { _ = SCardEndTransaction(handle, UInt(SCARD_RESET_CARD)) }

    /// The answer to reset of a connected card.
    static func atr(_ handle: Handle) throws(PCSCFailure) -> [UInt8] {
        var nameCount: DWORD = 0
        var state: DWORD = 0
        var active: DWORD = 0
        var count = DWORD(MAX_ATR_SIZE)
        var bytes = [UInt8](repeating: 0, count: Int(MAX_ATR_SIZE))
        try check("SCardStatus", unsafe SCardStatus(handle, nil, &nameCount, &state, &active, &bytes, &count))
        return Array(bytes.prefix(Int(min(count, DWORD(MAX_ATR_SIZE)))))
    }

    /// Sends `command` and gives the answer, at most `answerLimit` bytes long.
    static func transmit(
        _ handle: Handle, _ transmissionProtocol: TransmissionProtocol, _ command: [UInt8], answerLimit: Int
    ) throws(PCSCFailure) -> [UInt8] {
        var request = SCARD_IO_REQUEST(
            dwProtocol: UInt(transmissionProtocol == .t0 ? SCARD_PROTOCOL_T0 : SCARD_PROTOCOL_T1),
            cbPciLength: UInt(MemoryLayout<SCARD_IO_REQUEST>.size))
        var code: LONG = 0
        let answer = unsafe [UInt8](unsafeUninitializedCapacity: answerLimit) { buffer, count in
            var received = DWORD(buffer.count)
            code = unsafe SCardTransmit(
                handle, &request, command, DWORD(command.count), nil, buffer.baseAddress, &received)
            count = code == 0 ? min(Int(received), buffer.count) : 0
        }
        try check("SCardTransmit", code)
        return answer
    }

    private static func check(_ call: String, _ code: LONG) throws(PCSCFailure) {
        guard code == 0 else { throw PCSCFailure(call: call, code: PCSCCode(code)) }
    }
}

extension PCSCCode {
    static let insufficientBuffer = PCSCCode(rawValue: 0x8010_0008)

    init(_ code: LONG) { self.init(rawValue: UInt32(truncatingIfNeeded: code)) }
}
