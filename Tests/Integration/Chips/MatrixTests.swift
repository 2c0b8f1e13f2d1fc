import CardReader
import Simulator
import Testing

extension ThroughPCSC {
    @Suite("Every way to open a chip and to have it prove itself")
    struct Matrix {
        @Test("opens to the right key alone, gives its files and proves itself")
        func combinations() throws {
            let reader = try VirtualReader.shared
            let first = try #require(Combination.all.first).card()
            let slot = ExchangedChip(VirtualCard(first))
            let inserted = try CardInReader(chip: slot, in: reader)
            for combination in Combination.all {
                let card = try combination.card()
                slot.exchange(for: VirtualCard(card))
                try combination.check(card) { try inserted.read($0) }
            }
        }
    }
}

/// Where pcscd is not installed, the same without it.
@Suite("Every way to open a chip, without a reader", .enabled(if: !VirtualReader.isInstalled))
struct MatrixWithoutReaderTests {
    @Test("opens to the right key alone, gives its files and proves itself", arguments: Combination.all)
    func combination(_ combination: Combination) throws {
        let card = try combination.card()
        let chip = VirtualCard(card)
        try combination.check(card) { try ChipReader(channel: VirtualChannel(chip)).read($0) }
    }
}
