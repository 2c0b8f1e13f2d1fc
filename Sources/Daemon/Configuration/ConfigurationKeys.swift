import Registry

extension Configuration: Decodable {
    private enum Keys: String, CodingKey {
        case socket, loopback, page, access, state, terminal, audit, trust, registry, readers, checkIn, facility, http,
            stop,
            log
    }

    /// Takes the keys that are present; `init(json5:)` turns what is thrown into a `DaemonError`.
    public init(from decoder: any Decoder) throws {
        let keys = try decoder.strictContainer(keyedBy: Keys.self)
        socket = try keys.optional(.socket) ?? socket
        access = try keys.optional(.access) ?? access
        loopback = try keys.optional(.loopback) ?? loopback
        page = try keys.optional(.page) ?? page
        state = try keys.optional(.state) ?? state
        terminal = try keys.optional(.terminal) ?? terminal
        audit = try keys.optional(.audit) ?? audit
        trust = try keys.optional(.trust) ?? trust
        registry = try keys.optional(.registry) ?? registry
        readers = try keys.optional(.readers) ?? readers
        checkIn = try keys.optional(.checkIn) ?? checkIn
        facility = try keys.optional(.facility) ?? facility
        http = try keys.optional(.http) ?? http
        stop = try keys.optional(.stop) ?? stop
        log = try keys.optional(.log) ?? log
    }
}

extension Configuration.Socket: Decodable {
    private enum Keys: String, CodingKey { case path, mode }

    /// Takes the keys that are present.
    public init(from decoder: any Decoder) throws {
        let keys = try decoder.strictContainer(keyedBy: Keys.self)
        path = try keys.optional(.path, fault: absolutePath) ?? path
        let mode = try keys.optional(.mode, as: String.self) { text in
            UInt32(text, radix: 8).map { $0 <= 0o777 } ?? false && !text.hasPrefix("+")
                ? nil : "it must be permission bits as an octal number in quotes, such as \"0660\""
        }
        self.mode = mode.flatMap { UInt32($0, radix: 8) } ?? self.mode
    }
}

extension Configuration.State: Decodable {
    private enum Keys: String, CodingKey { case folder }

    /// Takes the keys that are present.
    public init(from decoder: any Decoder) throws {
        let keys = try decoder.strictContainer(keyedBy: Keys.self)
        folder = try keys.optional(.folder, fault: absolutePath) ?? folder
    }
}

extension Configuration.Terminal: Decodable {
    private enum Keys: String, CodingKey { case name }

    /// Takes the keys that are present.
    public init(from decoder: any Decoder) throws {
        let keys = try decoder.strictContainer(keyedBy: Keys.self)
        name = try keys.optional(.name) { $0.isEmpty || $0.count > 48 ? "it must have 1 to 48 characters" : nil }
    }
}

extension Configuration.Audit: Decodable {
    private enum Keys: String, CodingKey { case enabled, retentionDays, headInterval }

    /// Takes the keys that are present.
    public init(from decoder: any Decoder) throws {
        let keys = try decoder.strictContainer(keyedBy: Keys.self)
        enabled = try keys.optional(.enabled) ?? enabled
        retentionDays = try keys.optionalNumber(.retentionDays, in: 0...36_500) ?? retentionDays
        headInterval = try keys.optionalNumber(.headInterval, in: 1...86_400) ?? headInterval
    }
}

extension Configuration.Trust: Decodable {
    private enum Keys: String, CodingKey { case paths }

    /// Takes the keys that are present.
    public init(from decoder: any Decoder) throws {
        let keys = try decoder.strictContainer(keyedBy: Keys.self)
        paths = try keys.optional(.paths, as: [String].self) { $0.lazy.compactMap(absolutePath).first } ?? paths
    }
}

extension Configuration.Registry: Decodable {
    private enum Keys: String, CodingKey { case url, copy, refreshInterval, gateway }

    /// Takes the keys that are present.
    public init(from decoder: any Decoder) throws {
        let keys = try decoder.strictContainer(keyedBy: Keys.self)
        url = try keys.optional(.url, fault: Self.fault)
        copy = try keys.optional(.copy, as: String.self) { $0.isEmpty ? nil : absolutePath($0) } ?? copy
        if copy?.isEmpty == true { copy = nil }
        refreshInterval = try keys.optionalNumber(.refreshInterval, in: 1...86_400) ?? refreshInterval
        gateway = try keys.optional(.gateway)
    }

    /// Why `url` names no registry, or nil.
    private static func fault(_ url: String) -> String? {
        let expected = "it must be sqlite: and the absolute path of a file, or postgresql://HOST/DATABASE"
        guard url.hasPrefix("sqlite:") || url.hasPrefix("postgres"), let location = try? RegistryLocation(url) else {
            return expected
        }
        if case .file(let path) = location, absolutePath(path) != nil { return expected }
        return nil
    }
}

