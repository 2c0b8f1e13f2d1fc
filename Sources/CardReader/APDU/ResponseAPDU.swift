/// A chip's answer (ISO/IEC 7816-3, 12.1.3): data, which may be empty, and the status word.
struct ResponseAPDU: Equatable, Sendable {
    let data: [UInt8]
    let status: StatusWord

    init(data: [UInt8] = [], status: StatusWord) {
        self.data = data
        self.status = status
    }

    /// - Throws: `invalidAnswer` when there are fewer than the two status bytes, or more than the longest answer has.
    init(_ bytes: [UInt8]) throws(CardReaderError) {
        guard let second = bytes.last, let first = bytes.dropLast().last else {
            throw .invalidAnswer("\(bytes.count) bytes where two status bytes must be")
        }
        let data = bytes.dropLast(2)
        guard data.count <= CommandAPDU.extendedExpectedLimit else {
            throw .invalidAnswer("\(data.count) bytes, more than an answer can have")
        }
        self.init(data: Array(data), status: StatusWord(first, second))
    }

    /// The data of an answer whose status is `9000`.
    ///
    /// - Throws: `unexpectedStatus` for any other.
    func expectSuccess(_ command: @autoclosure () -> String) throws(CardReaderError) -> [UInt8] {
        guard status == .success else { throw .unexpectedStatus(status, command: command()) }
        return data
    }
}
