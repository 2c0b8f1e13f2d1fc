import Document
import Verifier

extension Configuration.Loopback: Decodable {
    private enum Keys: String, CodingKey { case port, origins, tokens }

    /// Takes the keys that are present.
    public init(from decoder: any Decoder) throws {
        let keys = try decoder.strictContainer(keyedBy: Keys.self)
        port = try keys.optionalNumber(.port, in: 0...65535) ?? port
        origins = try keys.optional(.origins, as: [String].self) { $0.lazy.compactMap(Self.fault).first } ?? origins
        tokens = try keys.optional(.tokens) ?? tokens
        guard Set(tokens.map(\.name)).count == tokens.count else {
            throw keys.unacceptable(.tokens, "two tokens have the same name")
        }
    }

    /// Why `origin` is none, or nil: a browser writes it in lower case, without path, without the usual port.
    private static func fault(_ origin: String) -> String? {
        let parts = origin.split(separator: "/", omittingEmptySubsequences: false)
        let isOrigin =
            parts.count == 3 && (parts[0] == "https:" || parts[0] == "http:") && parts[1].isEmpty && !parts[2].isEmpty
            && origin == origin.lowercased() && !origin.contains("*") && !origin.contains(where: \.isWhitespace)
        return isOrigin ? nil : "\(origin) is no origin, such as https://desk.clinic.vn"
    }
}

extension Configuration.Token: Decodable {
    private enum Keys: String, CodingKey { case name, role, sha256 }

    /// Takes all keys.
    public init(from decoder: any Decoder) throws {
        let keys = try decoder.strictContainer(keyedBy: Keys.self)
        guard let name = try keys.optional(.name, as: String.self),
            (1...64).contains(name.utf8.count),
            name.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C })
        else { throw keys.unacceptable(.name, "it must have 1 to 64 printable characters of ASCII") }
        guard let role = try keys.optional(.role, as: String.self) else {
            throw keys.unacceptable(.role, "it is missing")
        }
        guard let text = try keys.optional(.sha256, as: String.self), let hash = Hexadecimal.bytes(text),
            hash.count == 32
        else { throw keys.unacceptable(.sha256, "it must be the SHA-256 hash of the token, 64 hexadecimal digits") }
        self.name = name
        self.role = try keys.role(.role, role)
        sha256 = hash
    }
}

extension Configuration.Page: Decodable {
    private enum Keys: String, CodingKey { case mode, language, clearAfter }

    /// Takes the keys that are present.
    public init(from decoder: any Decoder) throws {
        let keys = try decoder.strictContainer(keyedBy: Keys.self)
        mode = try keys.optionalWord(.mode)
        if let code = try keys.optional(.language, as: String.self) {
            guard let language = VerdictLanguage(rawValue: code) else {
                throw keys.unacceptable(.language, "it must be vi or en")
            }
            self.language = language
        }
        clearAfter = try keys.optionalNumber(.clearAfter, in: 5...3600) ?? clearAfter
    }
}
