import Crypto
import Document
import Foundation
import Simulator
import Testing

@testable import Verifier

/// The batch says of every record what `CardVerifier` says of it.
@Suite("Batch verdicts")
struct BatchVerdictTests {
    private let fixtures: BatchFixtures

    init() throws { fixtures = try BatchFixtures.shared.get() }

    @Test("good cards of several signers and algorithms have CardVerifier's verdicts, nearly all of them remembered")
    func goodCards() throws {
        let records = try fixtures.cards.map { try $0.record }
        let (found, learned) = try fixtures.verdicts(records + records + records)
        #expect(found.map { $0?.outcome } == Array(repeating: .authenticData, count: found.count))
        for (verdict, record) in zip(found, records + records + records) {
            #expect(verdict == fixtures.expected(record))
        }
        #expect(learned >= 2 * records.count)
    }

    @Test("a card with any one byte changed has CardVerifier's verdict", arguments: [0, 1, 2, 3])
    func damagedCards(_ signer: Int) throws {
        let cards = try fixtures.cards.enumerated().filter { $0.offset % 4 == signer }.map { try $0.element.record }
        let victim = cards[0]
        // Every byte of one signer's card is changed, some in several ways; of the others', every fifth.
        var damaged: [[UInt8]] = []
        for index in stride(from: signer, to: victim.count, by: signer == 0 ? 1 : 5) {
            for mask in index.isMultiple(of: 5) ? [UInt8(1), 0x20, 0x80] : [UInt8(1) << UInt8(index % 8)] {
                var record = victim
                record[index] ^= mask
                damaged.append(record)
            }
        }
        let (found, learned) = try fixtures.verdicts(cards + cards + damaged)
        for (index, record) in damaged.enumerated() {
            let verdict = found[2 * cards.count + index]
            #expect(verdict == fixtures.expected(record), "change \(index)")
        }
        #expect(learned >= cards.count)
    }

    @Test("records cut short, joined, reordered and with files left out or doubled have CardVerifier's verdicts")
    func reshapedCards() throws {
        let teachers = try fixtures.cards.map { try $0.record }
        let image = fixtures.cards[0]
        var shaped: [[UInt8]] = stride(from: 0, to: teachers[0].count, by: 37).map { Array(teachers[0].prefix($0)) }
        shaped.append(teachers[0] + teachers[1])
        shaped.append([])
        for file in image.files.keys {
            var part = image
            part[file] = nil
            shaped.append(try part.record)
            var other = image
            other[file] = fixtures.cards[4][file]
            shaped.append(try other.record)
            shaped.append(try image.record + (image[file] ?? []))
        }
        let files = image.files.values.map { $0 }
        for _ in 0..<8 { shaped.append(Array(files.shuffled().joined())) }
        let (found, _) = try fixtures.verdicts(teachers + shaped)
        for (index, record) in shaped.enumerated() {
            #expect(found[teachers.count + index] == fixtures.expected(record), "shape \(index)")
        }
    }

    @Test("cards at other dates have CardVerifier's verdicts: expired cards, expired signers, signers of the future")
    func dates() throws {
        let records = try fixtures.cards.map { try $0.record }
        for year in [2015, 2021, 2024, 2030, 2045, 2049, 2055] {
            let date = try #require(CalendarDate(year: year, month: 7, day: 1)?.noon)
            let (found, _) = try fixtures.verdicts(records + records, date: date)
            for (verdict, record) in zip(found, records + records) {
                #expect(verdict == fixtures.expected(record, date: date))
            }
        }
    }

    @Test("cards of signers that nobody trusts, or of two certificates of one CSCA, have CardVerifier's verdicts")
    func trust() throws {
        let records = try fixtures.cards.map { try $0.record }
        let nobody = CardVerifier(trust: TrustStore())
        let (untrusted, _) = try fixtures.verdicts(records + records, verifier: nobody)
        for (verdict, record) in zip(untrusted, records + records) {
            #expect(verdict == fixtures.expected(record, verifier: nobody))
        }
        var stranger = TrustStore()
        try stranger.add(Certificate(der: TestPKI().countrySigner.certificate))
        let (strange, _) = try fixtures.verdicts(records, verifier: CardVerifier(trust: stranger))
        for (verdict, record) in zip(strange, records) {
            #expect(verdict == fixtures.expected(record, verifier: CardVerifier(trust: stranger)))
        }
    }

    @Test("holders whose data does not agree, or is unusual, have CardVerifier's verdicts")
    func holders() throws {
        var people = CitizenGenerator(seed: 11)
        var records = try fixtures.cards.map { try $0.record }
        let good = records.count
        let changes: [(inout Citizen) -> Void] = [
            { $0.fullName = "Nguyễn  Văn A" }, { $0.fullName = "NGUYỄN VĂN AN" }, { $0.fullName = "Nguyễn Văn-An" },
            { $0.fullName = "Nguye\u{302}\u{303}n Văn An" }, { $0.fullName = "Ольга" }, { $0.fullName = " An" },
            { $0.fullName = "Công Tằng Tôn Nữ Nguyễn Thị Hoàng Phương Thảo" }, { $0.expiryDate = nil },
            { $0.sex = .unspecified }, { $0.sex = $0.sex == .male ? .female : .male },
            { $0.oldNumber = nil }, { $0.spouseName = nil }, { $0.chipSerial = nil }, { $0.religion = "" },
            { $0.residence = String(repeating: "Đường ", count: 60) },
            { $0.birthDate = CalendarDate(year: 1901, month: 1, day: 1) ?? $0.birthDate },
        ]
        for change in changes {
            var citizen = people.next()
            change(&citizen)
            var card = Personalisation(citizen)
            card.dataGroups = [1, 13, 14]
            if let image = try? card.card(signedBy: fixtures.state).image { records.append(try image.record) }
        }
        let (found, _) = try fixtures.verdicts(records + records)
        for (verdict, record) in zip(found, records + records) { #expect(verdict == fixtures.expected(record)) }
        #expect(records.count > good + 10)
    }
}
