/// Records that wait to be written: the inner part of each, one behind the other.
struct AuditBatch {
    private(set) var bytes: [UInt8] = []
    /// Where each one stands.
    private(set) var bodies: [Range<Int>] = []
    /// Told once all of them are on the disk, or why they are not.
    private var told: [@Sendable (AuditError?) -> Void] = []
    /// Room for more is given back once they are written.
    private static let keptByteCount = 1 << 20

    init(_ bodies: [[UInt8]] = []) {
        for body in bodies { append(body) }
    }

    var count: Int { bodies.count }
    /// Whether there is no record to write and nobody to tell.
    var isEmpty: Bool { bodies.isEmpty && told.isEmpty }
    /// Whether anybody waits for one of them.
    var isAwaited: Bool { !told.isEmpty }

    mutating func append(_ body: [UInt8]) {
        let start = bytes.count
        bytes.append(body.span)
        bodies.append(start..<bytes.count)
    }

    /// - Parameter body: Nil to be told whether a record could be written.
    mutating func append(_ body: [UInt8]?, told: @escaping @Sendable (AuditError?) -> Void) {
        if let body { append(body) }
        self.told.append(told)
    }

    func tell(_ failure: AuditError?) {
        for told in told { told(failure) }
    }

    /// Empty again, with room for as many.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptByteCount)
        bodies.removeAll(keepingCapacity: bytes.capacity > 0)
        told.removeAll()
    }
}
