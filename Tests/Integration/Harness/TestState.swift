import Document
import Simulator

/// The invented State whose cards these tests use, and a stranger whom nobody trusts. Made once for a run.
struct TestState {
    let state: TestPKI
    let stranger: TestPKI

    private static let result = Result { () throws(SimulatorError) in
        TestState(state: try TestPKI(), stranger: try TestPKI())
    }

    static var shared: TestState {
        get throws { try result.get() }
    }

    /// The certificate that the tests trust.
    var anchor: [UInt8] { state.countrySigner.certificate }

    /// A card as a desk meets it.
    enum Kind: String, CaseIterable {
        /// Signed by the State, unaltered.
        case good
        /// One byte of DG13 altered after it was signed.
        case tampered
        /// The same data, signed by the stranger.
        case stranger
    }

    /// The demonstration's citizen on a card of this kind.
    func card(_ kind: Kind) throws(SimulatorError) -> PersonalisedCard {
        var card = try Personalisation(.demo).card(signedBy: kind == .stranger ? stranger : state)
        if kind == .tampered { try card.tamper(with: .dg13, at: 60) }
        return card
    }
}
