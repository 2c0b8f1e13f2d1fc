import Crypto
import Document
import FoundationEssentials

/// Who signed a master list, after it was proven (Doc 9303-12, 9.1).
struct MasterListSigner {
    /// The signer's certificate.
    let certificate: Certificate

    /// Judges the signature. The signer's CSCA must be trusted already or stand in the list itself: what the list proves
    /// then is that it is whole and by whom, and the user who imports it decides to trust that.
    ///
    /// - Throws: `TrustStoreError.masterListNotSigned`.
    init(of list: MasterList, trust: TrustStore) throws(TrustStoreError) {
        var widened = trust
        for range in list.certificates {
            guard let certificate = try? Certificate(der: Array(list.bytes[range])) else { continue }
            _ = try? widened.add(certificate)
        }
        let included = SignerExamination.certificates(of: list.signedData, in: list.bytes)
        var reason = "it has no signer"
        for info in list.signedData.signers {
            let signer = SignerExamination(
                info, of: list.signedData, in: list.bytes, included: included, trust: widened, date: Date())
            if let certificate = signer.certificate, let why = Self.fault(of: signer, certificate) {
                reason = why
            } else if let certificate = signer.certificate {
                self.certificate = certificate
                return
            } else {
                reason = "the signer's certificate did not come along"
            }
        }
        throw .masterListNotSigned(reason: reason)
    }

    private static func fault(of signer: SignerExamination, _ certificate: Certificate) -> String? {
        guard signer.digest == .matches else { return "the message digest is not that of the list" }
        guard signer.signature.isValid else { return "the signature is not that of \(certificate.subject.text)" }
        guard let anchor = signer.chain.anchor else {
            return "no CSCA that is trusted or listed issued the certificate of \(certificate.subject.text)"
        }
        guard certificate.subject.country == anchor.certificate.subject.country else {
            return "signer and CSCA are of different countries"
        }
        guard certificate.extendedKeyUsages.contains(MasterList.signingKeyUsage) else {
            return "\(certificate.subject.text) is not certified for signing master lists"
        }
        return nil
    }
}

extension Certificate {
    /// The extended key usages (RFC 5280, 4.2.1.12); empty when there are none or the extension is malformed.
    var extendedKeyUsages: [ObjectIdentifier] {
        guard let value = extensions.first(where: { $0.type == "2.5.29.37" })?.value else { return [] }
        return (try? Self.objectIdentifiers(value)) ?? []
    }

    private static func objectIdentifiers(_ der: [UInt8]) throws(DocumentError) -> [ObjectIdentifier] {
        var cursor = TLVCursor(der.span)
        var list = cursor.inside(try cursor.next(.sequence))
        try cursor.expectEnd()
        var identifiers: [ObjectIdentifier] = []
        while !list.isAtEnd { identifiers.append(try list.nextObjectIdentifier()) }
        return identifiers
    }
}
