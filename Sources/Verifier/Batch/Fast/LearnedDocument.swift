import Document
import Synchronization

/// A kind of card as `CardVerifier` judged one of them: which files it has, what stands in those that are not the holder's,
/// and what was said of it apart from its signer. It holds for every card that is equal in all of that.
final class LearnedDocument: Sendable {
    /// What is compared beside the files' content.
    struct Traits: Hashable {
        /// Which files there are.
        var files: UInt32 = 0
        /// Which data groups EF.SOD lists.
        var listed: UInt32 = 0
        var neverExpires = false
        var isExpired = false
        var isProvinceKnown = false
        var isExpiryLawful = false
    }

    let traits: Traits
    /// What was said of the card, in the order of the verdict.
    let outcomes: [CheckOutcome]
    let validity: [ValidityRemark]
    let identifier = LearnedIdentifier.next()
    private let files: [(place: Int, content: MaskedFile)]

    /// Nil unless the holder's data was found to agree on this card.
    init?(_ verdict: Verdict, _ traits: Traits, _ image: CardImage) {
        // Deviations of EF.SOD or its signature are one card's: whatever is told of them holds for no other.
        // What is tolerated of one card's EF.SOD is not to be told of others.
        guard verdict.passed(.sodStructure), verdict.passed(.sodMessageDigest), verdict.passed(.sodSignature),
            verdict.passed(.dataGroupsHash), verdict.check(.holderConsistency)?.result == .passed
        else { return nil }
        self.traits = traits
        validity = verdict.validity
        outcomes = verdict.checks.filter { !LearnedSigner.checks.contains($0.id) }
        var files: [(Int, MaskedFile)] = []
        for (file, place) in [
            (ElementaryFile.com, RecordFiles.com), (.cardAccess, RecordFiles.cardAccess),
        ] {
            if let bytes = image[file] { files.append((place, MaskedFile(whole: bytes))) }
        }
        for number in [14, 15] {
            guard let file = ElementaryFile.dataGroup(number), let bytes = image[file] else { continue }
            files.append((RecordFiles.dataGroup(number), MaskedFile(keysIn: bytes)))
        }
        self.files = files.map { (place: $0.0, content: $0.1) }
    }

    /// Whether a card is of this kind.
    @inline(__always)
    func matches(_ record: Span<UInt8>, _ places: RecordFiles, _ traits: Traits) -> Bool {
        guard traits == self.traits else { return false }
        for (place, content) in files {
            guard let range = places.range(place), content.matches(record.extracting(range)) else { return false }
        }
        return true
    }
}

/// Numbers that tell learned things apart.
enum LearnedIdentifier {
    private static let last = Atomic<UInt64>(0)

    static func next() -> UInt64 { last.add(1, ordering: .relaxed).newValue }
}
