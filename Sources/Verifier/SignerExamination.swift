import Crypto
import Document
import FoundationEssentials

/// One signer of EF.SOD taken apart: his certificate, his signature, and who vouches for him.
struct SignerExamination: Sendable {
    enum DigestFinding: Equatable, Sendable {
        case matches
        case differs
        case contentTypeDiffers
        case incompleteAttributes
        case noAttributes
        case unsupported
    }

    enum SignatureFinding: Equatable, Sendable {
        case valid
        /// Valid, with a DigestInfo that leaves out the NULL of its algorithm (RFC 8017, A.2.4).
        case validWithoutNULL
        case wrong
        case unsupported(String)
        case noCertificate
        case unusableCertificate(String)

        var isValid: Bool { self == .valid || self == .validWithoutNULL }
    }

    enum ChainFinding: Sendable {
        case anchored(AnchorExamination)
        case selfSigned
        case noAnchors
        case unknownIssuer
        case notSigned(by: [String])

        var anchor: TrustAnchor? {
            if case .anchored(let issuer) = self { issuer.anchor } else { nil }
        }
    }

    /// A certificate that the signer identifier names.
    struct FittingCertificate: Sendable {
        let certificate: Certificate
        let origin: SignerCandidate.Origin
        let tolerances: Set<SignatureTolerance>
    }

    let info: SignerInfo
    let digest: DigestFinding
    let scheme: SignatureScheme?
    /// The certificates that fit the signer identifier.
    let candidates: [SignerCandidate]
    /// Which of them is the signer's.
    private let chosenIndex: Int?

    /// More certificates than a real EF.SOD has for one signer; each costs signature verifications.
    private static let maximumCandidates = 3

    /// - Parameters:
    ///   - info: The signer.
    ///   - signedData: What he signs.
    ///   - bytes: What the places in `signedData` and `info` refer to.
    ///   - date: When certificates must be valid; of several that fit, one that is valid is preferred.
    init(_ info: SignerInfo, of signedData: SignedData, in bytes: [UInt8], trust: TrustStore, date: Date) {
        self.info = info
        let digestAlgorithm = SignatureAlgorithms.digest(info.digestAlgorithm)
        let scheme = SignatureAlgorithms.scheme(info.signatureAlgorithm, digest: digestAlgorithm)
        self.scheme = scheme
        if info.signedAttributes == nil, let scheme, digestAlgorithm != scheme.digest {
            // The content is hashed by the signature's algorithm alone, of which this one must be a part (RFC 5652, 5.4).
            digest = .unsupported
        } else {
            digest = Self.judgeDigest(info, of: signedData, in: bytes, with: digestAlgorithm)
        }
        let fitting = Self.certificates(for: info, of: signedData, in: bytes, trust: trust)
        let candidates = fitting.prefix(Self.maximumCandidates).map {
            SignerCandidate($0, info: info, scheme: scheme, of: signedData, in: bytes, trust: trust, date: date)
        }
        self.candidates = candidates
        // Two certificates may carry one identifier: the one that verifies and is vouched for is the signer's.
        chosenIndex =
            candidates.firstIndex { $0.signature.isValid && $0.chain.anchor != nil }
            ?? candidates.firstIndex { $0.signature.isValid } ?? candidates.indices.first
    }

    /// The candidate that is the signer's.
    var chosen: SignerCandidate? { chosenIndex.map { candidates[$0] } }
    var certificate: Certificate? { chosen?.certificate }
    var key: PublicKey? { chosen?.key }
    var signature: SignatureFinding { chosen?.signature ?? .noCertificate }
    var chain: ChainFinding { chosen?.chain ?? .unknownIssuer }

    /// Whether `candidates[index]` is the signer's.
    func isChosen(_ index: Int) -> Bool { index == chosenIndex }

    /// How the signature and its signer are written otherwise than they should be.
    var tolerances: Set<SignatureTolerance> {
        var tolerances = chosen?.tolerances ?? []
        if signature == .validWithoutNULL { tolerances.insert(.digestInfoWithoutNULL) }
        if info.signatureAlgorithm.algorithm == SignatureAlgorithms.ecPublicKey {
            tolerances.insert(.keyAlgorithmForSignature)
        }
        return tolerances
    }

    /// The time of signing in the signed attributes, if it stands there and can be read.
    var signingTime: Date? { info.signedAttributes?.signingTime.flatMap(ASN1Time.date) }

    private static func judgeDigest(
        _ info: SignerInfo, of signedData: SignedData, in bytes: [UInt8], with algorithm: DigestAlgorithm?
    ) -> DigestFinding {
        guard let attributes = info.signedAttributes else { return .noAttributes }
        guard let algorithm else { return .unsupported }
        guard let contentType = attributes.contentType, let messageDigest = attributes.messageDigest,
            let content = signedData.content
        else { return .incompleteAttributes }
        guard contentType == signedData.contentType else { return .contentTypeDiffers }
        let hash = try? Digest.hash(bytes.span.extracting(content), with: algorithm)
        return hash.map { $0[...] } == bytes[messageDigest] ? .matches : .differs
    }

    /// The certificates that fit the identifier: those that came along, otherwise those of the trust store.
    private static func certificates(
        for info: SignerInfo, of signedData: SignedData, in bytes: [UInt8], trust: TrustStore
    ) -> [FittingCertificate] {
        func fitting(_ certificate: Certificate, _ origin: SignerCandidate.Origin) -> FittingCertificate? {
            tolerances(of: info.identifier, naming: certificate).map {
                FittingCertificate(certificate: certificate, origin: origin, tolerances: $0)
            }
        }
        let included = signedData.certificates
            .compactMap { try? Certificate(der: Array(bytes[$0])) }
            .compactMap { fitting($0, .securityObject) }
        return included.isEmpty ? trust.documentSigners.compactMap { fitting($0, .trustStore) } : included
    }

    /// What must be tolerated for `identifier` to name `certificate`; nil when it names another.
    private static func tolerances(
        of identifier: SignerInfo.Identifier, naming certificate: Certificate
    ) -> Set<SignatureTolerance>? {
        switch identifier {
        case .subjectKeyIdentifier(let wanted):
            return certificate.subjectKeyIdentifier == wanted ? [] : nil
        case .issuerAndSerialNumber(let issuer, let serialNumber):
            guard certificate.serialNumberContent == minimal(serialNumber),
                let name = try? DistinguishedName(der: issuer)
            else { return nil }
            var tolerances: Set<SignatureTolerance> = []
            if certificate.serialNumberContent != serialNumber { tolerances.insert(.serialNumberEncoding) }
            if name == certificate.issuer {
                return issuer == certificate.issuerEncoding ? tolerances : tolerances.union([.issuerNameEncoding])
            }
            return name.hasSameAttributes(as: certificate.issuer) ? tolerances.union([.issuerNameOrder]) : nil
        }
    }

    /// The content of an INTEGER without bytes that only repeat its sign.
    private static func minimal(_ content: [UInt8]) -> [UInt8] {
        var rest = content[...]
        while rest.count > 1, let first = rest.first, let second = rest.dropFirst().first,
            first == 0x00 && second < 0x80 || first == 0xFF && second >= 0x80
        {
            rest = rest.dropFirst()
        }
        return Array(rest)
    }
}
