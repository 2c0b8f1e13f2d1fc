/// An explanation of trust as lines for people, in English: its readers maintain trust stores.
public enum TrustExplanationText {
    /// The signers, under each the certificates that fit, under each the trust anchors that were looked at.
    public static func lines(of explanation: TrustExplanation) -> [String] {
        guard !explanation.signers.isEmpty else {
            return [VerdictText.line(for: explanation.securityObject, language: .english)]
        }
        let head = "certificates are judged as of \(explanation.date); trust anchors: \(explanation.anchorCount)"
        let several = explanation.signers.count > 1
        return
            ([head]
            + explanation.signers.enumerated().flatMap { index, signer in
                (several
                    ? ["", "signer \(index + 1)" + (signer.isPrincipal ? ", on whom the verdict rests" : "")] : [])
                    + lines(of: signer)
            }).map(VerdictText.printable)
    }

    private static func lines(of signer: TrustExplanation.Signer) -> [String] {
        var lines = ["signer is named by \(name(signer.identifier))"]
        if signer.certificates.isEmpty {
            lines.append("no certificate fits, neither in EF.SOD nor in the trust store")
        }
        lines += signer.certificates.flatMap(self.lines)
        if !signer.certificates.isEmpty {
            lines += conclusion(signer)
        }
        return lines
    }

    private static func name(_ identifier: TrustExplanation.Identifier) -> String {
        if let key = identifier.subjectKeyIdentifier { return "key identifier \(key)" }
        return "issuer \(identifier.issuer ?? "") and serial number \(identifier.serialNumber ?? "")"
    }

    private static func lines(of candidate: TrustExplanation.SignerCertificate) -> [String] {
        let place = candidate.origin == SignerCandidate.Origin.securityObject.rawValue ? "EF.SOD" : "the trust store"
        let remarks =
            candidate.tolerances.map(tolerance)
            + [candidate.signature == "valid" ? "the signature is by its key" : "signature: \(candidate.signature)"]
        return ["\(candidate.isChosen ? "✓" : "✗") signer's certificate, found in \(place)"]
            + lines(of: candidate.certificate, indent: "    ") + remarks.map { "    - \($0)" }
            + candidate.anchors.flatMap(lines)
    }

    private static func lines(of anchor: TrustExplanation.Anchor) -> [String] {
        let isIssuer = !anchor.faults.contains(AnchorExamination.Fault.notSignedByKey.rawValue)
        var remarks = anchor.faults.map(fault) + anchor.deviations.map(isIssuer ? tolerance : deviation)
        if isIssuer {
            let other = anchor.isChosen ? "" : "; another certificate of the key was chosen"
            remarks.insert("its key signed the signer's certificate" + other, at: 0)
        }
        return ["    \(anchor.isChosen ? "✓" : "✗") trust anchor from \(anchor.source.isEmpty ? "?" : anchor.source)"]
            + lines(of: anchor.certificate, indent: "        ") + remarks.map { "        - \($0)" }
    }

    private static func lines(of certificate: TrustExplanation.CertificateSummary, indent: String) -> [String] {
        [
            "\(certificate.subject), serial number \(certificate.serialNumber)",
            "\(certificate.key ?? "unusable key"), valid \(certificate.notBefore) to \(certificate.notAfter)",
            "SHA-256 \(certificate.fingerprint)",
        ].map { indent + $0 }
    }

    private static func conclusion(_ signer: TrustExplanation.Signer) -> [String] {
        switch signer.chain {
        case .unknownIssuer:
            let others = signer.anchorsOfSameCountry
            return ["no trust anchor has the name of the issuer"]
                + (others.isEmpty ? [] : ["trust anchors of the same country: \(others.joined(separator: "; "))"])
        case .ok, .okWithTolerances:
            guard let list = signer.revocationList else { return ["no revocation list of the chosen anchor"] }
            let next = list.nextUpdate.map { "next due \($0)" } ?? "without a next one"
            return ["revocation list of \(list.thisUpdate), \(next), \(list.entryCount) revoked"]
        default:
            return [EnglishWording.sentence(.signerChain, signer.chain)]
        }
    }

    private static func tolerance(_ name: String) -> String {
        "tolerated: \(EnglishWording.word(name) ?? name) (\(name))"
    }

    /// What may have led the search astray: no tolerance, since the anchor is not the issuer.
    private static func deviation(_ name: String) -> String {
        switch SignatureTolerance(rawValue: name) {
        case .issuerNameOrder: "its name is the issuer's in another order"
        case .authorityKeyIdentifier: "the signer's certificate names another authority key identifier"
        default: name
        }
    }

    private static func fault(_ name: String) -> String {
        switch AnchorExamination.Fault(rawValue: name) {
        case .notSignedByKey: "its key did not sign the signer's certificate"
        case .notAuthority: "it does not say that it is a certification authority"
        case .noCertificateSigning: "its key is not for signing certificates"
        case .notYetValid: "it was not yet valid"
        case .expired: "it was no longer valid"
        case nil: name
        }
    }
}
