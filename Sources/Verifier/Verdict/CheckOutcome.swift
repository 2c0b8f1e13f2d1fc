/// What a check came to.
public enum CheckResult: String, Codable, Sendable {
    /// It holds.
    case passed
    /// It does not hold.
    case failed
    /// It could not be judged, because something that it needs is not there.
    case notPerformed
    /// The document has nothing of the kind.
    case notApplicable
}

/// One check of a verdict.
public struct CheckOutcome: Equatable, Sendable {
    /// Which check.
    public let id: CheckIdentifier
    /// What it came to.
    public let result: CheckResult
    /// Why, for programs.
    public let reason: CheckReason
    /// What exactly, for people and logs: never a value of the holder's.
    public let detail: CheckDetail?

    init(_ id: CheckIdentifier, _ result: CheckResult, _ reason: CheckReason, _ detail: CheckDetail? = nil) {
        self.id = id
        self.result = result
        self.reason = reason
        self.detail = detail
    }
}

/// The particulars of a check.
public enum CheckDetail: Equatable, Sendable {
    /// A sentence or a name.
    case text(String)
    /// A list of names.
    case list([String])
    /// Names with their values, such as data groups with their results.
    case table([String: String])
}

extension CheckDetail: Codable {
    /// Reads a string, an array of strings, or an object of strings.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([String].self) {
            self = .list(list)
        } else {
            self = .table(try container.decode([String: String].self))
        }
    }

    /// Writes a string, an array of strings, or an object of strings.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .list(let list): try container.encode(list)
        case .table(let table): try container.encode(table)
        }
    }
}

extension CheckOutcome: Codable {}
