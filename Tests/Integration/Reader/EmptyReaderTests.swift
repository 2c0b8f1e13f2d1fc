import CardReader
import Foundation
import Synchronization
import TestSupport
import Testing

extension ThroughPCSC {
    @Suite("An empty reader")
    struct EmptyReader {
        let reader: VirtualReader

        init() throws { reader = try VirtualReader.shared }

        @Test("is listed, and has no card")
        func listed() throws {
            let name = try reader.name()
            let state = try #require(try PCSCContext().readers().first { $0.name == name })
            #expect(!state.isCardPresent)
            #expect(state.atr.isEmpty)
        }

        @Test("cannot be connected to")
        func connect() throws {
            let name = try reader.name()
            #expect(throws: CardReaderError.noCard(reader: name)) { _ = try PCSCContext().connect(reader: name) }
        }

        @Test("is told by cccd read as what it is")
        func command() throws {
            let name = try reader.name()
            let result = try CommandLineTool.run("read", "--personal-number", "001090012345", "--reader", name)
            #expect(result.status == 2)
            #expect(result.output.isEmpty)
            #expect(result.errors.contains("There is no card in the reader"))
            #expect(!result.errors.contains("001090012345"))
        }

        @Test("an unknown reader is told apart from it")
        func unknownReader() throws {
            let result = try CommandLineTool.run("read", "--personal-number", "001090012345", "--reader", "Nobody's")
            #expect(result.status == 2)
            #expect(result.errors.contains("no reader is named Nobody's"))
        }
    }
}

@Suite("Without pcscd")
struct WithoutPCSC {
    @Test("cccd read says that the service is not running")
    func command() throws {
        let socket = try TemporaryFolder().path("nowhere")
        let result = try ShellCommand.run(
            ["PCSCLITE_CSOCK_NAME=\(socket)", CommandLineTool.path, "read", "--personal-number", "001090012345"])
        #expect(result.status == 2)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("pcscd is not running"))
    }

    /// In a process of its own: libpcsclite looks its socket up once.
    @Test("a monitor waits for it and tells nothing, until it is stopped")
    func monitor() async throws {
        await #expect(processExitsWith: .success) {
            setenv("PCSCLITE_CSOCK_NAME", "/nowhere/pcscd.comm", 1)
            let monitor = ReaderMonitor()
            let changes = Mutex<[ReaderChange]>([])
            let end = DispatchGroup()
            end.enter()
            Thread.detachNewThread {
                monitor.follow { change in changes.withLock { $0.append(change) } }
                end.leave()
            }
            try await Task.sleep(for: .milliseconds(600))
            monitor.stop()
            end.wait()
            #expect(changes.withLock { $0 } == [])
            // Once stopped it stays so.
            monitor.follow { change in changes.withLock { $0.append(change) } }
            #expect(throws: CardReaderError.cancelled) { try monitor.nextChange(from: []) }
        }
    }
}
