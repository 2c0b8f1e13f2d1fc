import Crypto
import Document
import FoundationEssentials

/// A document signer as `CardVerifier` judged him on one card: his certificate, the algorithms he signed with and what was
/// said of him. It holds for every card that he signed in the same way, within the dates given here.
final class LearnedSigner: Sendable {
    /// The checks that speak of the signer and of nothing on the card but the document's kind and its dates.
    static let checks: Set<CheckIdentifier> = [
        .signerChain, .signerValidity, .signerUsage, .signerRevocation, .signerStrength,
    ]

    let key: BatchKey
    let scheme: SignatureScheme
    /// The hash of the content.
    let digest: DigestAlgorithm
    /// The hash of the data groups.
    let groupDigest: DigestAlgorithm
    /// What was said of the signer, in the order of the verdict.
    let outcomes: [CheckOutcome]
    let summary: SignerSummary
    let identifier = LearnedIdentifier.next()

    /// Between which moments, in seconds since 1970, both certificates are valid.
    private let validDates: ClosedRange<Double>
    /// Whether the choice of the CSCA's certificate does not depend on the date.
    private let isOnlyAnchor: Bool
    /// The date at which both certificates had to be valid for the card that was judged.
    private let judgedDate: Double
    private let signingTimes: ClosedRange<Double>
    private let issueTimes: ClosedRange<Double>
    private let certificate: [UInt8]
    private let parts: [[UInt8]]
    private let documentKind: [UInt8]

    /// Nil unless the signature, the chain and the dates were found right on this card.
    init?(
        _ verdict: Verdict, _ examination: Examination, _ walk: SecurityObjectWalk, sod: Span<UInt8>,
        documentKind: [UInt8], keys: BatchKeys
    ) {
        let mustPass: [CheckIdentifier] = [
            .sodStructure, .sodMessageDigest, .sodSignature, .signerChain, .signerValidity, .dataGroupsHash,
        ]
        guard
            mustPass.allSatisfy({ id in verdict.check(id).map { $0.result == .passed && Self.isPlain($0) } ?? false }),
            examination.signers.count == 1, let signer = examination.principalSigner, signer.signature == .valid,
            let certificate = signer.certificate, let publicKey = signer.key, let scheme = signer.scheme,
            let anchor = signer.chain.anchor, let summary = verdict.signer, let lds = examination.lds,
            let digest = SignatureAlgorithms.digest(signer.info.digestAlgorithm),
            let groupDigest = SignatureAlgorithms.digest(lds.hashAlgorithm),
            let period = try? certificate.privateKeyUsagePeriod()
                ?? PrivateKeyUsagePeriod(notBefore: nil, notAfter: nil)
        else { return nil }
        let bytes = Self.copy(sod, walk.certificate)
        guard certificate.der == bytes else { return nil }
        self.scheme = scheme
        self.digest = digest
        self.groupDigest = groupDigest
        self.summary = summary
        self.certificate = bytes
        self.documentKind = documentKind
        key = keys.key(for: bytes, publicKey)
        parts = Self.parts(walk).map { Self.copy(sod, $0) }
        outcomes = verdict.checks.filter { Self.checks.contains($0.id) }

        let first = certificate.notBefore.timeIntervalSince1970
        let last = max(first, certificate.notAfter.timeIntervalSince1970)
        let usable = max(first, anchor.certificate.notBefore.timeIntervalSince1970)
        let usableUntil = min(last, anchor.certificate.notAfter.timeIntervalSince1970)
        guard usable <= usableUntil else { return nil }
        validDates = usable...usableUntil
        isOnlyAnchor = examination.trust.candidates(for: certificate).count == 1
        judgedDate = examination.certificateDate.timeIntervalSince1970
        let start = period.notBefore?.timeIntervalSince1970 ?? -.infinity
        let end = period.notAfter?.timeIntervalSince1970 ?? .infinity
        guard start <= end, max(first, start) <= min(last, end) else { return nil }
        issueTimes = start...end
        signingTimes = max(first, start)...min(last, end)
    }

    private static func isPlain(_ check: CheckOutcome) -> Bool { check.id == .signerValidity || check.reason == .ok }

    /// Where in an EF.SOD stands what must be equal: how the signer is named and how everything is hashed and signed.
    private static func parts(_ walk: SecurityObjectWalk) -> [Range<Int>] {
        [walk.preamble, walk.ldsHeader, walk.ldsTrailer, walk.signer, walk.signatureAlgorithm]
    }

    private static func copy(_ bytes: Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
        range.map { bytes[$0] }
    }

    /// Whether the card was signed by this signer in this way, and its document is of the same kind.
    @inline(__always)
    func signed(_ record: Span<UInt8>, _ walk: SecurityObjectWalk, documentKind kind: Range<Int>) -> Bool {
        BatchBytes.areEqual(record.extracting(walk.certificate), certificate)
            && BatchBytes.areEqual(record.extracting(walk.preamble), parts[0])
            && BatchBytes.areEqual(record.extracting(walk.ldsHeader), parts[1])
            && BatchBytes.areEqual(record.extracting(walk.ldsTrailer), parts[2])
            && BatchBytes.areEqual(record.extracting(walk.signer), parts[3])
            && BatchBytes.areEqual(record.extracting(walk.signatureAlgorithm), parts[4])
            && BatchBytes.areEqual(record.extracting(kind), documentKind)
    }

    /// Whether what was said of the signer holds for a card with these dates, in seconds since 1970.
    ///
    /// - Parameters:
    ///   - date: When both certificates must be valid.
    ///   - signedAt: The signing time, if it is told.
    ///   - issuedAt: Noon of the day of issue, if it is told.
    @inline(__always)
    func holds(on date: Double, signedAt: Double?, issuedAt: Double?) -> Bool {
        guard validDates.contains(date), isOnlyAnchor || date == judgedDate else { return false }
        if let signedAt, !signingTimes.contains(signedAt) { return false }
        if let issuedAt, !issueTimes.contains(issuedAt) { return false }
        return true
    }

    /// By which signers are looked up: the last bytes of the certificate, which are its signature's.
    @inline(__always)
    static func lookupKey(_ bytes: Span<UInt8>, _ certificate: Range<Int>) -> UInt64 {
        var key: UInt64 = 0
        for index in certificate.suffix(8) { key = key << 8 | UInt64(bytes[index]) }
        return key
    }

    static func lookupKey(_ certificate: [UInt8]) -> UInt64 { certificate.suffix(8).reduce(0) { $0 << 8 | UInt64($1) } }

    var lookupKey: UInt64 { Self.lookupKey(certificate) }
}
