import CardReader
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
}
