import Crypto
import Document
import FoundationEssentials

/// The chain by which a State gives a terminal the right to read fingerprints: its authority (CVCA), a document verifier
/// and the terminal.
///
///     let terminals = try TerminalPKI()
///     personalisation.terminalTrust = terminals.trust
public struct TerminalPKI: Sendable {
    /// Names, keys, dates and rights.
    public struct Options: Sendable {
        /// The kind of all three keys.
        public var keyKind = KeyKind.ec(.brainpoolP256r1)
        /// The scheme of all three keys.
        public var scheme = SignatureScheme.ecdsa(.sha256)
        /// What the terminal may read.
        public var rights: TerminalRights = [.fingerprints, .irises]
        /// The first day of all certificates.
        public var validFrom = CalendarDate.constant(2021, 1, 1)
        /// The last day of all certificates.
        public var validTo = CalendarDate.constant(2048, 12, 31)

        /// ECDSA with SHA-256 on brainpoolP256r1, all rights.
        public init() {}
    }

    /// The references of authority, verifier and terminal: country, mnemonic, sequence number.
    public static let references = (authority: "VNCVCA00001", verifier: "VNDVCA00001", terminal: "VNKIOSK00001")

    /// The authority's key.
    public let authorityKey: SigningKey
    /// The verifier's key.
    public let verifierKey: SigningKey
    /// The terminal's key.
    public let terminalKey: SigningKey
    /// The authority's certificate, signed by itself, with the domain parameters.
    public let authorityCertificate: [UInt8]
    /// The verifier's certificate.
    public let verifierCertificate: [UInt8]
    /// The terminal's certificate.
    public let terminalCertificate: [UInt8]

    /// Makes the keys anew and certifies them.
    ///
    /// - Parameters:
    ///   - options: Names, keys, dates and rights.
    ///   - adjustVerifier: Changes the verifier's certificate before it is signed.
    ///   - adjustTerminal: Changes the terminal's certificate before it is signed.
    /// - Throws: `crypto` or `unsupported` for a key or scheme that there is not.
    public init(
        _ options: Options = Options(),
        verifier adjustVerifier: (inout CardVerifiableCertificateTemplate) -> Void = { _ in },
        terminal adjustTerminal: (inout CardVerifiableCertificateTemplate) -> Void = { _ in }
    ) throws(SimulatorError) {
        func newKey() throws(SimulatorError) -> SigningKey {
            try SigningKey(new: options.keyKind, scheme: options.scheme)
        }
        func template(
            _ authority: String, _ holder: String, _ key: SigningKey, _ role: TerminalRole, _ rights: TerminalRights
        ) -> CardVerifiableCertificateTemplate {
            CardVerifiableCertificateTemplate(
                authorityReference: authority, holderReference: holder, key: key, role: role, rights: rights,
                effectiveDate: options.validFrom, expirationDate: options.validTo)
        }
        (authorityKey, verifierKey, terminalKey) = (try newKey(), try newKey(), try newKey())
        let (authority, verifier, terminal) = Self.references
        var own = template(authority, authority, authorityKey, .authority, [.fingerprints, .irises])
        own.includesDomainParameters = true
        authorityCertificate = try own.signed(by: authorityKey)
        var middle = template(authority, verifier, verifierKey, .domesticVerifier, [.fingerprints, .irises])
        adjustVerifier(&middle)
        verifierCertificate = try middle.signed(by: authorityKey)
        var last = template(verifier, terminal, terminalKey, .inspectionSystem, options.rights)
        adjustTerminal(&last)
        terminalCertificate = try last.signed(by: verifierKey)
    }

    /// What a chip is told to trust.
    public var trust: TerminalTrust { TerminalTrust(authorities: [authorityCertificate]) }

    /// Writes `cvca.cvc`, `dv.cvc`, `terminal.cvc` and the terminal's key `terminal.pk8`, readable by the owner alone and
    /// not encrypted, to a folder, which is made when it does not exist.
    ///
    /// - Throws: `file` when it cannot be written.
    public func save(to path: String) throws(SimulatorError) {
        let key = try mapping { () throws(CryptoError) in try terminalKey.privateKey.pkcs8.bytes }
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw .file(path: path, reason: "it cannot be made: \(error)")
        }
        let files = [
            ("cvca.cvc", authorityCertificate, 0o644), ("dv.cvc", verifierCertificate, 0o644),
            ("terminal.cvc", terminalCertificate, 0o644), ("terminal.pk8", key, 0o600),
        ]
        for (name, bytes, permissions) in files {
            let file = "\(path)/\(name)"
            let isWritten = FileManager.default.createFile(
                atPath: file, contents: Data(bytes), attributes: [.posixPermissions: permissions])
            guard isWritten else { throw .file(path: file, reason: "it cannot be written") }
        }
    }
}

/// What a chip is told of terminals when it is made.
public struct TerminalTrust: Equatable, Sendable {
    /// The certificates of the authorities whose terminals the chip accepts, the current one first; two at most.
    public var authorities: [[UInt8]]
    /// The day that the chip takes for today, until certificates tell it of a later one; nil for the card's issue date.
    public var date: CalendarDate?

    /// - Parameters:
    ///   - authorities: The certificates (DO'7F21') of the authorities, the current one first.
    ///   - date: The day that the chip takes for today; nil for the card's issue date.
    public init(authorities: [[UInt8]], date: CalendarDate? = nil) {
        self.authorities = authorities
        self.date = date
    }

    /// The authority's certificate in a folder that `TerminalPKI.save` wrote.
    ///
    /// - Throws: `file` when it cannot be read.
    public init(folder: String) throws(SimulatorError) {
        let file = folder + "/cvca.cvc"
        guard let data = FileManager.default.contents(atPath: file) else {
            throw .file(path: file, reason: "it cannot be read")
        }
        self.init(authorities: [Array(data)])
    }
}
