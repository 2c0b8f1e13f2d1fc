import Crypto
import Document

/// Writes a CMS SignedData by a document signer (RFC 5652), as EF.SOD and EF.CardSecurity hold one.
struct SignedDataWriter {
    let signer: CertifiedKey
    let options: SecurityObjectOptions

    /// `ContentInfo` with `SignedData` of version 3 (RFC 5652, 5.1) over `content`.
    func contentInfo(of type: ObjectIdentifier, _ content: [UInt8]) throws(SimulatorError) -> [UInt8] {
        let messageDigestAlgorithm = signer.key.scheme.digest
        let digestAlgorithm = DER.algorithm(messageDigestAlgorithm.objectIdentifier, parameters: nil)
        let attributes = signedAttributes(
            of: type,
            messageDigest: try mapping { () throws(CryptoError) in
                try Digest.hash(content, with: messageDigestAlgorithm)
            })
        // RFC 5652, 5.4: what is signed has the tag of a SET OF, what is stored has [0] in its place.
        let signature = try signer.key.sign(TLVEncoder.element(.set, attributes))
        let (version, identifier) = try signerIdentifier()
        let signerInfo = DER.sequence([
            DER.integer(version), identifier, digestAlgorithm, DER.tagged(0, Array(attributes.joined())),
            signer.key.scheme.algorithmIdentifier, DER.octetString(signature),
        ])
        let signedData = DER.sequence(
            [
                DER.integer(3), DER.setOf([digestAlgorithm]),
                DER.sequence([type.encoded, DER.tagged(0, DER.octetString(content))]),
            ] + (options.includesCertificate ? [DER.tagged(0, signer.certificate)] : []) + [DER.setOf([signerInfo])])
        return DER.sequence([ObjectIdentifier([1, 2, 840, 113549, 1, 7, 2]).encoded, DER.tagged(0, signedData)])
    }

    /// The signed attributes in the order of a DER SET OF.
    private func signedAttributes(of type: ObjectIdentifier, messageDigest: [UInt8]) -> [[UInt8]] {
        func attribute(_ arc: UInt64, _ value: [UInt8]) -> [UInt8] {
            DER.sequence([ObjectIdentifier([1, 2, 840, 113549, 1, 9, arc]).encoded, DER.setOf([value])])
        }
        return DER.sorted(
            [
                attribute(3, type.encoded),
                attribute(4, DER.octetString(messageDigest)),
            ] + (options.signingTime.map { [attribute(5, DER.time($0))] } ?? []))
    }

    /// The version of SignerInfo and the SignerIdentifier that asks for it (RFC 5652, 5.3).
    private func signerIdentifier() throws(SimulatorError) -> (UInt64, [UInt8]) {
        let reference = try signer.reference
        switch options.signerIdentifier {
        case .issuerAndSerialNumber:
            return (1, DER.sequence([reference.issuer.encoded, reference.serialNumber]))
        case .subjectKeyIdentifier:
            guard let identifier = reference.subjectKeyIdentifier else {
                throw .unsupported(what: "a signer by key identifier whose certificate has none")
            }
            return (3, DER.taggedPrimitive(0, identifier))
        }
    }
}
