import Document
import Foundation
import Testing

@Suite("names")
struct NameTests {
    private static let vowels = "aăâeêioôơuưy"
    private static let tones = ["", "\u{300}", "\u{301}", "\u{309}", "\u{303}", "\u{323}"]

    @Test("every Vietnamese letter loses its marks, composed or not", arguments: Array(vowels))
    func letters(vowel: Character) {
        let base = String(vowel).decomposedStringWithCanonicalMapping.unicodeScalars.first.map {
            String($0).uppercased()
        }
        for tone in Self.tones {
            let letter = String(vowel) + tone
            let forms = [
                letter, letter.precomposedStringWithCanonicalMapping, letter.decomposedStringWithCanonicalMapping,
                letter.uppercased().precomposedStringWithCanonicalMapping,
            ]
            for form in forms {
                #expect(VietnameseName.transliterated(form) == base, "\(form.unicodeScalars.map(\.value))")
            }
        }
    }

    @Test(
        "names are written as the zone writes them",
        arguments: [
            ("Nguyễn Văn An", "NGUYEN<<VAN<AN"), ("ĐẶNG THỊ THÚY", "DANG<<THI<THUY"),
            ("Đỗ  Đình\tĐức ", "DO<<DINH<DUC"),
            ("An", "AN"), ("H’Hen Niê", "HHEN<<NIE"), ("Y Ƀlô Êban", "Y<<BLO<EBAN"), ("Trần-Lê Ánh", "TRAN<<LE<ANH"),
            ("Lý, An", "LY<<AN"),
            ("Ðinh Văn Lý", "DINH<<VAN<LY"),
        ])
    func transliteration(name: String, text: String) {
        #expect(VietnameseName.transliterated(name) == text)
        #expect(VietnameseName.transliterated(name.decomposedStringWithCanonicalMapping) == text)
    }

    @Test(
        "a name with letters of other scripts, or none, has no such form",
        arguments: ["", " ", "王小明", "Nguyễn 2", "An<Bình", "\u{301}"])
    func noForm(name: String) {
        #expect(VietnameseName.transliterated(name) == nil)
    }

    @Test(
        "the zone's name agrees with the same name in full",
        arguments: [
            "Nguyễn Văn An", "NGUYỄN VĂN ÂN", "Nguye\u{302}\u{303}n Va\u{306}n An",
        ])
    func agrees(name: String) throws {
        #expect(try MachineReadableZone(InventedZone.nguyenVanAn).nameAgrees(with: name))
    }

    @Test(
        "the zone's name does not agree with another",
        arguments: [
            "", "Nguyễn Văn", "Nguyễn Văn Anh", "Nguyễn Văn An Bình", "Văn An Nguyễn", "Nguyễn Vân", "王小明",
            "Nguyễn Văn A",
        ])
    func disagrees(name: String) throws {
        #expect(try !MachineReadableZone(InventedZone.nguyenVanAn).nameAgrees(with: name))
    }

    @Test("a cut name agrees with every name that begins so")
    func cut() throws {
        let zone = try MachineReadableZone(InventedZone.congTangTonNu)
        #expect(zone.nameAgrees(with: "Công Tằng Tôn Nữ Thúy Huyền Trang"))
        #expect(zone.nameAgrees(with: "Công Tằng Tôn Nữ Thúy Huyền Trâm Anh"))
        #expect(!zone.nameAgrees(with: "Công Tằng Tôn Nữ Thúy Huyền"))
        #expect(!zone.nameAgrees(with: "Công Tằng Tôn Nữ Thúy Huyền Ngọc"))
        #expect(!zone.nameAgrees(with: "Công Tằng Tôn Nữ Thanh Huyền Trang"))
    }

    @Test("a name cut between two words agrees with the longer name")
    func cutBetweenWords() throws {
        let text = InventedZone.congTangTonNu.replacing("NU<THUY<HUYEN<T", with: "NU<HUYEN<TRANG<")
        let zone = try MachineReadableZone(text)
        #expect(zone.nameAgrees(with: "Công Tằng Tôn Nữ Huyền Trang"))
        #expect(zone.nameAgrees(with: "Công Tằng Tôn Nữ Huyền Trang Anh"))
        #expect(!zone.nameAgrees(with: "Công Tằng Tôn Nữ Huyền"))
        #expect(!zone.nameAgrees(with: "Công Tằng Tôn Nữ Huyền Trân Anh"))
    }
}
