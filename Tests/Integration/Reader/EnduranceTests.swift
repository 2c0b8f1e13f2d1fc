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
                let request = ReadRequest(key: .personalNumber(Citizen.demo.personalNumber))
                // What is made once and kept, and the heap's own reserves, are there after some reads.
                for _ in 0..<100 { _ = try inserted.read(request) }
                let before = try ProcessState.now
                for _ in 0..<200 {
                    let read = try inserted.read(request)
                    #expect(read.image == card.image)
                }
                let after = try ProcessState.settled(downTo: before.descriptors)
                #expect(after.descriptors <= before.descriptors)
                // Half a mebibyte is usual; the files of every read, kept, would be more than three.
                if !ProcessState.isUnderSanitizer {
                    #expect(after.residentBytes < before.residentBytes + 2 << 20)
                }
            }
        }
    }
}

/// What this process holds.
struct ProcessState {
    let descriptors: Int
    let residentBytes: Int

    /// Sanitizers keep what was freed, to find who uses it afterwards.
    static var isUnderSanitizer: Bool {
        dlsym(nil, "__asan_init") != nil || dlsym(nil, "__tsan_init") != nil
    }

    /// The state once no more than `descriptors` are open, or after the patience: a card is let go without waiting for
    /// its thread, which closes the connection to pcscd.
    static func settled(downTo descriptors: Int, patience seconds: Int = 5) throws -> ProcessState {
        for _ in 0..<seconds * 10 {
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
