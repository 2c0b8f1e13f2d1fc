import CardReader
import Document
import Foundation
import Simulator
import TestSupport
import Testing

extension ThroughPCSC {
    @Suite("cccd read")
    struct ReadCommandTests {
        private let reader: VirtualReader
        private let folder: TemporaryFolder
        private let number = Citizen.demo.personalNumber.text

        init() throws {
            reader = try VirtualReader.shared
            folder = try TemporaryFolder()
        }

        private func arguments(_ further: String...) throws -> [String] {
            let anchor = folder.path("csca.cer")
            try Data(TestState.shared.anchor).write(to: URL(filePath: anchor))
            return try [CommandLineTool.path, "read", "--personal-number", number, "--reader", reader.name()]
                + ["--trust", anchor, "--json"] + further
        }

        @Test("goes on when the card was moved, says so, and judges it as if nothing had been")
        func moved() throws {
            let card = try TestState.shared.card(.good)
            var inserted: CardInReader? = try CardInReader(card, in: reader, leavingAtCommand: 21)
            let command = try arguments("--patience", "30")
            let result = Shared<ShellCommand.Result>()
            let thread = DispatchGroup()
            thread.enter()
            Thread.detachNewThread {
                result.set(try? ShellCommand.run(command))
                thread.leave()
            }
            try inserted?.waitUntilGone()
            inserted = nil
            inserted = try CardInReader(card, in: reader)
            thread.wait()
            let found = try #require(result.value)
            #expect(found.status == 0, "\(found.errors)")
            #expect(found.errors.contains("Waiting 30 s for the same card"))
            #expect(try PrintedVerdict(found.output).outcome == "genuine")
            #expect(!found.errors.contains(number))
        }

        @Test("without patience ends when the card is taken away")
        func withoutPatience() throws {
            let inserted = try CardInReader(try TestState.shared.card(.good), in: reader, leavingAtCommand: 21)
            let result = try ShellCommand.run(arguments("--patience", "0"))
            #expect(result.status == 2)
            #expect(result.output.isEmpty)
            #expect(result.errors.contains("The card was taken away while it was being read"))
            withExtendedLifetime(inserted) {}
        }

        @Test("shows the State's rights to fingerprints, and stores them with the rest")
        func fingerprints() throws {
            let terminals = try TerminalPKI()
            try terminals.save(to: folder.path("terminal"))
            var personalisation = Personalisation(.demo)
            personalisation.dataGroups.insert(3)
            personalisation.terminalTrust = terminals.trust
            let card = try personalisation.card(signedBy: TestState.shared.state)
            let inserted = try CardInReader(card, in: reader)
            let rights = ["dv", "terminal"].flatMap {
                ["--terminal-certificates", folder.path("terminal/\($0).cvc")]
            }
            let key = ["--terminal-key", folder.path("terminal/terminal.pk8")]

            let with = try ShellCommand.run(arguments("--out", folder.path("with")) + rights + key)
            #expect(with.status == 0, "\(with.errors)")
            #expect(with.errors.contains("the chip accepted the terminal's rights"))
            let stored = try Data(contentsOf: URL(filePath: folder.path("with/EF_DG3.bin")))
            #expect([UInt8](stored) == card.image[.dg3])
            #expect(try PrintedVerdict(with.output).result("dataGroups.complete") == "passed")

            let without = try ShellCommand.run(arguments())
            #expect(without.status == 0, "\(without.errors)")
            #expect(without.errors.contains("EF.DG3: it needs terminal authentication"))
            withExtendedLifetime(inserted) {}
        }

        @Test("writes the portrait where it is asked to, and prints the verdict")
        func portrait() throws {
            let inserted = try CardInReader(try TestState.shared.card(.good), in: reader)
            let file = folder.path("portrait.png")
            let with = try ShellCommand.run(arguments("--portrait", file))
            #expect(with.status == 0, "\(with.errors)")
            #expect(try PrintedVerdict(with.output).outcome == "genuine")
            #expect(try Data(contentsOf: URL(filePath: file)).starts(with: [0x89, 0x50, 0x4E, 0x47]))
            withExtendedLifetime(inserted) {}
        }

        @Test("prints the verdict also when the portrait cannot be written")
        func unreadablePortrait() throws {
            var personalisation = Personalisation(.demo)
            personalisation.portrait = Simulator.Portrait(
                bytes: Array(Simulator.Portrait.placeholder.bytes.prefix(900)), kind: .jpeg2000, width: 360, height: 480
            )
            let card = try personalisation.card(signedBy: TestState.shared.state)
            let inserted = try CardInReader(card, in: reader)
            let file = folder.path("portrait.png")
            let result = try ShellCommand.run(arguments("--portrait", file))
            #expect(result.status == 2)
            #expect(try PrintedVerdict(result.output).outcome == "genuine")
            #expect(result.errors.contains("The portrait is damaged"), "\(result.errors)")
            #expect(!FileManager.default.fileExists(atPath: file))
            withExtendedLifetime(inserted) {}
        }

        @Test("does not leave out the portrait and write it too")
        func contradiction() throws {
            let result = try ShellCommand.run(arguments("--portrait", folder.path("a"), "--no-portrait"))
            #expect(result.status == 2)
            #expect(result.errors.contains("contradict"))
        }

        @Test(
            "asks for terminal certificates and their key together, and for limits that are numbers",
            arguments: [
                ["--terminal-key", "nowhere"], ["--terminal-certificates", "nowhere"], ["--time-limit", "0"],
                ["--patience", "long"],
            ])
        func usage(_ further: [String]) throws {
            let result = try ShellCommand.run(
                [CommandLineTool.path, "read", "--personal-number", number] + further)
            #expect(result.status == 2)
            #expect(result.errors.contains(further[0]))
        }

        @Test("names the file with terminal credentials that it cannot read")
        func credentials() throws {
            let result = try ShellCommand.run(
                [CommandLineTool.path, "read", "--personal-number", number] + [
                    "--terminal-key", folder.path("key"), "--terminal-certificates", folder.path("chain"),
                ])
            #expect(result.status == 2)
            #expect(result.errors.contains(folder.path("chain")))
        }
    }
}

/// A value that another thread sets.
private final class Shared<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var stored: Value?
    var value: Value? { lock.withLock { stored } }
    func set(_ value: Value?) { lock.withLock { stored = value } }
}
