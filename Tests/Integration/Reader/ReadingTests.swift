import CardReader
import Crypto
import Document
import Simulator
import Testing
import Verifier

extension ThroughPCSC {
    @Suite("A card in the reader")
    struct Reading {
        private let reader: VirtualReader
        private let state: TestState

        init() throws {
            reader = try VirtualReader.shared
            state = try TestState.shared
        }

        /// A card without PACE, as some documents are: only the machine readable zone opens it.
        private func olderCard() throws -> PersonalisedCard {
            var personalisation = Personalisation(.demo)
            personalisation.pace = []
            return try personalisation.card(signedBy: state.state)
        }

        private func zoneFields(of card: PersonalisedCard) throws -> AccessFields {
            let zone = try #require(card.image[.dg1])
            return try DataGroup1(zone.span).mrz.accessFields
        }

        @Test("is read whole by PACE with the personal number, byte for byte")
        func personalNumber() throws {
            let card = try state.card(.good)
            let inserted = try CardInReader(card, in: reader)
            let read = try inserted.read(ReadRequest(key: .personalNumber(Citizen.demo.personalNumber)))
            #expect(read.image == card.image)
            #expect(read.unread.isEmpty)
            guard case .pace(_, let parameterID, let password) = read.access else {
                Issue.record("opened by \(read.access)")
                return
            }
            #expect(parameterID == 13)
            #expect(password == .can)
        }

        @Test("is read by PACE with the zone's fields, another CAN, and the QR text")
        func otherKeys() throws {
            let card = try state.card(.good)
            let inserted = try CardInReader(card, in: reader)
            let keys: [AccessKey] = [
                .mrz(try zoneFields(of: card)), .can(Citizen.demo.personalNumber.can),
                .qr(try QRText(Citizen.demo.qrText)),
            ]
            for key in keys {
                let read = try inserted.read(ReadRequest(key: key, files: .withoutPortrait))
                #expect(read.image[.dg1] == card.image[.dg1], "\(key.kind)")
                guard case .pace = read.access else {
                    Issue.record("\(key.kind) opened by \(read.access)")
                    continue
                }
            }
        }

        @Test("is read without the portrait when that is asked for, and all else is there")
        func withoutPortrait() throws {
            let card = try state.card(.good)
            let inserted = try CardInReader(card, in: reader)
            let read = try inserted.read(
                ReadRequest(key: .personalNumber(Citizen.demo.personalNumber), files: .withoutPortrait))
            var expected = card.image
            expected[.dg2] = nil
            #expect(read.image == expected)
        }

        @Test("without PACE is read whole by BAC with the zone's fields")
        func basicAccessControl() throws {
            let card = try olderCard()
            let inserted = try CardInReader(card, in: reader)
            let read = try inserted.read(ReadRequest(key: .mrz(try zoneFields(of: card))))
            #expect(read.image == card.image)
            #expect(read.access == .basicAccessControl)
        }

        @Test("without PACE is read by BAC without the portrait")
        func basicAccessControlWithoutPortrait() throws {
            let card = try olderCard()
            let inserted = try CardInReader(card, in: reader)
            let read = try inserted.read(ReadRequest(key: .mrz(try zoneFields(of: card)), files: .withoutPortrait))
            #expect(read.image[.dg2] == nil)
            #expect(read.image[.dg13] == card.image[.dg13])
            #expect(read.access == .basicAccessControl)
        }

        @Test("without PACE is read by BAC with the QR text, from which the zone's fields follow")
        func basicAccessControlByQRText() throws {
            let card = try olderCard()
            let inserted = try CardInReader(card, in: reader)
            let read = try inserted.read(
                ReadRequest(key: .qr(try QRText(Citizen.demo.qrText)), files: .withoutPortrait))
            #expect(read.image[.dg1] == card.image[.dg1])
            #expect(read.access == .basicAccessControl)
        }

        @Test("refuses another person's number, and opens to the right one after it")
        func wrongNumber() throws {
            let inserted = try CardInReader(try state.card(.good), in: reader)
            let other = try PersonalNumber("001090054321")
            let error = #expect(throws: CardReaderError.self) {
                _ = try inserted.read(ReadRequest(key: .personalNumber(other)))
            }
            guard case .wrongKey(let attempts)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(!attempts.isEmpty)
            _ = try inserted.read(
                ReadRequest(key: .personalNumber(Citizen.demo.personalNumber), files: .withoutPortrait))
        }

        @Test("without PACE refuses the fields of another zone")
        func wrongZone() throws {
            let card = try olderCard()
            let inserted = try CardInReader(card, in: reader)
            let own = try zoneFields(of: card)
            let other = try AccessFields(
                documentNumber: own.documentNumber, birthDate: own.birthDate, expiryDate: "300316")
            let error = #expect(throws: CardReaderError.self) { _ = try inserted.read(ReadRequest(key: .mrz(other))) }
            guard case .wrongKey? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }

        @Test("without PACE does not open to the personal number alone, and says so")
        func keyNotUsable() throws {
            let inserted = try CardInReader(try olderCard(), in: reader)
            let error = #expect(throws: CardReaderError.self) {
                _ = try inserted.read(ReadRequest(key: .personalNumber(Citizen.demo.personalNumber)))
            }
            guard case .keyNotUsable(key: .personalNumber, _)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }

        @Test("is judged by what was read: proven, altered, a stranger's", arguments: TestState.Kind.allCases)
        func judged(_ kind: TestState.Kind) throws {
            let inserted = try CardInReader(try state.card(kind), in: reader)
            let read = try inserted.read(ReadRequest(key: .personalNumber(Citizen.demo.personalNumber)))
            var trust = TrustStore()
            try trust.add(Certificate(der: state.anchor))
            let verdict = CardVerifier(trust: trust).verify(Evidence(image: read.image, proofs: read.proofs))
            switch kind {
            case .good:
                #expect(verdict.outcome == .genuine || verdict.outcome == .authenticData)
                #expect(verdict.check(.dataGroupsComplete)?.result == .passed)
                #expect(verdict.holder?.isProven == true)
            case .tampered:
                #expect(verdict.outcome == .invalid)
                #expect(verdict.check(.dataGroupsHash)?.reason == .hashMismatch)
                #expect(verdict.check(.signerChain)?.result == .passed)
            case .stranger:
                #expect(verdict.outcome == .unverified || verdict.outcome == .invalid)
                #expect(verdict.check(.signerChain)?.result != .passed)
                #expect(verdict.holder?.isProven != true)
            }
        }
    }
}
