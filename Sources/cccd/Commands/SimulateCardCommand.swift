import Document
import Simulator
import Verifier

extension Command {
    /// `cccd simulate card`: holds a virtual card in a virtual reader.
    static let simulateCard = Command(
        name: "simulate card",
        usage: "--pki FOLDER [--port N] [--access both|pace|bac] [--seed N] [--fault FAULT]… [--out FOLDER]",
        summary: "Hold a virtual card in a virtual reader until stopped.",
        options: [
            Option(name: "--pki", value: "FOLDER", help: "Who signs the card; `cccd simulate pki` makes it."),
            Option(name: "--port", value: "N", help: "The port on which the virtual reader listens. Default: 35963."),
            Option(
                name: "--access", value: "NAME", help: "Which protocols open the chip: both (default), pace or bac."),
            Option(
                name: "--pace", value: "NAME",
                help: "A way of PACE as gm-13-aes128: gm, im or cam; 0-2 or 8-18; 3des, aes128, aes192 or aes256.",
                isRepeatable: true),
            Option(
                name: "--active-authentication", value: "KEY",
                help: "Give the chip a key for active authentication: ec or rsa."),
            Option(
                name: "--terminals", value: "FOLDER",
                help: "Hold DG3 for the terminals of FOLDER; `cccd simulate pki --terminals` makes it."),
            Option(name: "--seed", value: "N", help: "Make up another holder; without it the holder is the demo's."),
            Option(
                name: "--tamper", value: "FILE:OFFSET", help: "Alter one byte after signing, as EF_DG13:60.",
                isRepeatable: true),
            Option(
                name: "--fault", value: "FAULT", help: "Misbehave; the faults are listed below.", isRepeatable: true),
            Option(name: "--out", value: "FOLDER", help: "Store the card's files there and end, without a reader."),
        ],
        notes: """
            The virtual reader is Debian's vsmartcard-vpcd in pcscd. The demo's holder, who is invented, has the personal
            number 001090012345. Ends when it is told to or when the reader goes away.

            Faults. N is the number of a command, from 0; without @N every command is meant, with @N+ that and all after it.
            What a reader must make of each is told in docs/simulator.md.

            """ + FaultyCardOption.help,
        run: SimulateCardCommand.run)
}

enum SimulateCardCommand {
    static func run(_ arguments: Arguments) throws -> ExitStatus {
        _ = try arguments.positional()
        let port = try arguments.number("--port", in: 1...65_535).flatMap { UInt16(exactly: $0) }
        let card = try card(arguments)
        if let folder = arguments.value("--out") {
            try card.image.write(folder: folder)
            return .yes
        }
        let address = port.map { VirtualReaderConnection.Address(port: $0) } ?? .first
        // The card that comes in this one's place is the same holder's, issued anew.
        let chip = try FaultyCardOption.chip(card, arguments) { try self.card(arguments) }
        Console.note("card of \(card.citizen.personalNumber.text) in the reader at port \(address.port)")
        while true {
            switch try VirtualReaderConnection(to: address, chip: chip).run() {
            case .stopped: return .yes
            case .left: Console.note("the card was taken away, and is laid on again")
            case .failed(let error): throw error
            }
        }
    }

    private static func card(_ arguments: Arguments) throws -> PersonalisedCard {
        guard let folder = arguments.value("--pki") else { throw UsageError(description: "--pki is missing") }
        var citizen = Citizen.demo
        if let seed = try arguments.number("--seed", in: 0...Int.max) {
            var generator = CitizenGenerator(seed: UInt64(seed))
            citizen = generator.next()
        }
        var personalisation = Personalisation(citizen)
        switch arguments.value("--access") ?? "both" {
        case "both": break
        case "pace": personalisation.acceptsBasicAccessControl = false
        case "bac": personalisation.pace = []
        default: throw UsageError(description: "--access must be both, pace or bac")
        }
        let offers = try arguments.all("--pace").map(FaultyCardOption.offer)
        if !offers.isEmpty { personalisation.pace = offers }
        switch arguments.value("--active-authentication") {
        case nil: break
        case "ec":
            personalisation.activeAuthentication = try ActiveAuthenticationKey(
                new: .ec(.brainpoolP256r1), digest: .sha256)
        case "rsa":
            personalisation.activeAuthentication = try ActiveAuthenticationKey(new: .rsa(bits: 2048), digest: .sha256)
        default: throw UsageError(description: "--active-authentication must be ec or rsa")
        }
        if personalisation.activeAuthentication != nil { personalisation.dataGroups.insert(15) }
        if let folder = arguments.value("--terminals") {
            personalisation.dataGroups.insert(3)
            personalisation.terminalTrust = try TerminalTrust(folder: folder)
        }
        var card = try personalisation.card(signedBy: try TestPKI(folder: folder))
        for place in arguments.all("--tamper") {
            let parts = place.split(separator: ":").map(String.init)
            guard parts.count == 2, let file = ElementaryFile(name: parts[0]), let offset = Int(parts[1]) else {
                throw UsageError(description: "--tamper must be as EF_DG13:60")
            }
            try card.tamper(with: file, at: offset)
        }
        return card
    }
}
