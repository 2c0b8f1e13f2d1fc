/// The answer of `GET /v1/audit`: records, each as the text that the chain's hashes are made of, and the newest head.
struct AuditPage: Encodable {
    var records: [String] = []
    /// The number to go on from; absent when there are no more.
    var next: Int?
    /// The terminal's signed statement of how the log ends.
    var head: String?

    /// How many records an answer has at most.
    static let limit = 1000

    /// - Parameters:
    ///   - query: `from`, the first number, and `limit`.
    ///   - path: The log; nil when none is kept.
    init(_ query: [String: [String]], path: String?) throws(Problem) {
        for name in query.keys where name != "from" && name != "limit" {
            throw Problem(.invalidRequest, "This call knows the parameters from and limit.")
        }
        let from = try Self.number("from", query, in: 1...Int.max) ?? 1
        let limit = try Self.number("limit", query, in: 1...Self.limit) ?? 100
        guard let path else { throw Problem(.auditNotKept, "No audit log is kept here: set audit.enabled.") }
        do throws(AuditError) {
            let reader = try AuditReader(path: path)
            try reader.records(from: from) { number, content in
                guard records.count < limit else {
                    next = number
                    return false
                }
                records.append(content)
                return true
            }
            head = try reader.head()
        } catch {
            throw Problem(.auditUnavailable, "The audit log cannot be read: \(error).")
        }
    }

    private static func number(
        _ name: String, _ query: [String: [String]], in range: ClosedRange<Int>
    ) throws(Problem) -> Int? {
        guard let values = query[name] else { return nil }
        guard values.count == 1, let text = values.first, let number = Int(text), range.contains(number) else {
            throw Problem(
                .invalidRequest,
                "The parameter \(name) must be one whole number of \(range.lowerBound) or more"
                    + (range.upperBound == Int.max ? "." : ", at most \(range.upperBound)."))
        }
        return number
    }
}
