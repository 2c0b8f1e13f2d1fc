import CardReader
import Document
import FoundationEssentials
import Verifier

extension Command {
    /// `cccd read`: reads the chip in a reader.
    static let read = Command(
        name: "read",
        usage: "KEY [--reader NAME] [--no-portrait] [--time-limit SECONDS] [--patience SECONDS] "
            + "[--terminal-certificates FILE… --terminal-key FILE] [--out FOLDER] [--portrait FILE] [--trust PATH]… [--json] [--lang vi|en]",
        summary: "Read the chip in a reader, judge it, and store its files.",
        options: AccessOptions.all + [
            Option(
                name: "--reader", value: "NAME",
                help: "The reader, or the beginning of its name. Default: the first with a card."),
            Option(
                name: "--no-portrait", value: nil,
                help: "Leave out the portrait, which is most of what there is to read."),
            Option(
                name: "--time-limit", value: "SECONDS",
                help: "How long all of it may take, waiting included. Default: \(defaultTimeLimit)."),
            Option(
                name: "--patience", value: "SECONDS",
                help: "How long to wait for a card that was moved to come back, to go on where the read stopped. "
                    + "Default: \(defaultPatience); 0 gives up at once."),
            Option(
                name: "--terminal-certificates", value: "FILE",
                help: "Card verifiable certificates for reading fingerprints (DG3): link certificates, document "
                    + "verifier, terminal, in any order. May be repeated.",
                isRepeatable: true),
            Option(
                name: "--terminal-key", value: "FILE",
                help: "The private key to the terminal's certificate: PKCS #8, unencrypted, PEM or DER."),
            Option(name: "--out", value: "FOLDER", help: "Store the files there as a card image."),
            Option(
                name: "--portrait", value: "FILE",
                help: "Write the portrait there as PNG or JPEG; only its owner may read it."),
            Option(
                name: "--trust", value: "PATH", help: "CSCA certificates: a file or a folder. May be repeated.",
                isRepeatable: true),
            Option(name: "--json", value: nil, help: "Print the verdict as one JSON object."),
            LanguageOption.option,
        ],
        notes: """
            A card that is moved while it is read is waited for, and known again by what it signed: another card is not \
            read on. A chip that delays its answers, as after wrong keys, is waited for, and the delay told.

            Exit status as of `cccd verify`; 2 also when the chip could not be read, and when the \
            portrait that was asked for could not be written and nothing worse was found.
            """,
        run: ReadCommand.run)
}

private let defaultTimeLimit = 60
private let defaultPatience = 10

enum ReadCommand {
    static func run(_ arguments: Arguments) throws -> ExitStatus {
        _ = try arguments.positional()
        guard arguments.value("--portrait") == nil || !arguments.has("--no-portrait") else {
            throw UsageError(description: "--portrait and --no-portrait contradict each other")
        }
        let key = try AccessOptions.key(arguments)
        let language = try LanguageOption.language(arguments)
        var request = ReadRequest(
            key: key, files: arguments.has("--no-portrait") ? .withoutPortrait : .everything,
            timeLimit: .seconds(try arguments.number("--time-limit", in: 1...3600) ?? defaultTimeLimit))
        request.terminalCredentials = try credentials(arguments)
        let patience = try arguments.number("--patience", in: 0...3600) ?? defaultPatience
        let (trust, refusals) = try TrustStore.load(arguments.all("--trust"))
        for refusal in refusals { Console.complain("not trusted: \(refusal.path): \(refusal.reason)") }

        let context = try PCSCContext()
        let reader = try chooseReader(context, wanted: arguments.value("--reader"))
        let read = try Self.read(request, at: reader, patience: .seconds(patience))
        report(read)
        if let folder = arguments.value("--out") { try read.image.write(folder: folder) }

        var evidence = Evidence(image: read.image, digests: read.digests, proofs: read.proofs)
        if case .qr(let text) = key { evidence.qrText = text }
        if case .personalNumber(let number) = key { evidence.personalNumber = number }
        let verdict = CardVerifier(trust: trust).verify(evidence)
        if arguments.has("--json") {
            try Console.printJSON(verdict)
        } else {
            print(VerdictText.lines(of: verdict, language: language).joined(separator: "\n"))
        }
        let status = ExitStatus(verdict.outcome)
        guard let file = arguments.value("--portrait") else { return status }
        do {
            try PortraitCommand.write(read.image, to: file)
        } catch {
            // The verdict stands by itself: it was printed, and a card that is not genuine stays so.
            Console.complain("\(error)")
            return status == .yes ? .unanswered : status
        }
        return status
    }

    /// Reads the card, and tells on standard error how far it is, and what it waits for.
    private static func read(
        _ request: ReadRequest, at reader: String, patience: Duration
    ) throws(CardReaderError) -> ChipRead {
        let meter = ProgressMeter()
        defer { meter.clear() }
        return try PersistentRead(reader: reader, patience: patience).run(
            request,
            progress: { progress in
                meter.show(
                    "reading \(progress.file): \(progress.fileBytesRead) of \(progress.fileByteCount) bytes, "
                        + "\(progress.bytesRead) bytes in all")
            },
            waiting: { delay in
                let reason = delay.followsWrongKey ? ", as chips do after a wrong key" : ""
                let seconds = delay.elapsed.components.seconds
                if !meter.show("the chip delays its answer\(reason): \(seconds) s; leave the card there"), seconds == 1
                {
                    Console.note("the chip delays its answer\(reason); leave the card there")
                }
            },
            interrupted: { interruption in
                meter.clear()
                Console.note(
                    "\(interruption.cause) Waiting \(patience.components.seconds) s for the same card; "
                        + "\(interruption.byteCount) bytes are kept.")
            })
    }

    /// The rights to fingerprints, where they were given.
    private static func credentials(_ arguments: Arguments) throws -> TerminalCredentials? {
        let certificates = arguments.all("--terminal-certificates")
        guard let key = arguments.value("--terminal-key") else {
            guard certificates.isEmpty else {
                throw UsageError(description: "--terminal-certificates needs --terminal-key")
            }
            return nil
        }
        guard !certificates.isEmpty else {
            throw UsageError(description: "--terminal-key needs --terminal-certificates")
        }
        return try TerminalCredentials(certificateFiles: certificates, privateKeyFile: key)
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
        switch read.terminalAuthentication {
        case .notAsked: break
        case .succeeded: Console.note("the chip accepted the terminal's rights")
        case .notPossible(let reason): Console.note("the terminal's rights could not be shown: \(reason)")
        case .refused(let status, let command):
            Console.note("the chip refused the terminal's rights: \(command), \(status)")
        }
        for unread in read.unread { Console.note("not read: \(unread)") }
    }
}
