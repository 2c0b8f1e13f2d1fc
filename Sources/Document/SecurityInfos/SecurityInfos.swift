/// The protocols that a chip supports and the keys for them: the content of EF.CardAccess and of DG14
/// (Doc 9303-11, 9.2).
public struct SecurityInfos: Hashable, Sendable {
    /// More entries than this are refused; real chips have fewer than twenty.
    public static let maximumCount = 128

    /// The entries in the order in which they were encoded.
    public let infos: [SecurityInfo]

    /// - Parameter setOf: `SET OF SecurityInfo`, and nothing behind it: the bytes of EF.CardAccess.
    /// - Throws: `DocumentError` when the set, or an entry of a protocol that is known here, is malformed.
    public init(_ setOf: Span<UInt8>) throws(DocumentError) {
        var cursor = TLVCursor(setOf)
        try self.init(next: &cursor)
        try cursor.expectEnd()
    }

    /// Reads the next element of `cursor` as `SET OF SecurityInfo`.
    init(next cursor: inout TLVCursor) throws(DocumentError) {
        let set = try cursor.next(.set)
        var entries = cursor.inside(set)
        var infos: [SecurityInfo] = []
        while !entries.isAtEnd {
            guard infos.count < Self.maximumCount else {
                throw .invalidValue(field: "SecurityInfos", reason: "there are more than \(Self.maximumCount)")
            }
            infos.append(try SecurityInfo(next: &entries))
        }
        self.infos = infos
    }

    /// The PACE variants offered, in order.
    public var pace: [PACEInfo] {
        infos.compactMap { if case .pace(let info) = $0 { info } else { nil } }
    }

    /// The domain parameters that are spelt out for PACE, in order.
    public var paceDomainParameters: [PACEDomainParameterInfo] {
        infos.compactMap { if case .paceDomainParameters(let info) = $0 { info } else { nil } }
    }

    /// The variants of chip authentication offered, in order.
    public var chipAuthentication: [ChipAuthenticationInfo] {
        infos.compactMap { if case .chipAuthentication(let info) = $0 { info } else { nil } }
    }

    /// The chip's public keys, in order.
    public var chipAuthenticationPublicKeys: [ChipAuthenticationPublicKeyInfo] {
        infos.compactMap { if case .chipAuthenticationPublicKey(let info) = $0 { info } else { nil } }
    }

    /// How the chip signs in active authentication; nil when it does not say, as with RSA keys.
    public var activeAuthentication: ActiveAuthenticationInfo? {
        for case .activeAuthentication(let info) in infos { return info }
        return nil
    }
}

extension SecurityInfo {
    /// Reads `SEQUENCE { protocol OBJECT IDENTIFIER, requiredData ANY, optionalData ANY OPTIONAL }`.
    init(next cursor: inout TLVCursor) throws(DocumentError) {
        let sequence = try cursor.next(.sequence)
        var fields = cursor.inside(sequence)
        let identifier = try fields.nextObjectIdentifier()
        guard let meaning = SecurityProtocol.meaning(of: identifier) else {
            self = .unknown(protocol: identifier, encoded: cursor.copy(sequence.range))
            return
        }
        switch meaning {
        case .pace(let variant):
            self = .pace(
                PACEInfo(
                    protocolOID: identifier, variant: variant, version: try fields.nextNumber("PACEInfo version"),
                    parameterID: try fields.nextNumberIfPresent("PACEInfo parameterId")))
        case .paceDomainParameters(let keyAgreement, let mapping):
            self = .paceDomainParameters(
                PACEDomainParameterInfo(
                    protocolOID: identifier, keyAgreement: keyAgreement, mapping: mapping,
                    domainParameter: try fields.nextCopy(.sequence),
                    parameterID: try fields.nextNumberIfPresent("PACEDomainParameterInfo parameterId")))
        case .chipAuthentication(let keyAgreement, let cipher):
            self = .chipAuthentication(
                ChipAuthenticationInfo(
                    protocolOID: identifier, keyAgreement: keyAgreement, cipher: cipher,
                    version: try fields.nextNumber("ChipAuthenticationInfo version"),
                    keyID: try fields.nextNumberIfPresent("ChipAuthenticationInfo keyId")))
        case .chipAuthenticationDomainParameters(let keyAgreement):
            self = .chipAuthenticationDomainParameters(
                ChipAuthenticationDomainParameterInfo(
                    protocolOID: identifier, keyAgreement: keyAgreement,
                    domainParameter: try fields.nextCopy(.sequence),
                    keyID: try fields.nextNumberIfPresent("ChipAuthenticationDomainParameterInfo keyId")))
        case .chipAuthenticationPublicKey(let keyAgreement):
            self = .chipAuthenticationPublicKey(
                ChipAuthenticationPublicKeyInfo(
                    protocolOID: identifier, keyAgreement: keyAgreement,
                    subjectPublicKeyInfo: try fields.nextSubjectPublicKeyInfo(),
                    keyID: try fields.nextNumberIfPresent("ChipAuthenticationPublicKeyInfo keyId")))
        case .terminalAuthentication:
            self = .terminalAuthentication(version: try fields.nextNumber("TerminalAuthenticationInfo version"))
            // Version 1 may name the file with the trust anchors (BSI TR-03110-3, A.1.1.3).
            _ = try fields.nextIfPresent(.sequence)
        case .activeAuthentication:
            self = .activeAuthentication(
                ActiveAuthenticationInfo(
                    version: try fields.nextNumber("ActiveAuthenticationInfo version"),
                    signatureAlgorithm: try fields.nextObjectIdentifier()))
        case .efDIR:
            self = .efDIR(try fields.nextContent(.octetString))
        }
        try fields.expectEnd()
    }
}

extension TLVCursor {
    /// The next element, which must have `tag`, copied whole.
    fileprivate mutating func nextCopy(_ tag: Tag) throws(DocumentError) -> [UInt8] { copy(try next(tag).range) }

    /// The value of the next element, which must have `tag`, copied.
    fileprivate mutating func nextContent(_ tag: Tag) throws(DocumentError) -> [UInt8] { copy(try next(tag).content) }

    /// The next element, an INTEGER that is not negative, of at most eight bytes.
    fileprivate mutating func nextNumber(_ field: String) throws(DocumentError) -> Int {
        let content = try next(.integer).content
        guard (1...8).contains(content.count), bytes[content.lowerBound] & 0x80 == 0 else {
            throw .invalidValue(field: field, reason: "it must be a number from 0, of at most eight bytes")
        }
        var value = 0
        for index in content { value = value << 8 | Int(bytes[index]) }
        return value
    }

    fileprivate mutating func nextNumberIfPresent(_ field: String) throws(DocumentError) -> Int? {
        isAtEnd ? nil : try nextNumber(field)
    }
}
