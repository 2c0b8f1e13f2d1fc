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
        case wrong
        case unsupported(String)
        case noCertificate
        case unusableCertificate(String)

        var isValid: Bool { self == .valid }
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

    init(_ info: SignerInfo, of object: SecurityObject, trust: TrustStore) {
        self.info = info
        let digestAlgorithm = SignatureAlgorithms.digest(info.digestAlgorithm)
        let scheme = SignatureAlgorithms.scheme(info.signatureAlgorithm, digest: digestAlgorithm)
        self.scheme = scheme
        digest = Self.judgeDigest(info, of: object, with: digestAlgorithm)
        let judged = Self.certificates(for: info, in: object).map {
            Candidate($0, info: info, scheme: scheme, object: object, trust: trust)
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
    var signingTime: Date? {
        guard let text = info.signedAttributes?.signingTime, text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let digits = Array(text.dropLast())
        guard text.hasSuffix("Z"), digits.count == 12 || digits.count == 14 else { return nil }
        // UTCTime: 50 to 99 are the years of the 20th century (RFC 5280, 4.1.2.5.1).
        let century = digits.count == 14 ? "" : digits[0] >= "5" ? "19" : "20"
        let full = Array(century) + digits
        let date = "\(String(full[0..<4]))-\(String(full[4..<6]))-\(String(full[6..<8]))"
        let time = "\(String(full[8..<10])):\(String(full[10..<12])):\(String(full[12..<14]))"
        return try? Date("\(date)T\(time)Z", strategy: .iso8601)
    }

    private static func judgeDigest(
        _ info: SignerInfo, of object: SecurityObject, with algorithm: DigestAlgorithm?
    ) -> DigestFinding {
        guard let attributes = info.signedAttributes else { return .noAttributes }
        guard let algorithm else { return .unsupported }
        guard let contentType = attributes.contentType, let messageDigest = attributes.messageDigest,
            let content = object.signedData.content
        else { return .incompleteAttributes }
        guard contentType == object.signedData.contentType else { return .contentTypeDiffers }
        let hash = try? Digest.hash(object.bytes.span.extracting(content), with: algorithm)
        return hash.map { $0[...] } == object.bytes[messageDigest] ? .matches : .differs
    }

    private static func certificates(for info: SignerInfo, in object: SecurityObject) -> [Certificate] {
        object.signedData.certificates
            .compactMap { try? Certificate(der: Array(object.bytes[$0])) }
            .filter { matches($0, info.identifier) }
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
            _ certificate: Certificate, info: SignerInfo, scheme: SignatureScheme?, object: SecurityObject,
            trust: TrustStore
        ) {
            self.certificate = certificate
            chain = Self.chain(of: certificate, trust: trust)
            do throws(CryptoError) {
                let key = try certificate.publicKey()
                self.key = key
                signature = Self.judge(info, scheme: scheme, object: object, key: key)
            } catch {
                key = nil
                signature = .unusableCertificate("\(error)")
            }
        }

        private static func judge(
            _ info: SignerInfo, scheme: SignatureScheme?, object: SecurityObject, key: PublicKey
        ) -> SignatureFinding {
            guard let scheme else { return .unsupported("\(info.signatureAlgorithm.algorithm)") }
            let bytes = object.bytes
            let message: [UInt8]
            if let attributes = info.signedAttributes {
                message = TLVEncoder.element(.set, Array(bytes[attributes.content]))
            } else if let content = object.signedData.content {
                message = Array(bytes[content])
            } else {
                return .wrong
            }
            do throws(CryptoError) {
                return try key.verify(signature: Array(bytes[info.signature]), message: message, scheme: scheme)
                    ? .valid : .wrong
            } catch {
                return .unsupported("\(error)")
            }
        }

        private static func chain(of certificate: Certificate, trust: TrustStore) -> ChainFinding {
            guard !trust.anchors.isEmpty else { return .noAnchors }
            guard !certificate.isSelfIssued else { return .selfSigned }
            let candidates = trust.candidates(for: certificate)
            if let anchor = candidates.first(where: { certificate.isSigned(by: $0.key) }) { return .anchored(anchor) }
            if candidates.isEmpty { return .unknownIssuer }
            return .notSigned(by: candidates.map(\.certificate.subject.text))
        }
    }
}
