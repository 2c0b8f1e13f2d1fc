import CardReader
import Document
import Simulator
import Testing

extension ThroughPCSC {
    @Suite("A card moved while it is read")
    struct Moved {
        private let reader: VirtualReader
        private let card: PersonalisedCard
        private let request = ReadRequest(key: .personalNumber(Citizen.demo.personalNumber), timeLimit: .seconds(60))

        init() throws {
            reader = try VirtualReader.shared
            card = try TestState.shared.card(.good)
        }

        private func persistent(_ seconds: Int) throws -> PersistentRead {
            PersistentRead(reader: try reader.name(), patience: .seconds(seconds))
        }

        @Test("is read on when it comes back, as often as it goes, and every file is as it should be")
        func comesBack() throws {
            var inserted: CardInReader? = try CardInReader(card, in: reader, leavingAtCommand: 21)
            var kept: [Int] = []
            var further = [13]
            let read = try persistent(20).run(
                request,
                interrupted: { interruption in
                    kept.append(interruption.byteCount)
                    inserted = nil
                    inserted = try? CardInReader(card, in: reader, leavingAtCommand: further.popLast())
                })
            #expect(read.image == card.image)
            #expect(kept.count == 2 && kept == kept.sorted() && kept[0] > 0)
            withExtendedLifetime(inserted) {}
        }

        @Test("before anything was read is read from the start when it comes back")
        func beforeAnything() throws {
            var inserted: CardInReader? = try CardInReader(card, in: reader, leavingAtCommand: 5)
            var kept: [Int] = []
            let read = try persistent(20).run(
                request,
                interrupted: { interruption in
                    kept.append(interruption.byteCount)
                    inserted = nil
                    inserted = try? CardInReader(card, in: reader)
                })
            #expect(read.image == card.image)
            #expect(kept == [0])
            withExtendedLifetime(inserted) {}
        }

        @Test("is not read on when another comes in its place")
        func another() throws {
            var inserted: CardInReader? = try CardInReader(card, in: reader, leavingAtCommand: 21)
            let other = try TestState.shared.card(.stranger)
            #expect(throws: CardReaderError.differentCard) {
                try persistent(20).run(
                    request,
                    interrupted: { _ in
                        inserted = nil
                        inserted = try? CardInReader(other, in: reader)
                    })
            }
            withExtendedLifetime(inserted) {}
        }

        @Test("and not laid on again is told once the patience is over, with what there is to go on from")
        func patience() throws {
            let inserted = try CardInReader(card, in: reader, leavingAtCommand: 21)
            let error = #expect(throws: CardReaderError.self) { try persistent(1).run(request) }
            guard case .interrupted(let partial, .cardRemoved)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(partial.byteCount > 0)
            withExtendedLifetime(inserted) {}
        }

        @Test("is waited for no longer than whoever asked wants it read")
        func cancelled() throws {
            let inserted = try CardInReader(card, in: reader, leavingAtCommand: 21)
            #expect(throws: CardReaderError.cancelled) {
                try persistent(60).run(request, shouldGoOn: { false })
            }
            withExtendedLifetime(inserted) {}
        }
    }
}
