import Crypto
import Document
import Foundation
import Simulator
import TestSupport
import Testing
import Verifier

/// Flips single bits of an EF.SOD. Each is refused, or stands where nobody signs and nobody reads: those places have a
/// name here, and where the verdict has a word for the change, it must say it.
///
/// A sample of the bits is drawn from a fixed seed; `CCCD_MUTATE=all` flips them all.
@Suite("Mutation")
struct MutationTests {
    /// A place of EF.SOD whose bits may change without the signature being refused.
    enum UnsignedPlace: String {
        /// Versions of SignedData and SignerInfo: nobody signs them, and they say nothing that the structure does not show.
        case syntaxVersion
        /// The hash algorithms announced: each signer names his own, which is the one that is used.
        case digestAlgorithms
        /// The issuer's name as the signer identifier writes it, in equivalent letters or string types.
        case signerIdentifier
        /// Certificates of others than the signer.
        case otherCertificates
        /// Revocation lists that came along: only those of the trust store are heeded.
        case revocationLists
        /// A signer beside the one that is judged, once his identifier names no certificate or his algorithm is unknown.
        case furtherSigner
        /// sha1WithRSAEncryption, which one bit makes rsaEncryption: the same scheme with the hash that the signer names.
        case signatureAlgorithmName
        /// Unsigned attributes of a signer.
        case unsignedAttributes
        /// How lengths are written, and bytes behind the end.
        case encoding

        /// What the verdict must say of a change there; nil where the place means nothing to anyone.
        var tolerances: Set<String>? {
            switch self {
            case .syntaxVersion: ["syntaxVersion"]
            case .digestAlgorithms: ["digestAlgorithmNotAnnounced"]
            case .signerIdentifier: ["issuerNameEncoding"]
            case .furtherSigner: ["furtherSignerNotJudged", "issuerNameEncoding"]
            case .encoding: ["indefiniteLength", "nonMinimalLength", "trailingBytes"]
            case .otherCertificates, .revocationLists, .unsignedAttributes, .signatureAlgorithmName: nil
            }
        }
    }

    struct Subject: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// The file and the CSCA that its signer chains to.
        var make: @Sendable () throws -> (file: [UInt8], anchor: [UInt8])

        static let chains = RealChain.all.map { chain in
            Subject(testDescription: chain.name) { (chain.securityObject, chain.anchor) }
        }

        static let variants = Variant.all.map { variant in
            Subject(testDescription: variant.testDescription) {
                let state = try variant.state()
                return (try #require(state.card.image[.sod]), state.pki.countrySigner.certificate)
            }
        }

        static let forms = VariantsTests.forms.map { form in
            Subject(testDescription: form.testDescription) {
                let state = try ForgedState.shared()
                return (
                    try form.make(try state.securityObject(), state), state.pki.countrySigner.certificate
                )
            }
        }
    }

    private static let flipsAll = ProcessInfo.processInfo.environment["CCCD_MUTATE"] == "all"

    private static func isAccepted(_ verdict: Verdict) -> Bool {
        [CheckIdentifier.sodStructure, .sodSignature, .signerChain].allSatisfy { verdict.check($0)?.result == .passed }
            && [.passed, .notApplicable].contains(verdict.check(.sodMessageDigest)?.result)
    }

    @Test(
        "each flipped bit of a real EF.SOD is refused, or stands in a named place that nobody signs",
        arguments: Subject.chains)
    func chains(_ subject: Subject) throws { try flip(subject, sampleCount: 200) }

    @Test(
        "each flipped bit of a generated EF.SOD is refused, or stands in a named place that nobody signs",
        arguments: Subject.variants)
    func variants(_ subject: Subject) throws { try flip(subject, sampleCount: 40) }

    @Test(
        "each flipped bit of an EF.SOD in a tolerated form is refused, or stands in a named place that nobody signs",
        arguments: Subject.forms)
    func forms(_ subject: Subject) throws { try flip(subject, sampleCount: 40) }

