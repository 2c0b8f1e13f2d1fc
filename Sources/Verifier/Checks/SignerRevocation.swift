import Crypto
import FoundationEssentials

/// Doc 9303-12, 5: neither the signer's certificate nor the CSCA's is on a current revocation list of the CSCA.
///
/// A list past its next update still revokes; it no longer clears.
struct SignerRevocation: Check {
    static let id = CheckIdentifier.signerRevocation

    static func evaluate(_ examination: Examination) -> Finding {
        guard let signer = examination.principalSigner, let certificate = signer.certificate else {
            return .notPerformed(.signerCertificateMissing)
        }
        guard let anchor = signer.chain.anchor else { return .notPerformed(.prerequisiteFailed) }
        guard let list = examination.trust.revocationLists(of: anchor).first else {
            return .notPerformed(.noRevocationList, .text(anchor.certificate.subject.text))
        }
        if list.revokes(certificate) { return .failed(.signerRevoked, dates(list)) }
        if list.revokes(anchor.certificate) { return .failed(.anchorRevoked, dates(list)) }
        // A list without a next update promises nothing about any later day than its own.
        guard let nextUpdate = list.nextUpdate, examination.evidence.date <= nextUpdate else {
            return .notPerformed(.staleRevocationList, dates(list))
        }
        return .passed(.ok, dates(list))
    }

    private static func dates(_ list: RevocationList) -> CheckDetail {
        .table([
            "thisUpdate": list.thisUpdate.formatted(.iso8601),
            "nextUpdate": list.nextUpdate?.formatted(.iso8601) ?? "none",
        ])
    }
}
