import FoundationEssentials
import Verifier

/// How the daemon is to run: one JSON5 file, every key optional.
///
/// The keys, their types and defaults are described in docs/configuration.md.
public struct Configuration: Equatable, Sendable {
    /// Where callers connect.
    public struct Socket: Equatable, Sendable {
        /// The socket's path.
        public var path = "/run/cccd/cccd.sock"
        /// The permission bits of the socket's file; who may write to it may connect.
        public var mode: UInt32 = 0o660
    }

    /// Whom the verifier trusts.
    public struct Trust: Equatable, Sendable {
        /// Certificates of country signing authorities, or folders of them.
        public var paths = ["/etc/cccd/trust"]
    }

    /// Who is insured.
    public struct Registry: Equatable, Sendable {
        /// `sqlite:` and the path of a file, or `postgresql://…`; nil when there is no registry.
        public var url: String?
        /// The path of the SQLite file that holds this machine's copy of a server's registry; nil for none.
        public var copy: String? = "/var/lib/cccd/registry-copy.sqlite"
        /// Seconds between two refreshes of the copy.
        public var refreshInterval = 60
        /// The national gateway, which is asked first; nil when it is not asked.
        public var gateway: Gateway?
    }

    /// The national gateway of health insurance.
    public struct Gateway: Equatable, Sendable {
        /// `https://` and the host.
        public var url: String
        /// The facility's account.
        public var username: String
        /// The path of a file that begins with the MD5 of the account's password.
        public var passwordFile: String
        /// The name of the officer who asks.
        public var officerName: String
        /// The personal number of the officer who asks.
        public var officerPersonalNumber: String
        /// A file of PEM certificates that are trusted in place of the system's; nil for the system's.
        public var certificateAuthorities: String?
        /// Seconds that a look-up may take altogether.
        public var timeLimit = 6
    }

    /// Which readers are used.
    public struct Readers: Equatable, Sendable {
        /// Patterns of reader names, `*` for any text; empty for every reader.
        public var names: [String] = []
    }

    /// What a check-in may take.
    public struct CheckIn: Equatable, Sendable {
        /// Seconds from the request to the answer, waiting for the reader included.
        public var timeLimit = 30
        /// How many check-ins may wait for a reader that is reading.
        public var queue = 2
    }

    /// The facility that this desk belongs to, as the insurance knows it.
    public struct Facility: Equatable, Sendable {
        /// Its code, five characters (maCSKCB); nil when unknown.
        public var code: String?
        /// Its level, a word of the rules such as `provincial` or `basic`; nil when unknown.
        public var level: String?
    }

    /// What the HTTP service takes at most.
    public struct HTTP: Equatable, Sendable {
        /// Bytes of one request's body.
        public var bodyLimit = 2 << 20
        /// Connections open at the same time.
        public var connections = 1000
        /// Seconds in which a connection must bring a whole request.
        public var requestTimeLimit = 60
    }

    /// How the daemon stops.
    public struct Stop: Equatable, Sendable {
        /// Seconds that requests under way are given.
        public var timeLimit = 20
    }

    /// Who may do what.
    public struct Access: Equatable, Sendable {
        /// Who has which role; the first that fits counts.
        public var grants: [Grant] = []
        /// The role of everybody else who may connect; nil for none.
        public var others: Role? = .terminal
        /// What roles may do, where it is not what they may by themselves.
        public var roles: [Role: Rights] = [:]
    }

    /// A role for users and groups.
    public struct Grant: Equatable, Sendable {
        /// The role.
        public var role: Role
        /// Who has it.
        public var users: [Principal] = []
        /// Whose members have it.
        public var groups: [Principal] = []
    }

    /// A user or a group of this machine.
    public enum Principal: Equatable, Sendable {
        case name(String)
        case number(UInt32)
    }

    /// The port for pages in browsers of this machine.
    public struct Loopback: Equatable, Sendable {
        /// The port of 127.0.0.1; 0 for none.
        public var port = 0
        /// The origins of the pages that may ask, such as `https://desk.clinic.vn`.
        public var origins: [String] = []
        /// The tokens that pages may have.
        public var tokens: [Token] = []
    }

    /// A token for a page.
    public struct Token: Equatable, Sendable {
        /// What it is called in the audit log.
        public var name: String
        /// The role of who has it.
        public var role: Role
        /// SHA-256 of the token.
        public var sha256: [UInt8]
    }

    /// The page at the desk.
    public struct Page: Equatable, Sendable {
        /// What a desk is for.
        public enum Mode: String, CaseIterable, Sendable, Encodable {
            /// Check-in of patients: the insurance first.
            case clinic
            /// Checks of identity: the document first.
            case identity
        }

        /// How the page begins; nil for `identity` with the role kiosk, and `clinic` with any other.
        public var mode: Mode?
        /// The language that it begins with: `vi` or `en`.
        public var language = VerdictLanguage.vietnamese
        /// Seconds after which an answer is taken off the screen.
        public var clearAfter = 60
    }

