import Crypto
import Document
import FoundationEssentials
import Simulator
import Testing
import Verifier

/// A test State with one card, made once for all tests of this suite, and what they ask of a verdict.
struct ForgedState: Sendable {
    let pki: TestPKI
    let card: PersonalisedCard

    /// The State that the tests trust.
    static func shared() throws -> ForgedState { try made.get() }

    private static let made = Result { try ForgedState(TestPKI()) }

    init(_ pki: TestPKI, _ personalisation: Personalisation = Personalisation(.demo)) throws {
        self.pki = pki
        card = try personalisation.card(signedBy: pki)
    }

    /// In the validity of everything that `TestPKI` makes.
    static let date = moment("2024-06-01")

    static func moment(_ day: String) -> Date {
        (try? Date("\(day)T12:00:00Z", strategy: .iso8601)) ?? .distantPast
    }

    /// A right EF.SOD over the card, to be spoilt.
    func securityObject() throws -> ForgedSecurityObject {
        try ForgedSecurityObject(over: card.image, signer: pki.documentSigner)
    }

    /// The card's image with another EF.SOD.
    func image(_ securityObject: [UInt8]) -> CardImage {
        var image = card.image
        image[.sod] = securityObject
        return image
    }

    /// The verdict on the card with this EF.SOD under the State's own CSCA.
    func verdict(_ object: ForgedSecurityObject) throws -> Verdict { try verdict(try object.file()) }

    /// The verdict on the card with this EF.SOD under the State's own CSCA.
    func verdict(_ securityObject: [UInt8]) throws -> Verdict {
        try Self.verdict(image(securityObject), trusting: [pki.countrySigner.certificate])
    }

    /// The verdict on `image` with nothing but `anchors` trusted.
    static func verdict(_ image: CardImage, trusting anchors: [[UInt8]], date: Date = date) throws -> Verdict {
        var trust = TrustStore()
        for anchor in anchors { try trust.add(Certificate(der: anchor)) }
        return CardVerifier(trust: trust).verify(Evidence(image: image, date: date))
    }
}

extension Verdict {
    /// Requires that the card is refused, by `check` for `reason`.
    func expectRefusal(
        by check: CheckIdentifier, _ reason: CheckReason, _ comment: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let found = self.check(check)
        #expect(outcome == .invalid, "\(comment) \(failures)", sourceLocation: sourceLocation)
        #expect(found?.result == .failed, "\(comment) \(failures)", sourceLocation: sourceLocation)
        #expect(found?.reason == reason, "\(comment) \(failures)", sourceLocation: sourceLocation)
    }

    /// Requires that nothing failed but `checks`.
    func expectNoFailure(
        but checks: Set<CheckIdentifier> = [], _ comment: String = "", sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let failed = self.checks.filter { $0.result == .failed && !checks.contains($0.id) }
        #expect(failed.isEmpty, "\(comment) \(failures)", sourceLocation: sourceLocation)
    }

    /// What failed, for people who read a test's log.
    var failures: String {
        checks.filter { $0.result == .failed }
            .map { "\($0.id.rawValue): \($0.reason.rawValue) \($0.detail.map { "\($0)" } ?? "")" }
            .joined(separator: "; ")
    }
}
