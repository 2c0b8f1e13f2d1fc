import CardReader
import Document
import Simulator
import Testing

extension ThroughPCSC {
    @Suite("A fault at one command, through pcscd")
    struct FaultsInReader {
        private let reader: VirtualReader
        private let reads: FaultyReads

        init() throws {
            reader = try VirtualReader.shared
            reads = try FaultyReads(hasPACE: true)
        }

        /// Commands of every stage: master file, PACE, files, chip authentication, files under its keys.
        private static let places = [1, 5, 7, 9, 10, 15, 16, 19]
        /// A chip that leaves has tests of its own; one that is mute holds pcscd up until it is taken away.
        private static let names = FaultCatalogue.entries.filter(\.hasPlace).map(\.name)
            .filter { !["torn", "mute"].contains($0) }

        private func read(_ inserted: CardInReader) -> Result<ChipRead, CardReaderError> {
            Result { () throws(CardReaderError) in try inserted.read(reads.request) }
        }

        @Test("ends by an error that tells of it or comes to the card's own files, and the next read succeeds")
        func sample() throws {
            let slot = ExchangedChip(VirtualCard(reads.card))
            let inserted = try CardInReader(chip: slot, in: reader)
            for name in Self.names {
                for place in Self.places {
                    let chip = try reads.chip("\(name)@\(place)")
                    slot.exchange(for: chip)
                    switch read(inserted) {
                    case .success(let read): #expect(reads.isUnmixed(read), "\(name)@\(place)")
                    case .failure(let error):
                        #expect(
                            chip.faultCount > 0 && FaultNames(name: name).isTold(by: error.cause),
                            "\(name)@\(place): \(error)")
                    }
                    let next = read(inserted)
                    #expect((try? next.get())?.image == reads.clean.image, "after \(name)@\(place): \(next)")
                }
            }
        }

        @Test("is no error where chips may differ", arguments: ["61xx=16", "end-of-file=6cxx", "fci=always", "6cxx"])
        func unlike(_ fault: String) throws {
            let inserted = try CardInReader(chip: reads.chip(fault), in: reader)
            #expect(try read(inserted).get().image == reads.clean.image)
        }

        @Test("tears the card away, and the same card laid on again is read on from there")
        func torn() throws {
            let chip = try reads.chip("torn=\(reads.clean.byteCount - 600)")
            var request = reads.request
            do {
                let inserted = try CardInReader(chip: chip, in: reader)
                let first = read(inserted)
                guard case .failure(.interrupted(let part, .cardRemoved)) = first else {
                    Issue.record("\(first)")
                    return
                }
                request.resuming = part
            }
            let inserted = try CardInReader(chip: chip, in: reader)
            #expect(try inserted.read(request).image == reads.clean.image)
        }
    }
}
