import Crypto
import Document
import FoundationEssentials

/// How the signer of a document was found, and the trust anchor above him: what was looked at, what was chosen, and why
/// not the others. Made of what the checks themselves look at.
public struct TrustExplanation: Equatable, Codable, Sendable {
    /// The day on which certificates must be valid, `YYYY-MM-DD` in UTC.
    public let date: String
    /// How many trust anchors there are.
    public let anchorCount: Int
    /// What `sod.structure` came to: without a readable EF.SOD there are no signers.
    public let securityObject: CheckOutcome
    /// The signers in the order of EF.SOD.
    public let signers: [Signer]

    /// One signer of EF.SOD.
    public struct Signer: Equatable, Codable, Sendable {
        /// Whether the verdict rests on this signer.
        public let isPrincipal: Bool
        /// How EF.SOD names the signer.
        public let identifier: Identifier
        /// The certificates that the identifier names.
        public let certificates: [SignerCertificate]
        /// What `signer.chain` says of this signer.
        public let chain: CheckReason
        /// Where no anchor has the issuer's name: the names of the anchors of the same country.
        public let anchorsOfSameCountry: [String]
        /// The revocation list that counts for this signer; nil when there is none.
        public let revocationList: RevocationListSummary?
    }

    /// How a signer is named (RFC 5652, 5.3); either the issuer and serial number, or the key identifier.
    public struct Identifier: Equatable, Codable, Sendable {
        /// The name of the certificate's issuer (RFC 2253).
        public let issuer: String?
        /// The certificate's serial number in hexadecimal.
        public let serialNumber: String?
        /// The subject key identifier in hexadecimal.
        public let subjectKeyIdentifier: String?
    }

    /// A certificate that a signer identifier names.
    public struct SignerCertificate: Equatable, Codable, Sendable {
        /// Whether it is the one that was chosen.
        public let isChosen: Bool
        /// What it says of itself.
        public let certificate: CertificateSummary
        /// `securityObject` when it came along, `trustStore` when it was found there.
        public let origin: String
        /// What the signature came to: `valid`, or the reason why not.
        public let signature: String
        /// Tolerated deviations in how the identifier names it, by `SignatureTolerance`.
        public let tolerances: [String]
        /// The trust anchors that have its issuer's name, the likeliest first.
        public let anchors: [Anchor]
    }

    /// A trust anchor that has the name of an issuer.
    public struct Anchor: Equatable, Codable, Sendable {
        /// Whether it is the one that was chosen.
        public let isChosen: Bool
        /// What it says of itself.
        public let certificate: CertificateSummary
        /// Where it came from.
        public let source: String
        /// How the signer's certificate names it otherwise than it should, by `SignatureTolerance`: tolerated where its key
        /// issued.
        public let deviations: [String]
        /// What speaks against it: `notSignedByKey`, `notAuthority`, `noCertificateSigning`, `notYetValid`, `expired`.
        public let faults: [String]
    }

    /// What a certificate says of itself.
    public struct CertificateSummary: Equatable, Codable, Sendable {
        /// The subject (RFC 2253).
        public let subject: String
        /// The issuer (RFC 2253).
        public let issuer: String
        /// The serial number in hexadecimal.
        public let serialNumber: String
        /// The kind of key; nil when it must not be used.
        public let key: String?
        /// The first day of its validity, `YYYY-MM-DD`.
        public let notBefore: String
        /// The last day of its validity, `YYYY-MM-DD`.
        public let notAfter: String
        /// SHA-256 of its DER encoding in hexadecimal.
        public let fingerprint: String
    }

    /// What a revocation list says of itself.
    public struct RevocationListSummary: Equatable, Codable, Sendable {
        /// The issuer (RFC 2253).
        public let issuer: String
        /// The day of issue, `YYYY-MM-DD`.
        public let thisUpdate: String
        /// When the next is due, `YYYY-MM-DD`; nil when it does not say.
        public let nextUpdate: String?
        /// How many certificates it revokes.
        public let entryCount: Int
    }
}

extension CardVerifier {
    /// How the signer of a document and the trust anchor above him were chosen.
    public func explainTrust(_ evidence: Evidence) -> TrustExplanation {
        TrustExplanation(Examination(evidence, trust: trust, policy: policy))
    }
}

