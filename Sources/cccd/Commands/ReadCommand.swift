import CardReader
import Document
import FoundationEssentials
import Verifier

extension Command {
    /// `cccd read`: reads the chip in a reader.
    static let read = Command(
        name: "read",
        usage: "KEY [--reader NAME] [--no-portrait] [--out FOLDER] [--trust PATH]… [--json] [--lang vi|en]",
        summary: "Read the chip in a reader, judge it, and store its files.",
        options: AccessOptions.all + [
            Option(
                name: "--reader", value: "NAME",
                help: "The reader, or the beginning of its name. Default: the first with a card."),
            Option(
                name: "--no-portrait", value: nil,
                help: "Leave out the portrait, which is most of what there is to read."),
            Option(name: "--out", value: "FOLDER", help: "Store the files there as a card image."),
            Option(
                name: "--trust", value: "PATH", help: "CSCA certificates: a file or a folder. May be repeated.",
                isRepeatable: true),
            Option(name: "--json", value: nil, help: "Print the verdict as one JSON object."),
            LanguageOption.option,
        ],
        notes: "Exit status as of `cccd verify`; 2 also when the chip could not be read.",
        run: ReadCommand.run)
}

enum ReadCommand {
    static func run(_ arguments: Arguments) throws -> ExitStatus {
        _ = try arguments.positional()
        let key = try AccessOptions.key(arguments)
        let language = try LanguageOption.language(arguments)
        let (trust, refusals) = try TrustStore.load(arguments.all("--trust"))
        for refusal in refusals { Console.complain("not trusted: \(refusal.path): \(refusal.reason)") }

        let context = try PCSCContext()
        let reader = try chooseReader(context, wanted: arguments.value("--reader"))
        let card = try context.connect(reader: reader)
        defer { card.close() }
        let meter = ProgressMeter()
        let request = ReadRequest(key: key, files: arguments.has("--no-portrait") ? .withoutPortrait : .everything)
        let read = try ChipReader(channel: card).read(request) { progress in
            meter.show("reading \(progress.file): \(progress.fileBytesRead) of \(progress.fileByteCount) bytes")
        }
        meter.clear()
        report(read)
        if let folder = arguments.value("--out") { try read.image.write(folder: folder) }

        var evidence = Evidence(image: read.image, proofs: read.proofs)
        if case .qr(let text) = key { evidence.qrText = text }
        if case .personalNumber(let number) = key { evidence.personalNumber = number }
        let verdict = CardVerifier(trust: trust).verify(evidence)
        if arguments.has("--json") {
            try Console.printJSON(verdict)
        } else {
            print(VerdictText.lines(of: verdict, language: language).joined(separator: "\n"))
        }
        return ExitStatus(verdict.outcome)
    }

    private static func chooseReader(_ context: PCSCContext, wanted: String?) throws -> String {
        let readers = try context.readers().filter { wanted.map($0.name.hasPrefix) ?? true }
        guard let first = readers.first else {
            guard let wanted else { throw CardReaderError.noReader }
            throw UsageError(description: "no reader is named \(wanted)")
        }
        return (readers.first(where: \.isCardPresent) ?? first).name
    }

    private static func report(_ read: ChipRead) {
        let milliseconds = Int((read.seconds * 1000).rounded())
        Console.note(
            "opened by \(read.access); \(read.image.files.count) files, \(read.byteCount) bytes in \(read.apduCount) APDUs, \(milliseconds) ms"
        )
        for unread in read.unread { Console.note("not read: \(unread)") }
    }
}
