import Crypto
import Document
import FoundationEssentials

/// A certificate that fits a signer identifier, with what it leads to: whether the signature is by its key, and which trust
/// anchor issued it.
struct SignerCandidate: Sendable {
    /// Where a certificate was found.
    enum Origin: String, Sendable {
        case securityObject
        case trustStore
    }

    let certificate: Certificate
    let origin: Origin
    /// How the signer identifier names the certificate otherwise than it should.
    let tolerances: Set<SignatureTolerance>
    let key: PublicKey?
    let signature: SignerExamination.SignatureFinding
    let chain: SignerExamination.ChainFinding
    private let date: Date

    init(
        _ fitting: SignerExamination.FittingCertificate, info: SignerInfo, scheme: SignatureScheme?,
        of signedData: SignedData, in bytes: [UInt8], trust: TrustStore, date: Date
    ) {
        certificate = fitting.certificate
        origin = fitting.origin
        tolerances = fitting.tolerances
        self.date = date
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
    ) -> SignerExamination.SignatureFinding {
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

    /// Every anchor that has the issuer's name, the likeliest first, with all that speaks against it. Each costs a
    /// signature verification, so this is for explanations alone.
    func anchors(in trust: TrustStore) -> [AnchorExamination] {
        guard !certificate.isSelfIssued else { return [] }
        return trust.candidates(for: certificate).map {
            AnchorExamination($0, of: certificate, isSigned: certificate.isSigned(by: $0.key), date: date)
        }
    }

    private static func chain(
        of certificate: Certificate, trust: TrustStore, date: Date
    ) -> SignerExamination.ChainFinding {
        guard !trust.hasNoAnchors else { return .noAnchors }
        guard !certificate.isSelfIssued else { return .selfSigned }
        let candidates = trust.candidates(for: certificate)
        guard !candidates.isEmpty else { return .unknownIssuer }
        guard let issuer = AnchorExamination.issuer(of: certificate, among: candidates, date: date) else {
            return .notSigned(by: candidates.map(\.certificate.subject.text))
        }
        return .anchored(issuer)
    }
}
