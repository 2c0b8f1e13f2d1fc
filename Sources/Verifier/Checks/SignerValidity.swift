import Crypto
import Document
import FoundationEssentials

/// Doc 9303-12, 4.2 and 5: both certificates were valid when they had to be, which is today, or the document's last day
/// if that has passed; and the document was signed and issued while the signer's key was in use.
struct SignerValidity: Check {
    static let id = CheckIdentifier.signerValidity

    static func evaluate(_ examination: Examination) -> Finding {
        guard let signer = examination.principalSigner, let certificate = signer.certificate else {
            return .notPerformed(.signerCertificateMissing)
        }
        let date = examination.certificateDate
        if date < certificate.notBefore { return .failed(.signerNotYetValid, span(certificate)) }
        if date > certificate.notAfter { return .failed(.signerExpired, span(certificate)) }
        if let finding = judgeSigning(examination, signer, certificate) { return finding }
        guard let anchor = signer.chain.anchor?.certificate else { return .notPerformed(.prerequisiteFailed) }
        if date < anchor.notBefore { return .failed(.anchorNotYetValid, span(anchor)) }
        if date > anchor.notAfter { return .failed(.anchorExpired, span(anchor)) }
        return .passed
    }

    /// The finding that the signature was made, or the document issued, at a wrong time; nil when it was not.
    private static func judgeSigning(
        _ examination: Examination, _ signer: SignerExamination, _ certificate: Certificate
    ) -> Finding? {
        let period: PrivateKeyUsagePeriod?
        do throws(DocumentError) {
            period = try certificate.privateKeyUsagePeriod()
        } catch {
            return .failed(.unusableSignerCertificate, .text("\(error)"))
        }
        if signer.info.signedAttributes?.signingTime != nil {
            // A time that cannot be read is no proof of having signed within the validity.
            guard let signingTime = signer.signingTime else {
                return .failed(.signedOutsideValidity, span(certificate))
            }
            guard certificate.notBefore <= signingTime, signingTime <= certificate.notAfter else {
                return .failed(.signedOutsideValidity, span(certificate))
            }
            guard period?.contains(signingTime) ?? true else { return .failed(.signedOutsideKeyUsagePeriod) }
        }
        // The day of issue is a day in Vietnam, so it may begin before the same day in UTC, or end after it.
        if let issueDate = examination.holder.dataGroup13?.issueDate, let noon = issueDate.noon, let period {
            let day: TimeInterval = 24 * 60 * 60
            guard period.contains(noon) || period.contains(noon - day) || period.contains(noon + day) else {
                return .failed(.issuedOutsideKeyUsagePeriod)
            }
        }
        return nil
    }

    private static func span(_ certificate: Certificate) -> CheckDetail {
        .table([
            "subject": certificate.subject.text,
            "notBefore": certificate.notBefore.formatted(.iso8601),
            "notAfter": certificate.notAfter.formatted(.iso8601),
        ])
    }
}
