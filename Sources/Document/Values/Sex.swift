/// The holder's sex as documents state it.
public enum Sex: Hashable, Sendable, CaseIterable {
    /// `M` in a machine readable zone, `Nam` on a Vietnamese card.
    case male
    /// `F` in a machine readable zone, `Nữ` on a Vietnamese card.
    case female
    /// `<` or `X` in a machine readable zone (Doc 9303-5, 4.2.2): not stated.
    case unspecified
}
