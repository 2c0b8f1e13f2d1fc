import Document
import Testing

@testable import Simulator

@Suite("Faults of a virtual card")
struct FaultTests {
    @Test("are named, with a value and a place where they have one")
    func names() throws {
        #expect(try Fault("torn@12") == Fault(.torn, .at(12)))
        #expect(try Fault("torn=1500") == Fault(.tornAtByte(1500)))
        #expect(try Fault("wrong-mac") == Fault(.protection(.wrongMAC)))
        #expect(try Fault("swapped@3+") == Fault(.swapped, .from(3)))
        #expect(
            try Fault("slow=106000/5") == Fault(.slow(LinkSpeed(bitsPerSecond: 106_000, millisecondsPerCommand: 5))))
        #expect(try Fault("announced-length=EF_DG2:endless") == Fault(.announcedLength(.dg2, nil)))
        #expect(try Fault("pace-key=reflected/mapping") == Fault(.paceKey(BadPublicKey(.reflected, inMapping: true))))
    }

    @Test(
        "that there are not are refused",
        arguments: [
            "", "@1", "=", "nothing", "torn", "mute", "torn@", "torn@x", "torn@-1", "torn@1@2", "torn=x", "slow",
            "slow=1", "slow=0/0", "wrong-mac=1", "no-com@1", "61xx=0", "61xx=256", "end-of-file=later",
            "announced-length=EF_DG2", "announced-length=EF_X:1", "pace-key=odd", "delay", "torn@99999999999999999999",
        ])
    func refusals(_ text: String) {
        #expect(throws: SimulatorError.self) { _ = try Fault(text) }
    }

    @Test("each have a line of help and a name of their own")
    func catalogue() {
        let names = FaultCatalogue.entries.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(FaultCatalogue.entries.allSatisfy { $0.summary.hasSuffix(".") })
    }

    @Test("of a file that the card does not have are refused when the chip is made")
    func missingFile() throws {
        let card = try Personalisation(.demo).card(signedBy: TestPKI())
        #expect(throws: SimulatorError.self) { _ = try FaultyChip(card, faults: [Fault("announced-length=EF_DG4:9")]) }
    }

    @Test("of a link come to pass at their command alone, and are counted")
    func places() throws {
        let card = try Personalisation(.demo).card(signedBy: TestPKI())
        let chip = try FaultyChip(card, faults: [Fault("mute@1"), Fault("endless-6cxx@3")])
        let select: [UInt8] = [0x00, 0xA4, 0x04, 0x0C, 0x07] + ChipFiles.applicationIdentifier
        #expect(chip.answer(select) == [0x90, 0x00])
        #expect(chip.answer(select) == nil)
        #expect(chip.answer(select) == [0x90, 0x00])
        #expect(chip.answer(select) == [0x6C, 0x10])
        #expect(chip.answer(select) == [0x6C, 0x10])
        chip.reset()
        #expect(chip.answer(select) == [0x90, 0x00])
        #expect(chip.faultCount == 3 && chip.commandCount == 6)
    }

    @Test("that tear the card away leave it away until it is laid on again")
    func torn() throws {
        let card = try Personalisation(.demo).card(signedBy: TestPKI())
        let chip = try FaultyChip(card, faults: [Fault("torn=20")])
        let select: [UInt8] = [0x00, 0xA4, 0x04, 0x0C, 0x07] + ChipFiles.applicationIdentifier
        #expect(chip.answer(select) == [0x90, 0x00] && !chip.hasLeft)
        #expect(chip.answer(select) == nil && chip.hasLeft)
        chip.reset()
        #expect(chip.answer(select) == [0x90, 0x00] && !chip.hasLeft)
    }
}