extension Configuration.Gateway: Decodable {
    private enum Keys: String, CodingKey {
        case url, username, passwordFile, officerName, officerPersonalNumber, certificateAuthorities, timeLimit
    }

    /// Takes all keys; the last two may be absent.
    public init(from decoder: any Decoder) throws {
        let keys = try decoder.strictContainer(keyedBy: Keys.self)
        func required(_ key: Keys, fault: (String) -> String? = { $0.isEmpty ? "it is empty" : nil }) throws -> String {
            guard let value = try keys.optional(key, fault: fault) else {
                throw keys.unacceptable(key, "it is missing, and the gateway cannot be asked without it")
            }
            return value
        }
        url = try required(.url) { $0.hasPrefix("https://") ? nil : "it must be https:// and a host" }
        username = try required(.username)
        passwordFile = try required(.passwordFile, fault: absolutePath)
        officerName = try required(.officerName)
        officerPersonalNumber = try required(.officerPersonalNumber) {
            $0.utf8.count == 12 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } ? nil : "it must be 12 digits"
        }
        certificateAuthorities = try keys.optional(.certificateAuthorities, fault: absolutePath)
        timeLimit = try keys.optionalNumber(.timeLimit, in: 1...60) ?? 6
    }
}

extension Configuration.Readers: Decodable {
    private enum Keys: String, CodingKey { case names }

    /// Takes the keys that are present.
    public init(from decoder: any Decoder) throws {
        let keys = try decoder.strictContainer(keyedBy: Keys.self)
        names = try keys.optional(.names, as: [String].self) { $0.contains("") ? "a pattern is empty" : nil } ?? names
    }
}

extension Configuration.CheckIn: Decodable {
    private enum Keys: String, CodingKey { case timeLimit, queue }

    /// Takes the keys that are present.
    public init(from decoder: any Decoder) throws {
        let keys = try decoder.strictContainer(keyedBy: Keys.self)
        timeLimit = try keys.optionalNumber(.timeLimit, in: 1...600) ?? timeLimit
        queue = try keys.optionalNumber(.queue, in: 0...100) ?? queue
    }
}

extension Configuration.Facility: Decodable {
    private enum Keys: String, CodingKey { case code, level }

    /// Takes the keys that are present.
    public init(from decoder: any Decoder) throws {
        let keys = try decoder.strictContainer(keyedBy: Keys.self)
        code = try keys.optional(.code, fault: FacilityCode.fault)
        level = try keys.optional(.level) { $0.isEmpty ? "it is empty" : nil }
    }
}

extension Configuration.HTTP: Decodable {
    private enum Keys: String, CodingKey { case bodyLimit, connections, requestTimeLimit }

    /// Takes the keys that are present.
    public init(from decoder: any Decoder) throws {
        let keys = try decoder.strictContainer(keyedBy: Keys.self)
        bodyLimit = try keys.optionalNumber(.bodyLimit, in: 1024...(64 << 20)) ?? bodyLimit
        connections = try keys.optionalNumber(.connections, in: 1...100_000) ?? connections
        requestTimeLimit = try keys.optionalNumber(.requestTimeLimit, in: 1...3600) ?? requestTimeLimit
    }
}

extension Configuration.Stop: Decodable {
    private enum Keys: String, CodingKey { case timeLimit }

    /// Takes the keys that are present.
    public init(from decoder: any Decoder) throws {
        let keys = try decoder.strictContainer(keyedBy: Keys.self)
        timeLimit = try keys.optionalNumber(.timeLimit, in: 0...600) ?? timeLimit
    }
}

extension Configuration.Logging: Decodable {
    private enum Keys: String, CodingKey { case level, prefix }

    /// Takes the keys that are present.
    public init(from decoder: any Decoder) throws {
        let keys = try decoder.strictContainer(keyedBy: Keys.self)
        if let name = try keys.optional(.level, as: String.self) {
            guard let level = Log.Level.allCases.first(where: { $0.name == name }) else {
                let names = Log.Level.allCases.map(\.name).joined(separator: ", ")
                throw keys.unacceptable(.level, "it must be one of \(names)")
            }
            self.level = level
        }
        prefix = try keys.optional(.prefix)
    }
}

/// Why `path` is no absolute path, or nil.
private func absolutePath(_ path: String) -> String? {
    path.hasPrefix("/") && !path.utf8.contains(0) ? nil : "it must be an absolute path"
}

/// The code of a facility (maCSKCB).
enum FacilityCode {
    /// Why `code` is none, or nil.
    static func fault(_ code: String) -> String? {
        code.utf8.count == 5 && code.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
            ? nil : "it must be five digits or capital letters"
    }
}
