import Crypto
import Document
import Simulator

/// An EF.SOD each part of which may be made wrong on purpose. As it starts it is right.
struct ForgedSecurityObject {
    /// Hashes as they are listed, in this order.
    var hashes: [(number: Int, hash: [UInt8])]
    var hashIdentifier = DigestAlgorithm.sha256.forgedIdentifier
    var ldsVersion = 0
    /// What is signed, if it is not the list of hashes.
    var contentOverride: [UInt8]?
    var version = 3
    var digestIdentifiers: [[UInt8]]?
    var contentType = LDSSecurityObject.contentType
    var certificates: [[UInt8]]
    var revocationLists: [[UInt8]] = []
    var signers: [ForgedSigner]

    /// A right one over `image`'s data groups, by `signer`, with his certificate.
    init(over image: CardImage, signer: CertifiedKey, digest: DigestAlgorithm = .sha256) throws {
        hashes = try image.files.compactMap { file, bytes in
            try file.dataGroupNumber.map { ($0, try Digest.hash(bytes, with: digest)) }
        }.sorted { $0.number < $1.number }
        hashIdentifier = digest.forgedIdentifier
        certificates = [signer.certificate]
        signers = [ForgedSigner(signer)]
    }

    /// The LDSSecurityObject.
    var content: [UInt8] {
        if let contentOverride { return contentOverride }
        let list = DERWriter.sequence(
            hashes.map { DERWriter.sequence(DERWriter.integer($0.number), DERWriter.octets($0.hash)) })
        let versions = DERWriter.sequence(
            TLVEncoder.element(.printableString, Array("0107".utf8)),
            TLVEncoder.element(.printableString, Array("040000".utf8)))
        return DERWriter.sequence(DERWriter.integer(ldsVersion), hashIdentifier, list, ldsVersion == 1 ? versions : [])
    }

    /// The SignedData, each part an element.
    func fields() throws -> [[UInt8]] {
        let content = content
        let identifiers = digestIdentifiers ?? Array(Set(signers.map { $0.digest.forgedIdentifier }))
        var fields = [
            DERWriter.integer(version), DERWriter.set(identifiers),
            DERWriter.sequence(contentType.encoded, DERWriter.explicit(0, DERWriter.octets(content))),
        ]
        if !certificates.isEmpty { fields.append(TLVEncoder.element(0xA0, certificates)) }
        if !revocationLists.isEmpty { fields.append(TLVEncoder.element(0xA1, revocationLists)) }
        fields.append(TLVEncoder.element(.set, try signers.map { try $0.signerInfo(over: content, type: contentType) }))
        return fields
    }

    /// EF.SOD around `fields`.
    static func file(_ fields: [[UInt8]]) -> [UInt8] {
        TLVEncoder.element(
            0x77,
            DERWriter.sequence(
                DERWriter.identifier(1, 2, 840, 113549, 1, 7, 2),
                DERWriter.explicit(0, DERWriter.sequence(fields))))
    }

    func file() throws -> [UInt8] { Self.file(try fields()) }
}

/// One signer of a forged EF.SOD.
struct ForgedSigner {
    enum Identifier {
        case issuerAndSerialNumber
        case subjectKeyIdentifier
        case element([UInt8])
    }

    var signer: CertifiedKey
    var version: Int?
    var identifier = Identifier.issuerAndSerialNumber
    var digest: DigestAlgorithm
    var digestIdentifier: [UInt8]?
    var signatureIdentifier: [UInt8]?
    var hasAttributes = true
    /// Of what the message digest is, if it is not the content.
    var digestedContent: [UInt8]?
    var attributeContentType: ObjectIdentifier?
    var furtherAttributes: [[UInt8]] = []
    /// Changes the attributes before they are signed.
    var adjustAttributes: ([[UInt8]]) -> [[UInt8]] = { $0.sorted { $0.lexicographicallyPrecedes($1) } }
    /// What is signed: by default the attributes as a SET, or the content where there are none.
    var signedMessage: (_ content: [UInt8], _ attributes: [UInt8]?) -> [UInt8] = { $1 ?? $0 }
    /// How it is signed; by default with the signer's key.
    var sign: (_ message: [UInt8]) throws -> [UInt8]
    var unsignedAttributes: [[UInt8]] = []

    init(_ signer: CertifiedKey) {
        self.signer = signer
        digest = signer.key.scheme.digest
        sign = { try signer.key.sign($0) }
    }

    static func attribute(_ arc: UInt64, _ values: [UInt8]) -> [UInt8] {
        DERWriter.sequence(DERWriter.identifier(1, 2, 840, 113549, 1, 9, arc), TLVEncoder.element(.set, values))
    }

    func signerInfo(over content: [UInt8], type: ObjectIdentifier) throws -> [UInt8] {
        let attributes = try hasAttributes ? attributes(over: content, type: type) : nil
        let message = signedMessage(content, attributes.map { TLVEncoder.element(.set, $0) })
        return DERWriter.sequence(
            DERWriter.integer(version ?? defaultVersion), try encodedIdentifier(),
            digestIdentifier ?? digest.forgedIdentifier,
            attributes.map { TLVEncoder.element(0xA0, $0) } ?? [],
            signatureIdentifier ?? signer.key.scheme.forgedIdentifier,
            DERWriter.octets(try sign(message)),
            unsignedAttributes.isEmpty ? [] : TLVEncoder.element(0xA1, unsignedAttributes))
    }

    private func attributes(over content: [UInt8], type: ObjectIdentifier) throws -> [[UInt8]] {
        adjustAttributes(
            [
                Self.attribute(3, (attributeContentType ?? type).encoded),
                Self.attribute(4, DERWriter.octets(try Digest.hash(digestedContent ?? content, with: digest))),
            ] + furtherAttributes)
    }

    private var defaultVersion: Int {
        if case .subjectKeyIdentifier = identifier { 3 } else { 1 }
    }

    private func encodedIdentifier() throws -> [UInt8] {
        let certificate = try Certificate(der: signer.certificate)
        switch identifier {
        case .element(let element): return element
        case .subjectKeyIdentifier: return TLVEncoder.element(0x80, certificate.subjectKeyIdentifier ?? [])
        case .issuerAndSerialNumber:
            let body = try DERWriter.children(try DERWriter.children(signer.certificate)[0])
            return DERWriter.sequence(body[3], body[1])
        }
    }
}