    /// Where the daemon keeps what it must not lose.
    public struct State: Equatable, Sendable {
        /// The folder; it is made when it is not there, but not the one above it.
        public var folder = "/var/lib/cccd"

        /// The audit log.
        public var auditLog: String { "\(folder)/audit.sqlite" }
        /// The key of the hashes that stand for personal numbers in the audit log: 32 bytes.
        public var auditKey: String { "\(folder)/audit.key" }
        /// This terminal's private key on P-256, PKCS#8 in PEM or DER.
        public var terminalKey: String { "\(folder)/terminal.key" }
        /// The certificate for it, in PEM or DER.
        public var terminalCertificate: String { "\(folder)/terminal.crt" }
    }

    /// What is kept of what was done.
    public struct Audit: Equatable, Sendable {
        /// Whether there is an audit log.
        public var enabled = true
        /// Days after which records are removed; 0 to keep them for good.
        public var retentionDays = 0
        /// Seconds between two signed heads that are kept.
        public var headInterval = 3600
    }

    /// What this terminal is called.
    public struct Terminal: Equatable, Sendable {
        /// Its name in the certificate that is made for it; nil for the machine's.
        public var name: String?
    }

    /// What is logged.
    public struct Logging: Equatable, Sendable {
        /// The least grave level that is written.
        public var level = Log.Level.info
        /// Whether lines begin with their level as `<6>`; nil to do so unless standard error is a terminal.
        public var prefix: Bool?
    }

    /// Where callers connect.
    public var socket = Socket()
    /// Who may do what.
    public var access = Access()
    /// The port for pages in browsers of this machine.
    public var loopback = Loopback()
    /// The page at the desk.
    public var page = Page()
    /// Where the daemon keeps what it must not lose.
    public var state = State()
    /// What this terminal is called.
    public var terminal = Terminal()
    /// What is kept of what was done.
    public var audit = Audit()
    /// Whom the verifier trusts.
    public var trust = Trust()
    /// Who is insured.
    public var registry = Registry()
    /// Which readers are used.
    public var readers = Readers()
    /// What a check-in may take.
    public var checkIn = CheckIn()
    /// The facility that this desk belongs to.
    public var facility = Facility()
    /// What the HTTP service takes at most.
    public var http = HTTP()
    /// How the daemon stops.
    public var stop = Stop()
    /// What is logged.
    public var log = Logging()

    /// The defaults.
    public init() {}

    /// - Parameter path: A file of at most 1 MiB.
    /// - Throws: `DaemonError.configurationUnreadable`, or as `init(json5:)`.
    public init(path: String) throws(DaemonError) {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch let error as CocoaError {
            throw .configurationUnreadable(path: path, reason: Self.reason(error))
        } catch {
            throw .configurationUnreadable(path: path, reason: "it cannot be opened")
        }
        guard data.count <= 1 << 20 else {
            throw .configurationUnreadable(path: path, reason: "it is larger than 1 MiB")
        }
        try self.init(json5: data)
    }

    /// - Parameter json5: The text of the file, in UTF-8.
    /// - Throws: `DaemonError`: `configurationMalformed`, `unknownKey`, `wrongType`, `invalidValue`.
    public init(json5: Data) throws(DaemonError) {
        guard String(validating: json5, as: UTF8.self) != nil else {
            throw .configurationMalformed(reason: "it is not UTF-8")
        }
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        do {
            self = try decoder.decode(Configuration.self, from: json5)
        } catch {
            throw DaemonError(configuration: error)
        }
    }

    private static func reason(_ error: CocoaError) -> String {
        switch error.code {
        case .fileReadNoSuchFile, .fileNoSuchFile: "there is no such file"
        case .fileReadNoPermission: "no permission"
        default: "it cannot be read"
        }
    }
}

extension DaemonError {
    fileprivate init(configuration error: any Error) {
        func text(_ path: [PathStep]) -> String {
            path.reduce(into: "") { text, step in
                switch step {
                case .key(let key): text += text.isEmpty ? key : ".\(key)"
                case .index(let index): text += "[\(index)]"
                }
            }
        }
        switch DecodingFault(error) {
        case .malformed:
            self = .configurationMalformed(
                reason: "a bracket, a comma, a quotation mark or a number is not as it must be")
        case .unknownKey(let path): self = .unknownKey(text(path))
        case .wrongType([], _): self = .configurationMalformed(reason: "it must be one object in braces")
        case .wrongType(let path, let expected): self = .wrongType(key: text(path), expected: expected)
        case .missing(let path): self = .wrongType(key: text(path), expected: "present")
        case .unacceptable(let path, let reason): self = .invalidValue(key: text(path), reason: reason)
        }
    }
}
