import Crypto
import Simulator

/// `--fault` and `--pace` of `cccd simulate card`.
enum FaultyCardOption {
    /// The list of faults for the help.
    static var help: String {
        let entries = FaultCatalogue.entries
        let width = (entries.map(\.form.count).max() ?? 0) + 2
        return entries.map { entry in
            "  " + entry.form + String(repeating: " ", count: width - entry.form.count) + entry.summary
        }.joined(separator: "\n")
    }

    /// The chip of a card with the faults asked for.
    ///
    /// - Parameter other: Makes the card that comes in its place.
    static func chip(
        _ card: PersonalisedCard, _ arguments: Arguments, other: () throws -> PersonalisedCard
    ) throws -> any SimulatedChip {
        let faults = try arguments.all("--fault").map(fault)
        guard !faults.isEmpty else { return VirtualCard(card) }
        let isSwapped = faults.contains { $0.kind == .swapped }
        return try FaultyChip(card, faults: faults, other: isSwapped ? try other() : nil)
    }

    private static func fault(_ text: String) throws -> Fault {
        do throws(SimulatorError) { return try Fault(text) } catch { throw UsageError(description: error.description) }
    }

    /// The way of PACE that `text` names, as `gm-13-aes128`.
    static func offer(_ text: String) throws -> PACEOffer {
        let mappings: [String: PACEOffer.Mapping] = ["gm": .generic, "im": .integrated, "cam": .chipAuthentication]
        let ciphers: [String: CipherAlgorithm] = [
            "3des": .tripleDES, "aes128": .aes128, "aes192": .aes192, "aes256": .aes256,
        ]
        let parts = text.split(separator: "-").map(String.init)
        guard parts.count == 3, let mapping = mappings[parts[0]], let id = Int(parts[1]), let cipher = ciphers[parts[2]]
        else { throw UsageError(description: "--pace must be as gm-13-aes128") }
        let offer = PACEOffer(mapping: mapping, cipher: cipher, parameterID: id)
        guard offer.isDefined else { throw UsageError(description: "Doc 9303 has no PACE by \(text)") }
        return offer
    }
}
