/// Invented insured people, the same for the same seed: a CSV line each, in the registry's column names.
struct InventedPeople {
    static let header =
        "personalNumber,cardNumber,fullName,birthDate,sex,validFrom,validTo,facilityCode,facilityName,areaCode,fiveYearsFrom,parentPersonalNumber,status\n"

    private var random: SplitMix64
    private static let provinces = ["001", "019", "031", "038", "040", "048", "056", "074", "079", "092"]
    private static let families = [
        "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý",
    ]
    private static let middles = ["Văn", "Thị", "Hữu", "Đức", "Minh", "Thanh", "Quang", "Ngọc", "Bảo", "Gia"]
    private static let givens = [
        "An", "Bình", "Chi", "Dũng", "Giang", "Hà", "Hạnh", "Hùng", "Huệ", "Khánh", "Lan", "Linh", "Long", "Mai", "Nam",
        "Nga", "Phúc", "Quân", "Sơn", "Thảo", "Trang", "Tuấn", "Vân", "Yến",
    ]
    private static let groups = ["DN4", "GD4", "HT3", "HN2", "CC1", "HC4", "SV4", "BT2", "CN3"]

    init(seed: UInt64) { random = SplitMix64(state: seed) }

    /// The personal number of person `index`: no two have the same, and they come in no order, as in real files.
    static func personalNumber(_ index: Int) -> String {
        let year = 1940 + index % 80
        let century = year < 2000 ? index / 80 % 2 : 2 + index / 80 % 2
        // Multiplying by a unit modulo 10^6 visits every six-digit number once.
        let serial = index / 80 * 387_421 % 1_000_000
        return provinces[index % provinces.count] + "\(century)" + padded(year % 100, 2) + padded(serial, 6)
    }

    /// The line of person `index`.
    mutating func line(_ index: Int) -> String {
        let number = Self.personalNumber(index)
        let sex = (index / 80) % 2 == 0 ? "Nam" : "Nữ"
        let name = "\(pick(Self.families)) \(pick(Self.middles)) \(pick(Self.givens))"
        let birth = "\(padded(1 + below(28), 2))/\(padded(1 + below(12), 2))/\(1940 + index % 80)"
        let card = pick(Self.groups) + number.prefix(3).suffix(2) + padded(index, 10)
        let facility = below(900)
        let validFrom = "01/\(padded(1 + below(12), 2))/\(2023 + below(3))"
        return
            "\(number),\(card),\(name),\(birth),\(sex),\(validFrom),31/12/\(2026 + below(3)),\(padded(1000 + facility, 5)),Bệnh viện số \(facility),,01/01/\(2018 + below(10)),,\n"
    }

    private mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

    private mutating func pick(_ choices: [String]) -> String { choices[below(choices.count)] }
}

/// Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014.
struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

private func padded(_ number: Int, _ width: Int) -> String {
    let text = String(number)
    return text.count >= width ? text : String(repeating: "0", count: width - text.count) + text
}
