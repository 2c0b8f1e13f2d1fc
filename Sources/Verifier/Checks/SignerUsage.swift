import Crypto
import Document

/// Doc 9303-12, 7.1: the document signer's certificate is for signing documents of this type and State, the CSCA's for
/// issuing certificates.
struct SignerUsage: Check {
    static let id = CheckIdentifier.signerUsage

    static func evaluate(_ examination: Examination) -> Finding {
        guard let signer = examination.principalSigner, let certificate = signer.certificate else {
            return .notPerformed(.signerCertificateMissing)
        }
        if let finding = judgeSigner(certificate, examination.holder.mrz) { return finding }
        guard let anchor = signer.chain.anchor?.certificate else { return .notPerformed(.prerequisiteFailed) }
        guard anchor.basicConstraints?.isCA == true, anchor.keyUsage?.contains(.keyCertSign) == true,
            !anchor.hasInvalidExtensions, anchor.unknownCriticalExtensions.isEmpty
        else { return .failed(.anchorUsageMismatch, .text(anchor.subject.text)) }
        guard certificate.subject.country != nil, certificate.subject.country == anchor.subject.country else {
            return .failed(.countryMismatch, countries(certificate.subject.country, anchor.subject.country))
        }
        return .passed
    }

    private static func judgeSigner(_ certificate: Certificate, _ mrz: MachineReadableZone?) -> Finding? {
        if certificate.hasInvalidExtensions { return .failed(.unusableSignerCertificate, .text("invalid extensions")) }
        guard certificate.unknownCriticalExtensions.isEmpty else {
            return .failed(.unusableSignerCertificate, .list(certificate.unknownCriticalExtensions))
        }
        if certificate.basicConstraints?.isCA == true { return .failed(.signerIsAuthority) }
        guard let usage = certificate.keyUsage, usage.contains(.digitalSignature) else {
            return .failed(.signerUsageMismatch, .text("keyUsage without digitalSignature"))
        }
        if usage.contains(.keyCertSign) { return .failed(.signerUsageMismatch, .text("keyUsage with keyCertSign")) }
        if certificate.extendedKeyUsages.contains(MasterList.signingKeyUsage) {
            return .failed(.signerUsageMismatch, .text("certified for master lists"))
        }
        return mrz.flatMap { judge(certificate, against: $0) }
    }

    /// DG1 names the type of the document and the State that issued it.
    private static func judge(_ certificate: Certificate, against mrz: MachineReadableZone) -> Finding? {
        do throws(DocumentError) {
            if let types = try certificate.documentTypes(),
                !types.contains(mrz.documentCode), !types.contains(String(mrz.documentCode.prefix(1)))
            {
                return .failed(.documentTypeMismatch, .list([mrz.documentCode, types.sorted().joined(separator: " ")]))
            }
        } catch {
            return .failed(.unusableSignerCertificate, .text("\(error)"))
        }
        guard let country = IssuingState.countryCode(mrz.issuingState), let signer = certificate.subject.country,
            country.lowercased() != signer
        else { return nil }
        return .failed(.countryMismatch, countries(certificate.subject.country, country))
    }

    private static func countries(_ countries: String?...) -> CheckDetail {
        .list(countries.map { $0?.uppercased() ?? "none" })
    }
}
