import Registry

/// Why the audit log cannot be written or read.
public enum AuditError: Error, Equatable, Sendable {
    /// There is no file at `path`.
    case missing(path: String)
    /// The file at `path` is something else than an audit log of this version.
    case notAnAuditLog(path: String)
    /// The volume has no space left.
    case diskFull(path: String)
    /// The file cannot be opened, read or written.
    case unusable(path: String, reason: String)
    /// The log does not end where its signed head says.
    case altered(path: String)
    /// The key of the hashes that stand for personal numbers, or the terminal's key, cannot be used.
    case keyUnusable(reason: String)
    /// A head that was given to compare with is none.
    case invalidHead(reason: String)
    /// The log was closed: the daemon stops.
    case closed
}

extension AuditError: CustomStringConvertible {
    /// One sentence in English: what happened, on what, and what to do.
    public var description: String {
        switch self {
        case .missing(let path): "there is no audit log at \(path); name it with --log or --config"
        case .notAnAuditLog(let path):
            "\(path) is not an audit log of this version; name another, or move it away for a new one to be begun"
        case .diskFull(let path):
            "the volume of the audit log \(path) is full; make room, nothing is answered until then"
        case .unusable(let path, let reason): "the audit log \(path) cannot be used: \(reason)"
        case .altered(let path):
            "the audit log \(path) does not end where its signed head says: run `cccd audit verify`, keep the file, "
                + "and move it away for a new one to be begun"
        case .keyUnusable(let reason): "the audit log's key cannot be used: \(reason)"
        case .invalidHead(let reason): "the head to compare with cannot be used: \(reason)"
        case .closed: "the audit log is closed because the daemon stops"
        }
    }

    /// Why nothing can be recorded, for whoever asks how the daemon is: without the file's path.
    var cause: String {
        switch self {
        case .diskFull: "the volume of the audit log is full; make room"
        case .closed: description
        case .missing, .notAnAuditLog, .unusable, .altered, .keyUnusable, .invalidHead:
            "the audit log cannot be written; the daemon's own log says why"
        }
    }

    init(_ error: RegistryError, path: String) {
        switch error {
        case .missing: self = .missing(path: path)
        case .notADatabase, .notARegistry: self = .notAnAuditLog(path: path)
        case .diskFull: self = .diskFull(path: path)
        case .readOnly(_, let failure), .damaged(_, let failure), .failed(_, let failure), .busy(_, let failure):
            self = .unusable(path: path, reason: failure.description)
        case .notPermitted(_, let reason): self = .unusable(path: path, reason: reason)
        default: self = .unusable(path: path, reason: error.description)
        }
    }
}
