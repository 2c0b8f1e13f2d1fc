import Document
import Foundation

/// The files of a card of nobody: what the holder's data looks like to the checks.
enum InventedCard {
    /// Every value that stands in the files; none may appear in a line about a check.
    static let values = [
        "079090000001", "090000001", "Trần Thị Bưởi", "TRAN", "BUOI", "17/08/1990", "900817", "1990-08-17",
        "Xã Hư Cấu", "Làng Tưởng Tượng", "Nốt ruồi", "Đạo Giả Định", "Trần Văn Tạo", "Lê Thị Tác", "123456789",
        "15/03/2021", "2021-03-15", "17/08/2030", "300817", "2030-08-17",
    ]

    static let qrText = "079190000001|123456789|Trần Thị Bưởi|17081990|Nữ|Xã Hư Cấu|15032021"

    private static let zone = [
        "IDVNM0900000018079090000001<<8", "9008179F3008177VNM<<<<<<<<<<<0", "TRAN<<THI<BUOI<<<<<<<<<<<<<<<<",
    ]

    /// - Parameter isMalformed: Whether DG13 breaks off in the middle.
    static func image(isMalformed: Bool = false) -> CardImage {
        let dg1 = element(0x61, [0x5F, 0x1F, 90] + Array(zone.joined().utf8))
        let texts = [
            (1, "079090000001"), (2, "Trần Thị Bưởi"), (3, "17/08/1990"), (4, "Nữ"), (5, "Việt Nam"), (6, "Kinh"),
            (7, "Đạo Giả Định"), (8, "Làng Tưởng Tượng"), (9, "Xã Hư Cấu"), (10, "Nốt ruồi"), (11, "15/03/2021"),
            (12, "17/08/2030"), (13, "Trần Văn Tạo"), (14, "Lê Thị Tác"), (15, "123456789"),
        ]
        var fields = texts.flatMap { number, text in
            element(0x30, element(0x02, [UInt8(number)]) + element(0x0C, Array(text.utf8)))
        }
        if isMalformed { fields += element(0x30, element(0x02, [1]) + element(0x0C, Array("079090000001".utf8))) }
        return CardImage(files: [.dg1: dg1, .dg13: element(0x6D, element(0x30, fields))])
    }

    private static func element(_ tag: Tag, _ content: [UInt8]) -> [UInt8] { TLVEncoder.element(tag, content) }
}
