import CardReader
import Document
import Simulator

// Reads the virtual card over a modelled link and prints what each read costs; README.md says how to read the table.

/// What a contactless link takes: its bit rate, and the time that a command costs however short it is.
struct Link {
    let bitsPerSecond: Double
    let secondsPerCommand: Double
}

/// The virtual card behind a link that accounts for its time instead of taking it.
final class AccountedChannel: CardChannel {
    private let card: VirtualCard
    private let link: Link
    private(set) var linkSeconds = 0.0
    private(set) var cardSeconds = 0.0
    let allowsExtendedLength: Bool
    var atr: [UInt8] { card.answerToReset }

    init(_ card: VirtualCard, _ link: Link, allowsExtendedLength: Bool) {
        (self.card, self.link, self.allowsExtendedLength) = (card, link, allowsExtendedLength)
    }

    func transmit(_ command: [UInt8], deadline: ContinuousClock.Instant?) throws(CardReaderError) -> [UInt8] {
        let start = ContinuousClock.now
        guard let answer = card.answer(command) else { throw .cardMute() }
        cardSeconds += start.duration(to: .now) / .seconds(1)
        linkSeconds += link.secondsPerCommand + Double(8 * (command.count + answer.count)) / link.bitsPerSecond
        return answer
    }

    func reset(deadline: ContinuousClock.Instant?) throws(CardReaderError) { card.reset() }
}

struct Row {
    let name: String
    let commands: Int
    let bytes: Int
    let fileBytes: Int
    let link: Double
    let reader: Double

    /// Total time over what bytes and commands cost on the link; the chip's own computing apart.
    var ratio: Double { (link + reader) / link }
}

/// The read whose computing took the median time of 25.
func measure(
    _ name: String, _ card: PersonalisedCard, key: AccessKey, files: ReadRequest.Selection, extended: Bool
) throws -> Row {
    let rows = try (0..<25).map { _ in try measureOnce(name, card, key: key, files: files, extended: extended) }
    return rows.sorted { $0.reader < $1.reader }[rows.count / 2]
}

func measureOnce(
    _ name: String, _ card: PersonalisedCard, key: AccessKey, files: ReadRequest.Selection, extended: Bool
) throws -> Row {
    let link = Link(bitsPerSecond: 424_000, secondsPerCommand: 0.002)
    let channel = AccountedChannel(VirtualCard(card), link, allowsExtendedLength: extended)
    let start = ContinuousClock.now
    let read = try ChipReader(channel: channel).read(ReadRequest(key: key, files: files))
    let total = start.duration(to: .now) / .seconds(1)
    return Row(
        name: name, commands: read.apduCount, bytes: read.byteCount,
        fileBytes: read.image.files.values.reduce(0) { $0 + $1.count }, link: channel.linkSeconds,
        reader: total - channel.cardSeconds)
}

var generator = CitizenGenerator(seed: 9303)
let pki = try TestPKI()
let personalisation = Personalisation(generator.next())
let card = try personalisation.card(signedBy: pki)
var withoutPACE = personalisation
withoutPACE.pace = []
let older = try withoutPACE.card(signedBy: pki)

let number = AccessKey.personalNumber(card.citizen.personalNumber)
let printedZone = older.image[.dg1] ?? []
let zone = AccessKey.mrz(try DataGroup1(printedZone.span).mrz.accessFields)
let rows = [
    try measure("PACE, everything", card, key: number, files: .everything, extended: true),
    try measure("PACE, without portrait", card, key: number, files: .withoutPortrait, extended: true),
    try measure("PACE, everything, short APDUs", card, key: number, files: .everything, extended: false),
    try measure("PACE, without portrait, short APDUs", card, key: number, files: .withoutPortrait, extended: false),
    try measure("BAC, everything", older, key: zone, files: .everything, extended: true),
    try measure("BAC, without portrait", older, key: zone, files: .withoutPortrait, extended: true),
]

func text(_ seconds: Double) -> String { "\((seconds * 10_000).rounded() / 10) ms" }
print("| read | APDUs | bytes sent and received | bytes of files | link | reader's computing | total / link |")
print("|---|---|---|---|---|---|---|")
for row in rows {
    let ratio = (row.ratio * 1000).rounded() / 1000
    print(
        "| \(row.name) | \(row.commands) | \(row.bytes) | \(row.fileBytes) | \(text(row.link)) | \(text(row.reader)) | \(ratio) |"
    )
}
