import Crypto
import FoundationEssentials

/// Doc 9303-12, 4.2 and 5: both certificates were valid when they had to be, which is today, or the document's last day
/// if that has passed; and the signature was made while the signer's certificate was valid.
struct SignerValidity: Check {
    static let id = CheckIdentifier.signerValidity

    static func evaluate(_ examination: Examination) -> Finding {
        guard let signer = examination.principalSigner, let certificate = signer.certificate else {
            return .notPerformed(.signerCertificateMissing)
        }
        let date = examination.certificateDate
        if date < certificate.notBefore { return .failed(.signerNotYetValid, span(certificate)) }
        if date > certificate.notAfter { return .failed(.signerExpired, span(certificate)) }
        if let signingTime = signer.signingTime,
            !(certificate.notBefore...max(certificate.notBefore, certificate.notAfter)).contains(signingTime)
        {
            return .failed(.signedOutsideValidity, span(certificate))
        }
        guard let anchor = signer.chain.anchor?.certificate else { return .notPerformed(.prerequisiteFailed) }
        if date < anchor.notBefore { return .failed(.anchorNotYetValid, span(anchor)) }
        if date > anchor.notAfter { return .failed(.anchorExpired, span(anchor)) }
        return .passed
    }

    private static func span(_ certificate: Certificate) -> CheckDetail {
        .table([
            "subject": certificate.subject.text,
            "notBefore": certificate.notBefore.formatted(.iso8601),
            "notAfter": certificate.notAfter.formatted(.iso8601),
        ])
    }
}
