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
        case anchored(TrustAnchor)
        case selfSigned
        case noAnchors
        case unknownIssuer
        case notSigned(by: [String])

        var anchor: TrustAnchor? {
            if case .anchored(let anchor) = self { anchor } else { nil }
        }
    }

    let info: SignerInfo
    let digest: DigestFinding
    let scheme: SignatureScheme?
    let certificate: Certificate?
    let key: PublicKey?
    let signature: SignatureFinding
    let chain: ChainFinding

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
        digest = Self.judgeDigest(info, of: signedData, in: bytes, with: digestAlgorithm)
        let fitting = Self.certificates(for: info, of: signedData, in: bytes, trust: trust)
        let judged = fitting.prefix(Self.maximumCandidates).map {
            Candidate($0, info: info, scheme: scheme, of: signedData, in: bytes, trust: trust, date: date)
        }
        // Two certificates may carry one identifier: the one that verifies and is vouched for is the signer's.
        let best =
            judged.first { $0.signature.isValid && $0.chain.anchor != nil }
            ?? judged.first { $0.signature.isValid } ?? judged.first
        certificate = best?.certificate
        key = best?.key
        signature = best?.signature ?? .noCertificate
        chain = best?.chain ?? .unknownIssuer
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
    ) -> [Certificate] {
        let included = signedData.certificates
            .compactMap { try? Certificate(der: Array(bytes[$0])) }
            .filter { matches($0, info.identifier) }
        return included.isEmpty ? trust.documentSigners.filter { matches($0, info.identifier) } : included
    }

    private static func matches(_ certificate: Certificate, _ identifier: SignerInfo.Identifier) -> Bool {
        switch identifier {
        case .subjectKeyIdentifier(let wanted):
            return certificate.subjectKeyIdentifier == wanted
        case .issuerAndSerialNumber(let issuer, let serialNumber):
            guard certificate.serialNumberContent == minimal(serialNumber),
                let name = try? DistinguishedName(der: issuer)
            else { return false }
            return name == certificate.issuer || name.hasSameAttributes(as: certificate.issuer)
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

extension SignerExamination {
    /// A certificate that fits the signer identifier, with what it leads to.
    private struct Candidate {
        let certificate: Certificate
        let key: PublicKey?
        let signature: SignatureFinding
        let chain: ChainFinding

        init(
            _ certificate: Certificate, info: SignerInfo, scheme: SignatureScheme?, of signedData: SignedData,
            in bytes: [UInt8], trust: TrustStore, date: Date
        ) {
            self.certificate = certificate
            chain = Self.chain(of: certificate, trust: trust, date: date)
            do throws(CryptoError) {
                let key = try certificate.publicKey()
                self.key = key
                signature = Self.judge(info, scheme: scheme, of: signedData, in: bytes, key: key)
            } catch {
                key = nil
                signature = .unusableCertificate("\(error)")
            }
        }

        private static func judge(
            _ info: SignerInfo, scheme: SignatureScheme?, of signedData: SignedData, in bytes: [UInt8], key: PublicKey
        ) -> SignatureFinding {
            guard let scheme else { return .unsupported("\(info.signatureAlgorithm.algorithm)") }
            let message: [UInt8]
            if let attributes = info.signedAttributes {
                message = TLVEncoder.element(.set, Array(bytes[attributes.content]))
            } else if let content = signedData.content {
                message = Array(bytes[content])
            } else {
                return .wrong
            }
            do throws(CryptoError) {
                let signature = Array(bytes[info.signature])
                if try key.verify(signature: signature, message: message, scheme: scheme) { return .valid }
                guard case .rsaPKCS1(let digest) = scheme,
                    try key.verifyWithoutNULL(signature: signature, message: message, digest: digest)
                else { return .wrong }
                return .validWithoutNULL
            } catch {
                return .unsupported("\(error)")
            }
        }

        private static func chain(of certificate: Certificate, trust: TrustStore, date: Date) -> ChainFinding {
            guard !trust.hasNoAnchors else { return .noAnchors }
            guard !certificate.isSelfIssued else { return .selfSigned }
            let candidates = trust.candidates(for: certificate)
            guard !candidates.isEmpty else { return .unknownIssuer }
            let issuers = candidates.filter { certificate.isSigned(by: $0.key) }
            // One key may have several certificates: renewed ones, and those that link it to another name.
            guard let anchor = issuers.first(where: { $0.certificate.isUsableAnchor(on: date) }) ?? issuers.first else {
                return .notSigned(by: candidates.map(\.certificate.subject.text))
            }
            return .anchored(anchor)
        }
    }
}

extension Certificate {
    fileprivate func isUsableAnchor(on date: Date) -> Bool {
        basicConstraints?.isCA == true && keyUsage?.contains(.keyCertSign) == true && notBefore <= date
            && date <= notAfter
    }
}