    private func flip(_ subject: Subject, sampleCount: Int) throws {
        let (file, anchor) = try subject.make()
        var trust = TrustStore()
        try trust.add(Certificate(der: anchor))
        let verifier = CardVerifier(trust: trust)
        func judge(_ bytes: [UInt8]) -> Verdict {
            verifier.verify(Evidence(image: CardImage(files: [.sod: bytes]), date: RealChain.date))
        }
        let before = judge(file)
        try #require(Self.isAccepted(before), "\(before.failures)")
        let original = try SecurityObject(file)
        var generator = SplitMix64(seed: UInt64(file.count))
        let count = file.count * 8
        let bits = Self.flipsAll ? Array(0..<count) : (0..<sampleCount).map { _ in generator.next(below: count) }
        var accepted: [String: Int] = [:]
        for bit in bits {
            var bytes = file
            bytes[bit / 8] ^= 0x80 >> UInt8(bit % 8)
            let verdict = judge(bytes)
            guard Self.isAccepted(verdict) else { continue }
            let changed = try SecurityObject(bytes)
            guard let place = Self.place(original, changed, signer: verdict.signerCertificate(in: changed)) else {
                Issue.record("bit \(bit % 8) of byte \(bit / 8) is accepted")
                continue
            }
            accepted[place.rawValue, default: 0] += 1
            guard let wanted = place.tolerances else { continue }
            #expect(
                !verdict.tolerances.isDisjoint(with: wanted), "bit \(bit % 8) of byte \(bit / 8), \(place), is not told"
            )
        }
        if Self.flipsAll { print("\(subject.testDescription): \(bits.count) bits, accepted \(accepted)") }
    }

    private static func isSHA1WithRSA(_ identifier: AlgorithmIdentifier) -> Bool {
        identifier.algorithm == ObjectIdentifier([1, 2, 840, 113549, 1, 1, 5])
    }

    private static func isRSA(_ identifier: AlgorithmIdentifier) -> Bool {
        identifier.algorithm == ObjectIdentifier([1, 2, 840, 113549, 1, 1, 1]) && identifier.hasNoParameters
    }

    /// The one place in which both differ; nil when they differ elsewhere, or in what is signed or used.
    private static func place(_ a: SecurityObject, _ b: SecurityObject, signer: [UInt8]?) -> UnsignedPlace? {
        func certificates(_ object: SecurityObject) -> [[UInt8]] {
            object.signedData.certificates.map { Array(object.bytes[$0]) }
        }
        func lists(_ object: SecurityObject) -> [[UInt8]] {
            object.signedData.revocationLists.map { Array(object.bytes[$0]) }
        }
        var places: [UnsignedPlace] = []
        let (x, y) = (a.signedData, b.signedData)
        guard a.lds == b.lds, x.contentType == y.contentType, x.signers.count == y.signers.count,
            x.content.map({ a.bytes[$0] }) == y.content.map({ b.bytes[$0] })
        else { return nil }
        if x.version != y.version { places.append(.syntaxVersion) }
        if x.digestAlgorithms != y.digestAlgorithms { places.append(.digestAlgorithms) }
        let (ours, theirs) = (certificates(a), certificates(b))
        if ours != theirs {
            guard let signer, ours.contains(signer), theirs.contains(signer) else { return nil }
            places.append(.otherCertificates)
        }
        if lists(a) != lists(b) { places.append(.revocationLists) }
        for (p, q) in zip(x.signers, y.signers) {
            if p.version != q.version { places.append(.syntaxVersion) }
            let isRenamed = Self.isSHA1WithRSA(p.signatureAlgorithm) && Self.isRSA(q.signatureAlgorithm)
            if isRenamed { places.append(.signatureAlgorithmName) }
            let isSame =
                p.digestAlgorithm == q.digestAlgorithm && (isRenamed || p.signatureAlgorithm == q.signatureAlgorithm)
                && a.bytes[p.signature] == b.bytes[q.signature]
                && p.signedAttributes.map { a.bytes[$0.content] } == q.signedAttributes.map { b.bytes[$0.content] }
            if p.identifier != q.identifier || !isSame {
                // Of several signers one may cease to be judged; a single one must be the same in all that is used.
                guard isSame || x.signers.count > 1 else { return nil }
                places.append(x.signers.count > 1 ? .furtherSigner : .signerIdentifier)
            }
        }
        if places.isEmpty { return a.tolerances == b.tolerances ? .unsignedAttributes : .encoding }
        return places.count == 1 ? places[0] : nil
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers from the same seed, everywhere.
struct SplitMix64 {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    mutating func next(below bound: Int) -> Int { Int(truncatingIfNeeded: next() % UInt64(max(1, bound))) }
}

extension Verdict {
    /// Every tolerance that the verdict tells.
    var tolerances: Set<String> {
        Set(
            checks.filter { $0.reason == .okWithTolerances }.flatMap { check -> [String] in
                if case .list(let names) = check.detail { names } else { [] }
            })
    }

    /// The certificate in `object` that the verdict names as the signer's.
    func signerCertificate(in object: SecurityObject) -> [UInt8]? {
        object.signedData.certificates.map { Array(object.bytes[$0]) }.first {
            (try? Certificate(der: $0))?.serialNumber == signer?.serialNumber
        }
    }
}
