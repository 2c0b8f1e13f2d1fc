/// A public key that no honest chip sends, sent in PACE.
public struct BadPublicKey: Hashable, Sendable {
    /// What is wrong with it.
    public enum Kind: String, CaseIterable, Sendable {
        /// The terminal's own key.
        case reflected
        /// A point with coordinates below the prime that do not fulfil the curve's equation; for integers, p.
        case offCurve = "off-curve"
        /// The point at infinity, encoded as one zero; for integers, 1.
        case infinity
        /// A point of order two of another curve with the same prime; for integers, p − 1.
        case smallOrder = "small-order"
    }

    /// What is wrong with it.
    public var kind: Kind
    /// Whether it is sent in the mapping, or else in the key agreement.
    public var inMapping: Bool

    /// - Parameters:
    ///   - kind: What is wrong with it.
    ///   - inMapping: Whether it is sent in the mapping, or else in the key agreement.
    public init(_ kind: Kind, inMapping: Bool = false) {
        self.kind = kind
        self.inMapping = inMapping
    }

    /// What is sent instead of `publicKey`; nil when this is not the step for it.
    func key(instead publicKey: [UInt8], of group: ChipGroup, terminalKey: [UInt8], inMapping: Bool) -> [UInt8]? {
        guard inMapping == self.inMapping else { return nil }
        switch (kind, group) {
        case (.reflected, _): return terminalKey
        case (.infinity, .curve): return [0x00]
        case (.infinity, .integers): return [0x01]
        case (.offCurve, .curve): return publicKey.dropLast() + [(publicKey.last ?? 0) ^ 1]
        case (.offCurve, .integers(let group)): return group.prime.bytes
        case (.smallOrder, .curve):
            // With y = 0 a point is its own negative, whatever curve it is on.
            let half = (publicKey.count - 1) / 2
            return publicKey.prefix(1 + half) + [UInt8](repeating: 0, count: half)
        case (.smallOrder, .integers(let group)):
            return group.prime.bytes.dropLast() + [group.prime.bytes.last.map { $0 ^ 1 } ?? 0]
        }
    }
}
