import CardReader
import Document
import Simulator
import Testing

extension ThroughPCSC {
    @Suite("A card taken away")
    struct Removal {
        private let reader: VirtualReader
        private let request = ReadRequest(key: .personalNumber(Citizen.demo.personalNumber), files: .withoutPortrait)

        init() throws { reader = try VirtualReader.shared }

        @Test(
            "while it is read is told as removed, whichever command it misses",
            arguments: [0, 1, 2, 4, 6, 8, 10, 12, 14])
        func whileRead(_ index: Int) throws {
            let inserted = try CardInReader(try TestState.shared.card(.good), in: reader, leavingAtCommand: index)
            let error = #expect(throws: CardReaderError.self) { _ = try inserted.read(request) }
            guard case .cardRemoved? = error?.cause else {
                Issue.record("\(String(describing: error))")
                return
            }
        }

        @Test("and laid on again is read as if nothing had been")
        func again() throws {
            let card = try TestState.shared.card(.good)
            do {
                let inserted = try CardInReader(card, in: reader, leavingAtCommand: 10)
                #expect(throws: CardReaderError.self) { _ = try inserted.read(request) }
            }
            let inserted = try CardInReader(card, in: reader)
            #expect(try inserted.read(request).image[.dg13] == card.image[.dg13])
        }

        @Test("before it is connected to leaves an empty reader")
        func before() throws {
            let inserted = try CardInReader(try TestState.shared.card(.good), in: reader)
            try inserted.takeOut()
            let name = try reader.name()
            #expect(throws: CardReaderError.noCard(reader: name)) { _ = try inserted.read(request) }
        }
    }
}
