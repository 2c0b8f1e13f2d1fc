import Crypto
import Document

/// How EF.SOD is written, where Doc 9303-10, 4.6.2 leaves a choice.
public struct SecurityObjectOptions: Equatable, Sendable {
    /// By what the signature names its signer.
    public enum SignerIdentifier: Equatable, Sendable {
        /// Issuer's name and serial number of the certificate.
        case issuerAndSerialNumber
        /// The certificate's subject key identifier.
        case subjectKeyIdentifier
    }

    /// The hash of the data groups.
    public var dataGroupDigest = DigestAlgorithm.sha256
    /// The version of the LDS security object: 0, or 1 with the LDS version inside it.
    public var version: UInt64 = 0
    /// By what the signature names its signer.
    public var signerIdentifier = SignerIdentifier.issuerAndSerialNumber
    /// The signing time among the signed attributes; nil for none.
    public var signingTime: Timestamp?
    /// Whether the signer's certificate is inside, as Doc 9303-10 demands.
    public var includesCertificate = true

    /// Version 0, SHA-256, signer by issuer and serial number, certificate inside, no signing time.
    public init() {}
}

/// Writes EF.SOD: a CMS SignedData over the hashes of the data groups (Doc 9303-10, 4.6.2; RFC 5652).
struct SecurityObjectWriter {
    let options: SecurityObjectOptions
    let signer: CertifiedKey
    let ldsVersion: String
    let unicodeVersion: String

    /// EF.SOD over `dataGroups`, by number.
    func file(_ dataGroups: [Int: [UInt8]]) throws(SimulatorError) -> [UInt8] {
        TLVEncoder.element(
            0x77,
            try SignedDataWriter(signer: signer, options: options)
                .contentInfo(of: Self.ldsSecurityObjectType, try ldsSecurityObject(dataGroups)))
    }

    /// `LDSSecurityObject` (Doc 9303-10, 4.6.2.3).
    private func ldsSecurityObject(_ dataGroups: [Int: [UInt8]]) throws(SimulatorError) -> [UInt8] {
        var hashes: [[UInt8]] = []
        for (number, bytes) in dataGroups.sorted(by: { $0.key < $1.key }) {
            let hash = try digest(bytes, options.dataGroupDigest)
            hashes.append(DER.sequence([DER.integer(UInt64(max(0, number))), DER.octetString(hash)]))
        }
        let versionInfo = DER.sequence([DER.printableString(ldsVersion), DER.printableString(unicodeVersion)])
        return DER.sequence(
            [
                DER.integer(options.version),
                DER.algorithm(options.dataGroupDigest.objectIdentifier, parameters: nil),
                DER.sequence(hashes),
            ] + (options.version == 0 ? [] : [versionInfo]))
    }

    private func digest(_ bytes: [UInt8], _ algorithm: DigestAlgorithm) throws(SimulatorError) -> [UInt8] {
        try mapping { () throws(CryptoError) in try Digest.hash(bytes, with: algorithm) }
    }

    /// id-icao-mrtd-security-ldsSecurityObject.
    private static let ldsSecurityObjectType = ObjectIdentifier([2, 23, 136, 1, 1, 1])
}
