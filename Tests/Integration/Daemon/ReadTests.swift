import Document
import Foundation
import Simulator
import Testing

extension ThroughPCSC {
    @Suite("Reads and verifications at the daemon")
    struct Read {
        private struct Answer: Decodable {
            struct Holder: Decodable {
                let isProven: Bool
                let personalNumber: String?
                let fullName: String?
            }
            struct Facts: Decodable {
                let access: String
            }

            let verdict: PrintedVerdict
            let holder: Holder?
            let read: Facts?
            let cardImage: CardImage?
        }

        private struct Problem: Decodable {
            let type: String
            let pointer: String?
        }

        private let reader: VirtualReader
        private let daemon: RunningDaemon

        init() throws {
            reader = try VirtualReader.shared
            daemon = try RunningDaemon()
        }

        private func read(_ members: String = "") throws -> RunningDaemon.Answer {
            try daemon.ask("/v1/read", body: "{\"personalNumber\": \"001090012345\"\(members)}")
        }

        private func verify(_ image: CardImage, _ members: String = "") throws -> RunningDaemon.Answer {
            try daemon.ask(
                "/v1/verify", body: "{\"cardImage\": \(String(decoding: image.json, as: UTF8.self))\(members)}")
        }

        @Test("a card's files are read, and judged again they say the same but for the chip, which is not there")
        func roundTrip() throws {
            let card = try TestState.shared.card(.good)
            let inserted = try CardInReader(card, in: reader)
            let answer = try read(#", "portrait": true, "cardImage": true"#)
            #expect(answer.status == 200)
            let read = try answer.json(Answer.self)
            #expect(read.verdict.outcome == "genuine")
            #expect(read.verdict.result("dataGroups.complete") == "passed")
            #expect(read.read?.access == "pace")
            let image = try #require(read.cardImage)
            for (file, bytes) in image.files { #expect(card.image[file] == bytes, "\(file)") }
            #expect(image[.dg2] != nil)

            let verified = try verify(image).json(Answer.self)
            #expect(verified.verdict.outcome == "authenticData")
            #expect(verified.verdict.result("chip.authentication") == "notPerformed")
            #expect(verified.verdict.reason("chip.authentication") == "noProof")
            #expect(verified.verdict.result("document.lost") == "passed")
            #expect(verified.holder?.isProven == true)
            #expect(verified.holder?.fullName == Citizen.demo.fullName)
            withExtendedLifetime(inserted) {}
        }

        @Test("of the files that are wanted, and those that prove, no other is read")
        func files() throws {
            let inserted = try CardInReader(try TestState.shared.card(.good), in: reader)
            let read = try read(#", "files": ["DG1"], "cardImage": true"#).json(Answer.self)
            #expect(read.verdict.outcome == "genuine")
            #expect(read.verdict.result("dataGroups.complete") != "passed")
            #expect(read.holder?.personalNumber == "001090012345")
            #expect(read.holder?.fullName != Citizen.demo.fullName, "DG1 has no diacritics")
            let files = try #require(read.cardImage).files.keys
            #expect(Set(files).isSuperset(of: [.sod, .com, .dg1, .dg14]))
            #expect(Set(files).isDisjoint(with: [.dg2, .dg13]))
            withExtendedLifetime(inserted) {}
        }

        @Test("a card that was altered, and one of a stranger, are told as by a check-in, from the reader and stored")
        func notGenuine() throws {
            for kind in [TestState.Kind.tampered, .stranger] {
                let card = try TestState.shared.card(kind)
                let inserted = try CardInReader(card, in: reader)
                let read = try read().json(Answer.self)
                let verified = try verify(card.image).json(Answer.self)
                for answer in [read, verified] {
                    #expect(["unverified", "invalid"].contains(answer.verdict.outcome))
                    #expect(answer.holder?.isProven != true)
                }
                #expect(read.cardImage == nil)
                #expect(verified.verdict.result("document.lost") == "notPerformed")
                withExtendedLifetime(inserted) {}
            }
        }

        @Test("without a card, with a wrong key, and of a card taken away a read is the same problem as a check-in")
        func problems() throws {
            #expect(try read().json(Problem.self).type == "urn:cccd:problem:no-card")
            let card = try TestState.shared.card(.good)
            do {
                let inserted = try CardInReader(card, in: reader)
                let answer = try daemon.ask("/v1/read", body: #"{"personalNumber": "001090054321"}"#)
                #expect(answer.status == 409)
                #expect(try answer.json(Problem.self).type == "urn:cccd:problem:wrong-key")
                withExtendedLifetime(inserted) {}
            }
            let inserted = try CardInReader(card, in: reader, leavingAtCommand: 12)
            #expect(try read().json(Problem.self).type == "urn:cccd:problem:card-removed")
            withExtendedLifetime(inserted) {}
        }

        @Test("a stored image is judged as `cccd verify` does, also as of another day")
        func sameAsCommand() throws {
            let card = try TestState.shared.card(.good)
            let folder = try TemporaryFolder()
            let file = try folder.write(card.image.json, to: "card.json")
            let anchor = try folder.write(TestState.shared.anchor, to: "csca.cer")
            for day in ["2026-01-15", "2062-01-15"] {
                let printed = try PrintedVerdict(
                    CommandLineTool.run("verify", "--json", "--trust", anchor, "--at", day, file).output)
                let answer = try verify(card.image, ", \"at\": \"\(day)\"").json(Answer.self).verdict
                #expect(answer.outcome == printed.outcome)
                #expect(answer.validity == printed.validity)
                for check in printed.checks where check.id != "document.lost" {
                    #expect(answer.result(check.id) == check.result, "\(check.id)")
                    #expect(answer.reason(check.id) == check.reason, "\(check.id)")
                }
            }
        }

        @Test("an image cut short anywhere, or with a byte altered, proves nothing, and the daemon answers on")
        func cut() throws {
            let card = try TestState.shared.card(.good)
            var image = CardImage(files: card.image.files.filter { $0.key != .dg2 })
            let whole = image
            for file in [ElementaryFile.sod, .dg1, .dg13, .dg14] {
                let bytes = try #require(whole[file])
                for count in [0, 1, 2, 3, bytes.count / 2, bytes.count - 1] {
                    image = whole
                    image[file] = Array(bytes.prefix(count))
                    let answer = try verify(image)
                    #expect(answer.status == 200)
                    let verdict = try answer.json(Answer.self)
                    #expect(["unverified", "invalid"].contains(verdict.verdict.outcome), "\(file) \(count)")
                    #expect(verdict.holder?.isProven != true)
                }
                image = whole
                image[file]?[bytes.count / 2] ^= 1
                let verdict = try verify(image).json(Answer.self)
                #expect(["unverified", "invalid"].contains(verdict.verdict.outcome), "\(file)")
            }
            #expect(try verify(whole).json(Answer.self).verdict.outcome == "authenticData")
        }

        @Test("leaves nothing of the holder in the log")
        func log() throws {
            let card = try TestState.shared.card(.good)
            let inserted = try CardInReader(card, in: reader)
            #expect(try read(#", "cardImage": true"#).status == 200)
            #expect(try verify(CardImage(files: card.image.files.filter { $0.key != .dg2 })).status == 200)
            #expect(daemon.stop() == 0)
            let log = try daemon.log
            for secret in ["001090012345", "090012345", "012345", "Nguyễn", "NGUYEN", "1990", "EF_"] {
                #expect(!log.contains(secret), "\(secret)")
            }
            withExtendedLifetime(inserted) {}
        }
    }
}
