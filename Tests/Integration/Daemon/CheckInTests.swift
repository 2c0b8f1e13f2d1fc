import Document
import Foundation
import Simulator
import Testing

extension ThroughPCSC {
    @Suite("Check-in at the daemon")
    struct CheckIn {
        private struct Answer: Decodable {
            struct Holder: Decodable {
                let isProven: Bool
                let personalNumber: String?
                let fullName: String?
            }
            struct Insurance: Decodable {
                let eligible: Bool
                let code: String
            }
            struct Portrait: Decodable {
                let mediaType: String
                let data: Data
            }

            let verdict: PrintedVerdict
            let holder: Holder?
            let insurance: Insurance?
            let insuranceProblem: Problem?
            let portrait: Portrait?
        }

        private struct Problem: Decodable {
            let type: String
        }

        private struct Readers: Decodable {
            struct Reader: Decodable {
                let name: String
                let cardPresent: Bool
            }

            let readers: [Reader]
        }

        private static let question = #"{"personalNumber": "001090012345"}"#

        private let reader: VirtualReader
        private let daemon: RunningDaemon

        init() throws {
            reader = try VirtualReader.shared
            daemon = try RunningDaemon()
        }

        @Test("of a good card proves the holder and answers the insurance")
        func good() throws {
            let card = try TestState.shared.card(.good)
            let inserted = try CardInReader(card, in: reader)
            let answer = try daemon.ask("/v1/check-in", body: Self.question)
            #expect(answer.status == 200)
            let checkIn = try answer.json(Answer.self)
            #expect(["genuine", "authenticData"].contains(checkIn.verdict.outcome))
            #expect(checkIn.verdict.result("holder.consistency") == "passed")
            #expect(checkIn.holder?.isProven == true)
            #expect(checkIn.holder?.fullName == Citizen.demo.fullName)
            #expect(checkIn.insurance?.eligible == true)
            #expect(checkIn.insurance?.code == "valid")
            #expect(checkIn.portrait == nil)
            withExtendedLifetime(inserted) {}
        }

        @Test("answers the portrait when it is asked for")
        func portrait() throws {
            let card = try TestState.shared.card(.good)
            let inserted = try CardInReader(card, in: reader)
            let answer = try daemon.ask(
                "/v1/check-in", body: #"{"personalNumber": "001090012345", "portrait": true}"#)
            let checkIn = try answer.json(Answer.self)
            let group = try #require(card.image[.dg2])
            let face = try #require(try DataGroup2(group.span).images.first)
            #expect(checkIn.portrait?.data == Data(face.bytes))
            #expect(checkIn.portrait?.mediaType == "image/jp2")
            #expect(checkIn.verdict.result("dataGroups.complete") == "passed")
            withExtendedLifetime(inserted) {}
        }

        @Test("of a card with one byte of DG13 altered is invalid by the hash, and asks no insurance")
        func tampered() throws {
            let inserted = try CardInReader(try TestState.shared.card(.tampered), in: reader)
            let answer = try daemon.ask("/v1/check-in", body: Self.question)
            #expect(answer.status == 200)
            let checkIn = try answer.json(Answer.self)
            #expect(checkIn.verdict.outcome == "invalid")
            #expect(checkIn.verdict.result("dataGroups.hash") == "failed")
            #expect(checkIn.holder?.isProven != true)
            #expect(checkIn.insurance == nil)
            #expect(checkIn.insuranceProblem?.type == "urn:cccd:problem:identity-not-proven")
            withExtendedLifetime(inserted) {}
        }

        @Test("of a stranger's card is not proven, by the chain, and asks no insurance")
        func stranger() throws {
            let inserted = try CardInReader(try TestState.shared.card(.stranger), in: reader)
            let checkIn = try daemon.ask("/v1/check-in", body: Self.question).json(Answer.self)
            #expect(["unverified", "invalid"].contains(checkIn.verdict.outcome))
            #expect(checkIn.verdict.result("signer.chain") != "passed")
            #expect(checkIn.holder?.isProven != true)
            #expect(checkIn.insurance == nil)
            withExtendedLifetime(inserted) {}
        }

        @Test("with another person's number is the problem wrong-key")
        func wrongKey() throws {
            let inserted = try CardInReader(try TestState.shared.card(.good), in: reader)
            let answer = try daemon.ask("/v1/check-in", body: #"{"personalNumber": "001090054321"}"#)
            #expect(answer.status == 409)
            #expect(try answer.json(Problem.self).type == "urn:cccd:problem:wrong-key")
            withExtendedLifetime(inserted) {}
        }

        @Test("without a card is the problem no-card")
        func noCard() throws {
            let answer = try daemon.ask("/v1/check-in", body: Self.question)
            #expect(answer.status == 409)
            #expect(try answer.json(Problem.self).type == "urn:cccd:problem:no-card")
        }

        @Test("of a card taken away meanwhile is the problem card-removed, and the next check-in succeeds")
        func removed() throws {
            let card = try TestState.shared.card(.good)
            do {
                let inserted = try CardInReader(card, in: reader, leavingAtCommand: 12)
                let answer = try daemon.ask("/v1/check-in", body: Self.question)
                #expect(answer.status == 409)
                #expect(try answer.json(Problem.self).type == "urn:cccd:problem:card-removed")
                withExtendedLifetime(inserted) {}
            }
            let inserted = try CardInReader(card, in: reader)
            #expect(try daemon.ask("/v1/check-in", body: Self.question).status == 200)
            withExtendedLifetime(inserted) {}
        }

        @Test("is preceded by readers that tell whether a card is there")
        func readers() throws {
            let name = try reader.name()
            let inserted = try CardInReader(try TestState.shared.card(.good), in: reader)
            let full = try daemon.ask("/v1/readers").json(Readers.self)
            #expect(full.readers.first { $0.name == name }?.cardPresent == true)
            try inserted.takeOut()
            let empty = try daemon.ask("/v1/readers").json(Readers.self)
            #expect(empty.readers.first { $0.name == name }?.cardPresent == false)
        }

        @Test("leaves nothing of the holder in the log")
        func log() throws {
            let inserted = try CardInReader(try TestState.shared.card(.good), in: reader)
            #expect(try daemon.ask("/v1/check-in", body: Self.question).status == 200)
            _ = try daemon.ask("/v1/check-in", body: #"{"personalNumber": "001090054321"}"#)
            #expect(daemon.stop() == 0)
            let log = try daemon.log
            #expect(log.contains("started"))
            for secret in ["001090012345", "090012345", "012345", "001090054321", "Nguyễn", "NGUYEN", "1990"] {
                #expect(!log.contains(secret), "\(secret)")
            }
            withExtendedLifetime(inserted) {}
        }

        @Test("ends on SIGTERM with status 0, and the socket is gone")
        func stop() throws {
            #expect(FileManager.default.fileExists(atPath: daemon.socket))
            #expect(daemon.stop() == 0)
            #expect(!FileManager.default.fileExists(atPath: daemon.socket))
        }
    }
}