extension TrustExplanation {
    init(_ examination: Examination) {
        date = Self.day(examination.certificateDate)
        anchorCount = examination.trust.entries.count { $0.kind == .anchor }
        securityObject = SecurityObjectStructure.outcome(examination)
        signers = examination.signers.indices.map { index in
            Signer(
                examination.signers[index], isPrincipal: index == examination.principalSignerIndex,
                trust: examination.trust)
        }
    }

    fileprivate static func day(_ date: Date) -> String { String(date.formatted(.iso8601).prefix(10)) }
}

extension TrustExplanation.Signer {
    fileprivate init(_ signer: SignerExamination, isPrincipal: Bool, trust: TrustStore) {
        self.isPrincipal = isPrincipal
        identifier = TrustExplanation.Identifier(signer.info.identifier)
        certificates = signer.candidates.indices.map { index in
            TrustExplanation.SignerCertificate(
                signer.candidates[index], isChosen: signer.isChosen(index), trust: trust)
        }
        let reason = SignerChain.judge(signer).reason
        chain = reason
        let country = signer.certificate?.issuer.country
        anchorsOfSameCountry =
            reason == .unknownIssuer && country != nil
            ? trust.anchors.map(\.certificate.subject).filter { $0.country == country }.map(\.text) : []
        revocationList = signer.chain.anchor.flatMap { trust.revocationLists(of: $0).first }.map {
            TrustExplanation.RevocationListSummary($0)
        }
    }
}

extension TrustExplanation.Identifier {
    fileprivate init(_ identifier: SignerInfo.Identifier) {
        switch identifier {
        case .issuerAndSerialNumber(let name, let number):
            issuer = (try? DistinguishedName(der: name))?.text ?? "unreadable"
            serialNumber = Hexadecimal.text(number)
            subjectKeyIdentifier = nil
        case .subjectKeyIdentifier(let key):
            (issuer, serialNumber, subjectKeyIdentifier) = (nil, nil, Hexadecimal.text(key))
        }
    }
}

extension TrustExplanation.SignerCertificate {
    fileprivate init(_ candidate: SignerCandidate, isChosen: Bool, trust: TrustStore) {
        self.isChosen = isChosen
        certificate = TrustExplanation.CertificateSummary(candidate.certificate, key: candidate.key)
        origin = candidate.origin.rawValue
        signature = candidate.signature.text
        tolerances = candidate.tolerances.map(\.rawValue).sorted()
        let chosen = candidate.chain.anchor?.certificate.der
        anchors = candidate.anchors.map { anchor in
            TrustExplanation.Anchor(anchor, isChosen: anchor.anchor.certificate.der == chosen, trust: trust)
        }
    }
}

extension TrustExplanation.Anchor {
    fileprivate init(_ examination: AnchorExamination, isChosen: Bool, trust: TrustStore) {
        self.isChosen = isChosen
        let summary = TrustExplanation.CertificateSummary(
            examination.anchor.certificate, key: examination.anchor.key)
        certificate = summary
        source = trust.entries.first { Hexadecimal.text($0.fingerprint) == summary.fingerprint }?.source ?? ""
        deviations = examination.tolerances.map(\.rawValue).sorted()
        faults = examination.faults.map(\.rawValue)
    }
}

extension TrustExplanation.CertificateSummary {
    fileprivate init(_ certificate: Certificate, key: PublicKey?) {
        subject = certificate.subject.text
        issuer = certificate.issuer.text
        serialNumber = certificate.serialNumber
        self.key = key?.kind.name
        notBefore = TrustExplanation.day(certificate.notBefore)
        notAfter = TrustExplanation.day(certificate.notAfter)
        fingerprint = Hexadecimal.text((try? Digest.hash(certificate.der, with: .sha256)) ?? [])
    }
}

extension TrustExplanation.RevocationListSummary {
    fileprivate init(_ list: RevocationList) {
        issuer = list.issuer.text
        thisUpdate = TrustExplanation.day(list.thisUpdate)
        nextUpdate = list.nextUpdate.map(TrustExplanation.day)
        entryCount = list.entryCount
    }
}

extension SignerExamination.SignatureFinding {
    fileprivate var text: String {
        switch self {
        case .valid, .validWithoutNULL: "valid"
        case .wrong: CheckReason.wrongSignature.rawValue
        case .unsupported: CheckReason.unsupportedAlgorithm.rawValue
        case .noCertificate: CheckReason.signerCertificateMissing.rawValue
        case .unusableCertificate: CheckReason.unusableSignerCertificate.rawValue
        }
    }
}
