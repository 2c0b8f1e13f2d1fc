/// Where a registry is: what `registry.url` and `--registry` name.
public enum RegistryLocation: Sendable, Equatable {
    /// An SQLite file of this machine, by its path.
    case file(String)
    /// A PostgreSQL server that many terminals share.
    case server(PostgreSQLAddress)

    /// `postgresql://…` or `postgres://…`, `sqlite:` and a path, or a path alone.
    ///
    /// - Throws: `invalidAddress`.
    public init(_ text: String) throws(RegistryError) {
        guard !text.isEmpty, !text.utf8.contains(0) else { throw .invalidAddress(reason: "it is empty") }
        if text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") {
            self = .server(try PostgreSQLAddress(text))
            return
        }
        var path = Substring(text)
        if text.hasPrefix("sqlite:") {
            path = path.dropFirst("sqlite:".count)
            // `sqlite:/path` and `sqlite:///path` are the same file.
            if path.hasPrefix("///") { path = path.dropFirst(2) }
        } else if let scheme = text.split(separator: ":", maxSplits: 1).first,
            text.dropFirst(scheme.count).hasPrefix("://")
        {
            throw .invalidAddress(reason: "it names neither an SQLite file nor postgresql://")
        }
        guard !path.isEmpty else { throw .invalidAddress(reason: "it names no file") }
        self = .file(String(path))
    }

    /// Opens the registry that is there.
    ///
    /// A server is not asked yet: whether it can be reached shows with the first question.
    /// - Parameters:
    ///   - copy: path of the SQLite file that keeps this machine's copy of a server's registry, and answers when the
    ///     server does not; nil for none. A file needs no copy.
    ///   - readOnly: never write into an SQLite file.
    public func open(copy: String? = nil, readOnly: Bool = false) throws(RegistryError) -> any InsuranceStore {
        switch self {
        case .file(let path): try InsuranceRegistry(path: path, readOnly: readOnly)
        case .server(let address): SharedRegistry(address, copy: copy)
        }
    }
}

extension RegistryLocation: CustomStringConvertible {
    /// The path, or the server without user and password.
    public var description: String {
        switch self {
        case .file(let path): path
        case .server(let address): address.description
        }
    }
}
