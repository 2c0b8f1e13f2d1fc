import CProcessor
import Glibc

/// Passing over public bytes in place, many at a time.
@safe package enum BatchBytes {
    /// Whether both have the same bytes. For public data: the time tells where they differ.
    package static func areEqual(_ a: Span<UInt8>, _ b: [UInt8]) -> Bool { areEqual(a, b.span) }

    /// Whether both have the same bytes. For public data: the time tells where they differ.
    package static func areEqual(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
        guard a.count == b.count else { return false }
        return unsafe a.withUnsafeBufferPointer { a in
            unsafe b.withUnsafeBufferPointer { b in
                guard let start = a.baseAddress, let other = b.baseAddress else { return true }
                return unsafe memcmp(start, other, a.count) == 0
            }
        }
    }

    /// Asks the processor to bring in the first and the last bytes of what is looked at soon: records follow each other in
    /// memory, but their files are not read in order, and waiting for memory costs more than reading it.
    package static func prefetch(_ bytes: Span<UInt8>) {
        let line = 64
        unsafe bytes.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress else { return }
            let head = min(buffer.count, 40 * line)
            for offset in stride(from: 0, to: head, by: line) { unsafe cccd_prefetch(start + offset) }
            for offset in stride(from: max(head, buffer.count - 24 * line), to: buffer.count, by: line) {
                unsafe cccd_prefetch(start + offset)
            }
        }
    }

    /// Whether the bytes are UTF-8 in sequences of up to three bytes (RFC 3629, 4): the characters of the basic plane.
    ///
    /// A table gives for each byte the next state to each state, six bits each; the state is where in the row it stands.
    /// So there is no branch to guess, and Vietnamese text is all changes of length.
    package static func areUTF8(_ bytes: Span<UInt8>) -> Bool {
        unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe rows.withUnsafeBufferPointer { rows in
                var state: UInt64 = 0
                // The shift looks at the lowest six bits of the state alone.
                for index in 0..<bytes.count { state = unsafe rows[Int(bytes[index])] &>> state }
                return state & 63 == State.accepted
            }
        }
    }

    private enum State {
        static let accepted: UInt64 = 0
        static let refused: UInt64 = 6
        static let oneMore: UInt64 = 12
        static let twoMore: UInt64 = 18
        /// After E0, whose second byte is A0 to BF: anything less would be longer than it needs to be.
        static let afterE0: UInt64 = 24
        /// After ED, whose second byte is 80 to 9F: anything more would be a surrogate.
        static let afterED: UInt64 = 30
    }

    private static let rows: [UInt64] = (0..<256).map { byte in
        let first: UInt64 =
            switch byte {
            case ..<0x80: State.accepted
            case 0xC2..<0xE0: State.oneMore
            case 0xE0: State.afterE0
            case 0xED: State.afterED
            case 0xE1..<0xF0: State.twoMore
            default: State.refused
            }
        let isContinuation = (0x80..<0xC0).contains(byte)
        var row = first << State.accepted | State.refused << State.refused
        row |= (isContinuation ? State.accepted : State.refused) << State.oneMore
        row |= (isContinuation ? State.oneMore : State.refused) << State.twoMore
        row |= (isContinuation && byte >= 0xA0 ? State.oneMore : State.refused) << State.afterE0
        return row | (isContinuation && byte < 0xA0 ? State.oneMore : State.refused) << State.afterED
    }
}
