import CardReader
import Document
import Foundation
import Simulator
import Testing

extension ThroughPCSC {
    @Suite("Endurance")
    struct Endurance {
        /// Counted in a process of its own, because other tests open files meanwhile.
        @Test("two hundred reads in a row all succeed, and leave no descriptor open and no memory behind")
        func manyReads() async throws {
            _ = try VirtualReader.shared
            await #expect(processExitsWith: .success) {
                let reader = try VirtualReader.shared
                let card = try TestState.shared.card(.good)
                let inserted = try CardInReader(card, in: reader)
                var request = ReadRequest(key: .personalNumber(Citizen.demo.personalNumber), files: .withoutPortrait)
                // What is made once and kept, and the heap's own reserves, are there after some reads.
                for _ in 0..<100 { _ = try inserted.read(request) }
                let before = try ProcessState.now
                for index in 0..<200 {
                    // Every tenth with the portrait.
                    request.files = index % 10 == 0 ? .everything : .withoutPortrait
                    let read = try inserted.read(request)
                    #expect(read.image[.dg13] == card.image[.dg13])
                }
                let after = try ProcessState.settled(downTo: before.descriptors)
                #expect(after.descriptors <= before.descriptors)
                // A leak of one EF.SOD a read would be more than this.
                #expect(after.residentBytes - before.residentBytes < 4 << 20)
            }
        }
    }
}

/// What this process holds.
struct ProcessState {
    let descriptors: Int
    let residentBytes: Int

    /// The state once no more than `descriptors` are open, or after five seconds: a card is let go without waiting for
    /// its thread, which closes the connection to pcscd.
    static func settled(downTo descriptors: Int) throws -> ProcessState {
        for _ in 0..<50 {
            let state = try now
            if state.descriptors <= descriptors { return state }
            Thread.sleep(forTimeInterval: 0.1)
        }
        return try now
    }

    static var now: ProcessState {
        get throws {
            let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
            let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
            return ProcessState(
                descriptors: descriptors, residentBytes: (Int(pages[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))))
        }
    }
}
