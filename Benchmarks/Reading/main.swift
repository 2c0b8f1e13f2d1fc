import CardReader
import Crypto
import Document
import Simulator
import Synchronization
import Verifier

// Reads the virtual card over a modelled link and prints what each read costs; README.md says how to read the table.

/// Time that a link takes, added up instead of waited for.
final class LinkClock: Sendable {
    private let sum = Mutex(0.0)
    var seconds: Double { sum.withLock { $0 } }
    func add(_ seconds: Double) { sum.withLock { $0 += seconds } }
}

/// The virtual card behind the Simulator's slow link.
final class LinkedChannel: CardChannel {
    private let chip: FaultyChip
    private(set) var chipSeconds = 0.0
    /// When the last answer came.
    private(set) var lastAnswer = ContinuousClock.now
    let allowsExtendedLength: Bool
    var atr: [UInt8] { chip.answerToReset }

    init(_ chip: FaultyChip, allowsExtendedLength: Bool) {
        (self.chip, self.allowsExtendedLength) = (chip, allowsExtendedLength)
    }

    func transmit(_ command: [UInt8], deadline: ContinuousClock.Instant?) throws(CardReaderError) -> [UInt8] {
        let start = ContinuousClock.now
        guard let answer = chip.answer(command) else { throw .cardMute() }
        lastAnswer = .now
        chipSeconds += start.duration(to: lastAnswer) / .seconds(1)
        return answer
    }

    func reset(deadline: ContinuousClock.Instant?) throws(CardReaderError) { chip.reset() }
}

struct Row {
    let name: String
    let commands: Int
    let bytes: Int
    let fileBytes: Int
    let link: Double
    let reader: Double
    /// From the last byte of the data to the verdict on it.
    let verdict: Double

    /// Total time over what bytes and commands cost on the link; the chip's own computing apart.
    var ratio: Double { (link + reader) / link }
}

/// A card, the key to it, and what is read of it.
struct Reading {
    let name: String
    let card: PersonalisedCard
    let key: AccessKey
    var files = ReadRequest.Selection.everything
    var allowsExtendedLength = true

    /// The median of 25 reads, for the reader's computing and for the verdict.
    func measure(_ verifier: CardVerifier) throws -> Row {
        let rows = try (0..<25).map { _ in try measureOnce(verifier) }
        let row = rows.sorted { $0.reader < $1.reader }[rows.count / 2]
        let verdict = rows.map(\.verdict).sorted()[rows.count / 2]
        return Row(
            name: name, commands: row.commands, bytes: row.bytes, fileBytes: row.fileBytes, link: row.link,
            reader: row.reader, verdict: verdict)
    }

    private func measureOnce(_ verifier: CardVerifier) throws -> Row {
        let clock = LinkClock()
        let speed = LinkSpeed.contactless
        let chip = try FaultyChip(card, faults: [Fault(.slow(speed))], pause: { clock.add($0) })
        let channel = LinkedChannel(chip, allowsExtendedLength: allowsExtendedLength)
        let start = ContinuousClock.now
        let read = try ChipReader(channel: channel).read(ReadRequest(key: key, files: files))
        let total = start.duration(to: .now) / .seconds(1)
        let verdict = verifier.verify(Evidence(image: read.image, proofs: read.proofs))
        let verdictSeconds = channel.lastAnswer.duration(to: .now) / .seconds(1)
        guard verdict.outcome == .genuine else { throw Failure(description: "\(name): \(verdict.outcome)") }
        return Row(
            name: name, commands: read.apduCount, bytes: read.byteCount,
            fileBytes: read.image.files.values.reduce(0) { $0 + $1.count }, link: clock.seconds,
            reader: total - channel.chipSeconds, verdict: verdictSeconds)
    }
}

struct Failure: Error, CustomStringConvertible {
    let description: String
}

var generator = CitizenGenerator(seed: 9303)
let pki = try TestPKI()
let personalisation = Personalisation(generator.next())

func card(_ offers: [PACEOffer]) throws -> PersonalisedCard {
    var changed = personalisation
    changed.pace = offers
    return try changed.card(signedBy: pki)
}

let usual = try card([.card])
let older = try card([])
let number = AccessKey.personalNumber(usual.citizen.personalNumber)
let printedZone = older.image[.dg1] ?? []
let zone = AccessKey.mrz(try DataGroup1(printedZone.span).mrz.accessFields)
let proving = try card([PACEOffer(mapping: .chipAuthentication)])
let integrated = try card([PACEOffer(mapping: .integrated)])
let integers = try card([PACEOffer(parameterID: 2)])

let readings = [
    Reading(name: "PACE, everything", card: usual, key: number),
    Reading(name: "PACE, without portrait", card: usual, key: number, files: .withoutPortrait),
    Reading(name: "PACE, everything, short APDUs", card: usual, key: number, allowsExtendedLength: false),
    Reading(
        name: "PACE, without portrait, short APDUs", card: usual, key: number, files: .withoutPortrait,
        allowsExtendedLength: false),
    Reading(name: "PACE-CAM, everything", card: proving, key: number),
    Reading(name: "PACE-CAM, without portrait", card: proving, key: number, files: .withoutPortrait),
    Reading(name: "PACE-IM, everything", card: integrated, key: number),
    Reading(name: "PACE over 2048-bit integers, everything", card: integers, key: number),
    Reading(name: "BAC, everything", card: older, key: zone),
    Reading(name: "BAC, without portrait", card: older, key: zone, files: .withoutPortrait),
]

var trust = TrustStore()
try trust.add(Certificate(der: pki.countrySigner.certificate))
let verifier = CardVerifier(trust: trust)

func text(_ seconds: Double) -> String { "\((seconds * 10_000).rounded() / 10) ms" }
print(
    "| read | APDUs | bytes sent and received | bytes of files | link | reader's computing | total / link "
        + "| last byte to verdict |")
print("|---|---|---|---|---|---|---|---|")
var isWithin = true
for reading in readings {
    let row = try reading.measure(verifier)
    let ratio = (row.ratio * 1000).rounded() / 1000
    isWithin = isWithin && row.ratio <= 1.10 && row.verdict <= 0.010
    print(
        "| \(row.name) | \(row.commands) | \(row.bytes) | \(row.fileBytes) | \(text(row.link)) | \(text(row.reader)) "
            + "| \(ratio) | \(text(row.verdict)) |")
}
if !isWithin { print("\nSome row is above 1.10, or above 10 ms.") }
