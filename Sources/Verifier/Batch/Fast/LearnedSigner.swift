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

    private let periods: SignerPeriods
    /// Whether the choice of the CSCA's certificate does not depend on the date.
    let isOnlyAnchor: Bool
    /// The date at which both certificates had to be valid for the card that was judged.
    private let judgedDate: Double
    private let certificate: [UInt8]
    private let parts: [[UInt8]]
    private let documentKind: [UInt8]

    /// Nil unless the signature, the chain and the dates were found right on this card.
    init?(
        _ verdict: Verdict, _ examination: Examination, _ walk: SecurityObjectWalk, sod: Span<UInt8>,
        documentKind: [UInt8], keys: BatchKeys
    ) {
        guard verdict.passed(.sodStructure), verdict.passed(.sodMessageDigest), verdict.passed(.sodSignature),
            verdict.passed(.signerChain), verdict.passed(.dataGroupsHash),
            verdict.check(.signerValidity)?.result == .passed,
            examination.signers.count == 1, let signer = examination.principalSigner, signer.signature == .valid,
            let certificate = signer.certificate, let publicKey = signer.key, let scheme = signer.scheme,
            let anchor = signer.chain.anchor, let summary = verdict.signer, let lds = examination.lds,
            let digest = SignatureAlgorithms.digest(signer.info.digestAlgorithm),
            let groupDigest = SignatureAlgorithms.digest(lds.hashAlgorithm),
            let period = try? certificate.privateKeyUsagePeriod()
                ?? PrivateKeyUsagePeriod(notBefore: nil, notAfter: nil),
            let periods = SignerPeriods(
                notBefore: certificate.notBefore.timeIntervalSince1970,
                notAfter: certificate.notAfter.timeIntervalSince1970,
                useFrom: period.notBefore?.timeIntervalSince1970, useTo: period.notAfter?.timeIntervalSince1970,
                anchor: anchor.certificate)
        else { return nil }
        let bytes = Self.copy(sod, walk.certificate)
        guard certificate.der == bytes else { return nil }
        self.scheme = scheme
        self.digest = digest
        self.groupDigest = groupDigest
        self.summary = summary
        self.certificate = bytes
        self.documentKind = documentKind
        self.periods = periods
        key = keys.key(for: bytes, publicKey)
        parts = Self.parts(walk).map { Self.copy(sod, $0) }
        outcomes = verdict.checks.filter { Self.checks.contains($0.id) }
        isOnlyAnchor = examination.trust.candidates(for: certificate).count == 1
        judgedDate = examination.certificateDate.timeIntervalSince1970
    }

    /// Another signer, of whom the same is said as of `example`.
    init(
        like example: LearnedSigner, _ walk: SecurityObjectWalk, sod: Span<UInt8>, key: BatchKey,
        summary: SignerSummary, periods: SignerPeriods
    ) {
        (scheme, digest, groupDigest) = (example.scheme, example.digest, example.groupDigest)
        (outcomes, documentKind) = (example.outcomes, example.documentKind)
        (isOnlyAnchor, judgedDate) = (example.isOnlyAnchor, example.judgedDate)
        self.key = key
        self.summary = summary
        self.periods = periods
        certificate = Self.copy(sod, walk.certificate)
        parts = Self.parts(walk).map { Self.copy(sod, $0) }
    }

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
            && BatchBytes.areEqual(record.extracting(walk.signer), parts[3])
            && hasSameForm(record, walk, documentKind: kind)
    }

    /// Whether the card was signed in this way by whomever, and its document is of the same kind.
    @inline(__always)
    func hasSameForm(_ record: Span<UInt8>, _ walk: SecurityObjectWalk, documentKind kind: Range<Int>) -> Bool {
        BatchBytes.areEqual(record.extracting(walk.preamble), parts[0])
            && BatchBytes.areEqual(record.extracting(walk.ldsHeader), parts[1])
            && BatchBytes.areEqual(record.extracting(walk.ldsTrailer), parts[2])
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
        guard periods.validity.contains(date), isOnlyAnchor || date == judgedDate else { return false }
        if let signedAt, !periods.signing.contains(signedAt) { return false }
        if let issuedAt, !periods.issue.contains(issuedAt) { return false }
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

/// Between which moments, in seconds since 1970, what is said of a signer holds.
struct SignerPeriods: Sendable {
    /// When both certificates are valid.
    let validity: ClosedRange<Double>
    /// When he may have signed.
    let signing: ClosedRange<Double>
    /// When documents may have been issued.
    let issue: ClosedRange<Double>

    /// Nil when one of them is empty.
    ///
    /// - Parameters:
    ///   - notBefore: The first moment of the signer's certificate.
    ///   - notAfter: Its last moment.
    ///   - useFrom: The first moment of the private key's use, if it is told.
    ///   - useTo: The last moment of its use, if it is told.
    ///   - anchor: The CSCA's certificate.
    init?(notBefore: Double, notAfter: Double, useFrom: Double?, useTo: Double?, anchor: Certificate) {
        let (start, end) = (useFrom ?? -.infinity, useTo ?? .infinity)
        let first = max(notBefore, anchor.notBefore.timeIntervalSince1970)
        let last = min(notAfter, anchor.notAfter.timeIntervalSince1970)
        guard notBefore <= notAfter, first <= last, start <= end, max(notBefore, start) <= min(notAfter, end) else {
            return nil
        }
        validity = first...last
        issue = start...end
        signing = max(notBefore, start)...min(notAfter, end)
    }
}
