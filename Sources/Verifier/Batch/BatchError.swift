/// Why a batch could not be run, or not to its end. A bad record is no such reason: it is a result.
public enum BatchError: Error, Equatable, Sendable {
    /// An input is not there or cannot be read.
    case unreadable(path: String, reason: String)
    /// The results or the state cannot be written.
    case unwritable(path: String, reason: String)
    /// The state was left by a run over something else.
    case foreignState(path: String, reason: String)
    /// The cryptographic library does not do its part.
    case cryptography(String)
}

extension BatchError: CustomStringConvertible {
    /// One sentence in English.
    public var description: String {
        switch self {
        case .unreadable(let path, let reason): "\(path) cannot be read: \(reason)"
        case .unwritable(let path, let reason): "\(path) cannot be written: \(reason)"
        case .foreignState(let path, let reason):
            "the run that left \(path) cannot be resumed: \(reason); remove the file to begin anew"
        case .cryptography(let reason): "the cryptographic library failed: \(reason)"
        }
    }
}
