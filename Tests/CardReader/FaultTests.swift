import Crypto
import Document
import Testing

@testable import CardReader

/// One thing that goes wrong at one command of a read.
enum Fault: String, CaseIterable, Sendable {
    case removed, reset, mute, empty, oneByte, statusAlone, plainData, bitFlipped, cutOff, replayed, another, endless

    /// What the terminal gets instead of `answer`.
    func apply(to answer: [UInt8], previous: [UInt8]) throws(CardReaderError) -> [UInt8] {
        switch self {
        case .removed: throw .cardRemoved()
        case .reset: throw .cardReset()
        case .mute: throw .cardMute()
        case .empty: return []
        case .oneByte: return [0x90]
        case .statusAlone: return [0x90, 0x00]
        case .plainData: return [0x6D, 0x03, 0x01, 0x02, 0x03, 0x90, 0x00]
        case .bitFlipped: return answer.enumerated().map { $0 == answer.count / 2 ? $1 ^ 0x10 : $1 }
        case .cutOff: return Array(answer.prefix(answer.count / 2)) + [0x90, 0x00]
        case .replayed: return previous
        case .another: return [0x6F, 0x00]
        case .endless: return [0x61, 0xFF]
        }
    }
}

@Suite("Whatever goes wrong at whichever command")
struct FaultTests {
    private static let files = Sample.files.filter { [.com, .sod, .dg1, .dg13].contains($0.key) }

    /// A whole read with `fault` at command `index`; nil once the read has fewer commands.
    private static func read(
        _ fault: Fault?, at index: Int, key: AccessKey, offersPACE: Bool
    ) throws -> (result: Result<ChipRead, CardReaderError>, wasHit: Bool) {
        let chip = try Sample.chip(cardAccess: offersPACE ? Sample.cardAccess : nil, files: files)
        var previous: [UInt8] = [0x90, 0x00]
        var wasHit = false
        chip.tamper = { (count, _, answer) throws(CardReaderError) in
            defer { previous = answer }
            guard let fault, count == index else { return answer }
            wasHit = true
            return try fault.apply(to: answer, previous: previous)
        }
        do throws(CardReaderError) {
            return (.success(try ChipReader(channel: chip).read(ReadRequest(key: key))), wasHit)
        } catch {
            return (.failure(error), wasHit)
        }
    }

    @Test(
        "no wrong byte is taken for the chip's, and every failure has a name", arguments: Fault.allCases, [true, false])
    func fault(_ fault: Fault, offersPACE: Bool) throws {
        let key = AccessKey.mrz(try #require(Sample.fields))
        var index = 0
        while true {
            let (result, wasHit) = try Self.read(fault, at: index, key: key, offersPACE: offersPACE)
            guard wasHit else { break }
            switch result {
            case .success(let read):
                // What was read under protection is right; EF.CardAccess comes in the clear and is compared with DG14 later.
                for (file, content) in read.image.files where file != .cardAccess {
                    #expect(content == Sample.files[file], "\(fault) at \(index): \(file)")
                }
            case .failure(let error):
                #expect(!error.description.isEmpty)
                if fault == .removed { #expect(error.cause == .cardRemoved()) }
                if fault == .reset { #expect(error.cause == .cardReset()) }
            }
            index += 1
        }
        #expect(index > 10)
    }

    @Test("a card that is taken away ends the read at once", arguments: 0..<12)
    func removed(_ index: Int) throws {
        let key = AccessKey.mrz(try #require(Sample.fields))
        let (result, _) = try Self.read(.removed, at: index, key: key, offersPACE: true)
        guard case .failure(let error) = result, error.cause == .cardRemoved() else {
            Issue.record("\(result)")
            return
        }
    }
}
