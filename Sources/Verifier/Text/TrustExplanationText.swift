/// An explanation of trust as lines for people.
public struct TrustExplanationText {
    private let language: VerdictLanguage

    /// The signers, under each the certificates that fit, under each the trust anchors that were looked at.
    public static func lines(of explanation: TrustExplanation, language: VerdictLanguage) -> [String] {
        guard !explanation.signers.isEmpty else {
            return [VerdictText.line(for: explanation.securityObject, language: language)]
        }
        return Self(language: language).lines(of: explanation).map(VerdictText.printable)
    }

    private func lines(of explanation: TrustExplanation) -> [String] {
        let head = text(.judgedAsOf(day: day(explanation.date), anchorCount: explanation.anchorCount))
        let several = explanation.signers.count > 1
        return [head]
            + explanation.signers.enumerated().flatMap { index, signer in
                (several ? ["", text(.signer(number: index + 1, isPrincipal: signer.isPrincipal))] : [])
                    + lines(of: signer)
            }
    }

    private func lines(of signer: TrustExplanation.Signer) -> [String] {
        let name = text(name(signer.identifier))
        guard !signer.certificates.isEmpty else { return [name, text(.noCertificateFits)] }
        return [name] + signer.certificates.flatMap(lines) + conclusion(signer)
    }

    private func name(_ identifier: TrustExplanation.Identifier) -> TrustPhrase {
        if let key = identifier.subjectKeyIdentifier { return .namedByKeyIdentifier(key) }
        return .namedByIssuer(identifier.issuer ?? "", serialNumber: identifier.serialNumber ?? "")
    }

    private func lines(of candidate: TrustExplanation.SignerCertificate) -> [String] {
        let isInside = candidate.origin == SignerCandidate.Origin.securityObject.rawValue
        let signature: TrustPhrase =
            candidate.signature == "valid" ? .signatureIsByItsKey : .signature(candidate.signature)
        let remarks = candidate.tolerances.map(tolerance) + [signature]
        return [mark(candidate.isChosen) + text(.signersCertificate(isInSecurityObject: isInside))]
            + lines(of: candidate.certificate, indent: "    ") + remarks.map { "    - " + text($0) }
            + candidate.anchors.flatMap(lines)
    }

    private func lines(of anchor: TrustExplanation.Anchor) -> [String] {
        let isIssuer = !anchor.faults.contains(AnchorExamination.Fault.notSignedByKey.rawValue)
        let faults = anchor.faults.map { AnchorExamination.Fault(rawValue: $0).map { text(.fault($0)) } ?? $0 }
        var remarks = faults + anchor.deviations.map { isIssuer ? text(tolerance($0)) : deviation($0) }
        if isIssuer {
            remarks.insert(text(anchor.isChosen ? .signedTheSigner : .signedTheSignerButAnotherWasChosen), at: 0)
        }
        let source = anchor.source.isEmpty ? "?" : anchor.source
        return ["    " + mark(anchor.isChosen) + text(.trustAnchor(source: source))]
            + lines(of: anchor.certificate, indent: "        ") + remarks.map { "        - " + $0 }
    }

    private func lines(of certificate: TrustExplanation.CertificateSummary, indent: String) -> [String] {
        [
            text(.subject(certificate.subject, serialNumber: certificate.serialNumber)),
            text(.key(certificate.key, from: day(certificate.notBefore), to: day(certificate.notAfter))),
            "SHA-256 \(certificate.fingerprint)",
        ].map { indent + $0 }
    }

    private func conclusion(_ signer: TrustExplanation.Signer) -> [String] {
        switch signer.chain {
        case .unknownIssuer:
            let others = signer.anchorsOfSameCountry
            return [text(.noAnchorOfThatName)] + (others.isEmpty ? [] : [text(.anchorsOfSameCountry(others))])
        case .ok, .okWithTolerances:
            guard let list = signer.revocationList else { return [text(.noRevocationList)] }
            return [
                text(
                    .revocationList(
                        of: day(list.thisUpdate), next: list.nextUpdate.map(day), entryCount: list.entryCount))
            ]
        default:
            return [language.wording.sentence(.signerChain, signer.chain)]
        }
    }

    private func tolerance(_ name: String) -> TrustPhrase {
        .tolerated(language.wording.word(name) ?? name, name: name)
    }

    /// What may have led the search astray: no tolerance, since the anchor is not the issuer.
    private func deviation(_ name: String) -> String {
        switch SignatureTolerance(rawValue: name) {
        case .issuerNameOrder: text(.nameInAnotherOrder)
        case .authorityKeyIdentifier: text(.otherAuthorityKeyIdentifier)
        default: name
        }
    }

    private func text(_ phrase: TrustPhrase) -> String { language.text(phrase) }

    private func day(_ day: String) -> String { DetailText(language.wording).day(day) }

    private func mark(_ isChosen: Bool) -> String { isChosen ? "✓ " : "✗ " }
}
