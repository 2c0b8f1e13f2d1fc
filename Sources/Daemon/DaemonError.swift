/// Why the daemon cannot start.
///
/// What goes wrong with one request is not an error of the daemon: it is a `Problem`, told to the caller.
public enum DaemonError: Error, Equatable, Sendable {
    /// The configuration file at `path` cannot be read.
    case configurationUnreadable(path: String, reason: String)
    /// The configuration file is not JSON5.
    case configurationMalformed(reason: String)
    /// The configuration has a key that this version does not know; `key` is its path, such as `socket.pth`.
    case unknownKey(String)
    /// The value of `key` is of another type than the one it must have.
    case wrongType(key: String, expected: String)
    /// The value of `key` is of the right type and still not acceptable.
    case invalidValue(key: String, reason: String)
    /// Another process answers at this socket.
    case socketInUse(path: String)
    /// Something that is not a socket stands where the socket must be made.
    case notASocket(path: String)
    /// The socket cannot be made, or an inherited one cannot be used.
    case socketUnusable(path: String, reason: String)
    /// The HTTP library could not be started.
    case httpUnavailable(reason: String)
    /// A service that the configuration asks for (trust store, registry) cannot be set up.
    case serviceUnavailable(name: String, reason: String)
}

extension DaemonError: CustomStringConvertible {
    /// One sentence in English: what happened, on what, and what to do.
    public var description: String {
        switch self {
        case .configurationUnreadable(let path, let reason):
            "cannot read the configuration \(path): \(reason); name another with --config"
        case .configurationMalformed(let reason): "the configuration is not valid JSON5: \(reason)"
        case .unknownKey(let key):
            "the configuration has the unknown key \(key); remove it or correct its spelling (see docs/configuration.md)"
        case .wrongType(let key, let expected): "the configuration key \(key) must be \(expected)"
        case .invalidValue(let key, let reason): "the configuration key \(key) is not acceptable: \(reason)"
        case .socketInUse(let path):
            "another daemon already answers at \(path); stop it, or configure another socket.path"
        case .notASocket(let path):
            "\(path) exists and is not a socket; remove it, or configure another socket.path"
        case .socketUnusable(let path, let reason): "cannot listen at \(path): \(reason)"
        case .httpUnavailable(let reason): "cannot start the HTTP service: \(reason)"
        case .serviceUnavailable(let name, let reason): "cannot set up the \(name): \(reason)"
        }
    }
}
