import FoundationEssentials

/// The gateway's codes (maKetQua) that are no decisions about a person.
enum GatewayCode {
    /// The token is not good, or no longer.
    static let notAuthenticated = "401"

    /// Why no decision can be made of the code; nil for those that decide.
    static func fault(_ code: String) -> RegistryError? {
        switch code {
        case "054": .gatewayRefused(code: code, reason: "the officer's personal number is not registered there")
        case "055": .gatewayRefused(code: code, reason: "the officer's name does not fit the personal number")
        case "205": .gatewayRefused(code: code, reason: "a parameter has the wrong form")
        case notAuthenticated: .gatewayRefused(code: code, reason: "the account is not authenticated")
        case "100", "101", "500": .gatewayUnavailable(reason: "its own data or server failed, code \(code)")
        default: nil
        }
    }

    /// The code as it may be shown: three digits, as all of them are.
    static func printable(_ code: String) -> String {
        code.utf8.count == 3 && code.utf8.allSatisfy { decimalDigit($0) != nil } ? code : "unknown"
    }
}

/// The answer of a look-up (KQNhanLichSuKCB2024), without the history of visits, which no decision needs.
struct GatewayAnswer: Sendable, Equatable {
    /// maKetQua, three digits.
    let code: String
    /// What it says about the person; nil where it says nothing.
    let record: InsuranceRecord?
    /// The card that was issued in the place of that one.
    let newRecord: InsuranceRecord?

    /// - Parameter personalNumber: the one asked about, which the answer does not repeat.
    /// - Throws: `gatewayUnavailable` when the answer is not of the published form.
    init(_ body: [UInt8], personalNumber: String?) throws(RegistryError) {
        guard let answer = try? JSONDecoder().decode(Fields.self, from: Data(body)),
            let code = answer.maKetQua?.text, GatewayCode.printable(code) == code
        else { throw .gatewayUnavailable(reason: "its answer cannot be read") }
        self.code = code
        record = Self.record(
            answer, personalNumber, card: answer.maThe, from: answer.gtTheTu, to: answer.gtTheDen,
            facility: answer.maDKBD, facilityName: answer.tenDKBD)
        newRecord = Self.record(
            answer, personalNumber, card: answer.maTheMoi, from: answer.gtTheTuMoi, to: answer.gtTheDenMoi,
            facility: answer.maDKBDMoi ?? answer.maDKBD, facilityName: answer.tenDKBDMoi)
    }

    /// Nil where a field is missing or of the wrong form without which there is no record.
    private static func record(
        _ answer: Fields, _ personalNumber: String?, card: String?, from: String?, to: String?, facility: String?,
        facilityName: String?
    ) -> InsuranceRecord? {
        guard let card = card.flatMap(CardNumber.init), let validFrom = day(from), let name = bounded(answer.hoTen),
            let birth = answer.ngaySinh.flatMap({ DateText($0.text.utf8.span) })
        else { return nil }
        var birthDate: [UInt8] = []
        birth.append(to: &birthDate)
        let sex: String? =
            switch answer.gioiTinh?.text.lowercased() {
            case "nam", "1": "male"
            case "nữ", "nu", "2": "female"
            default: nil
            }
        return InsuranceRecord(
            personalNumber: personalNumber, cardNumber: card, fullName: name,
            birthDate: String(decoding: birthDate, as: UTF8.self), sex: sex, group: nil, level: nil,
            validFrom: validFrom, validTo: day(to), facilityCode: bounded(facility),
            facilityName: bounded(facilityName),
            areaCode: ["K1", "K2", "K3"].first { $0 == answer.maKV?.uppercased() },
            fiveYearsFrom: day(answer.ngayDu5Nam), status: nil)
    }

    private static func day(_ text: String?) -> Day? {
        guard let text, case .day(let day)? = DateText(text.utf8.span) else { return nil }
        return day
    }

    private static func bounded(_ text: String?) -> String? {
        guard let text, (1...512).contains(text.utf8.count) else { return nil }
        return text
    }

    private struct Fields: Decodable {
        let maKetQua: TextOrNumber?
        let maThe, hoTen, maDKBD, tenDKBD, gtTheTu, gtTheDen, maKV, ngayDu5Nam: String?
        let maTheMoi, gtTheTuMoi, gtTheDenMoi, maDKBDMoi, tenDKBDMoi: String?
        let ngaySinh, gioiTinh: TextOrNumber?
    }
}
